package dev.slabmount.bench.pool;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.slab.SlabRegion;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * How one would build it with a well-kept cache: Caffeine maps a key to a slot of 64 KiB off the
 * heap, whose references are counted, because an entry may be evicted while somebody copies from
 * its slot. The cache has one reference, each reader another; whoever drops the last one gives the
 * slot back. The memory is reserved and advised as the pool's own is. Caffeine does its bookkeeping
 * on the calling thread, so that no other thread takes processors from the two that are measured.
 *
 * <p>Any thread; closed when nobody uses it any more.
 */
final class CaffeineBlocks implements AutoCloseable {
  private final SlabRegion region;
  private final ConcurrentLinkedQueue<Slot> free = new ConcurrentLinkedQueue<>();
  private final Cache<Key, Slot> cache;

  /**
   * A block of content. It hashes itself: what a record does by default adds up its parts times 31,
   * and so gives two blocks of the set the same hash on the average, which Caffeine's table cannot
   * undo.
   */
  private record Key(long high, long low, int block) {
    @Override
    public int hashCode() {
      return (int) KeyHash.ofBlock(false, high, low, block);
    }
  }

  /** A place for one block. */
  static final class Slot {
    private static final VarHandle REFERENCES;

    static {
      try {
        REFERENCES = MethodHandles.lookup().findVarHandle(Slot.class, "references", int.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final long address;

    @SuppressWarnings("unused") // through REFERENCES
    private volatile int references;

    Slot(long address) {
      this.address = address;
    }

    /** Where it begins. */
    long address() {
      return address;
    }

    private boolean retain() {
      int seen = (int) REFERENCES.getAcquire(this);
      while (seen > 0) {
        int found = (int) REFERENCES.compareAndExchange(this, seen, seen + 1);
        if (found == seen) {
          return true;
        }
        seen = found;
      }
      return false;
    }

    private boolean release() {
      return (int) REFERENCES.getAndAdd(this, -1) == 1;
    }

    private void first() {
      REFERENCES.setRelease(this, 1);
    }
  }

  /** A cache of so many blocks; an eighth more slots, for those that are held while they go. */
  CaffeineBlocks(int blocks) {
    int slots = blocks + blocks / 8;
    region = new SlabRegion((long) slots * Pools.BLOCK_BYTES, Draws.PAGE_BYTES, true);
    for (int i = 0; i < slots; i++) {
      free.add(new Slot(region.blocks().address() + (long) i * Pools.BLOCK_BYTES));
    }
    cache =
        Caffeine.newBuilder()
            .maximumSize(blocks)
            .initialCapacity(blocks)
            .executor(Runnable::run)
            .removalListener(this::removed)
            .build();
  }

  private void removed(@Nullable Key key, @Nullable Slot slot, RemovalCause cause) {
    if (slot != null) {
      release(slot);
    }
  }

  /** The slot of a block, with one more reference; null if it is absent. */
  @Nullable Slot acquire(long high, long low, int block) {
    Slot slot = cache.getIfPresent(new Key(high, low, block));
    return slot != null && slot.retain() ? slot : null;
  }

  /** Gives up a reference. */
  void release(Slot slot) {
    if (slot.release()) {
      free.add(slot);
    }
  }

  /** Puts a block in; its bytes are the caller's to write before. */
  void put(long high, long low, int block) {
    Slot slot = free.poll();
    if (slot == null) {
      throw new IllegalStateException("no slot is free: all are held by readers");
    }
    Memory.ALL.asSlice(slot.address(), Pools.BLOCK_BYTES).fill((byte) 1);
    slot.first();
    cache.put(new Key(high, low, block), slot);
  }

  @Override
  public void close() {
    region.close();
  }
}
