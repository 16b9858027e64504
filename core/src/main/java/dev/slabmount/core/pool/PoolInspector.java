package dev.slabmount.core.pool;

import dev.slabmount.core.inspect.QuietAudit;
import dev.slabmount.core.inspect.SlotLines;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import java.io.IOException;
import java.util.List;

/**
 * Looks into a pool: prints the header of every slot that is taken, and audits whether all parts of
 * the pool agree.
 *
 * <p>For people, tests and debuggers. <b>Only a quiet pool</b>, that is one that nobody calls
 * meanwhile, makes sense to an observer that takes no lock: {@link #audit} notices if something
 * happened while it looked, and then says only that. {@link #print} shows each header as it was at
 * some moment during the call.
 *
 * <p>Any thread. Counts nothing, pins nothing, changes no block; {@link #audit} only has blocks
 * that were chosen for eviction, and not evicted yet, put back where the policy keeps them. A look
 * costs about as much as there are slots in the pool, taken or not. The pool must not be closed
 * meanwhile, which would end a look with {@link MemoryPoolException.PoolClosed}.
 */
public final class PoolInspector {
  private final ShardedMemoryPool pool;

  /**
   * For this pool.
   *
   * @throws IllegalArgumentException if it was not made by {@link MemoryPool#create}
   */
  public PoolInspector(final MemoryPool pool) {
    if (!(pool instanceof final ShardedMemoryPool sharded)) {
      throw new IllegalArgumentException("not a pool of MemoryPool.create: " + pool);
    }
    this.pool = sharded;
  }

  /**
   * What an audit found.
   *
   * @param quiet whether nothing happened in the pool while it was looked at; if something did,
   *     {@code findings} says what, and nothing else
   * @param findings a line for each thing that is not as it must be, without a line feed
   */
  public record Audit(boolean quiet, List<String> findings) {
    /** Whether the pool was quiet and all of it agrees. */
    public boolean isSound() {
      return quiet && findings.isEmpty();
    }
  }

  /**
   * Audits the pool: every slot that is taken holds a block that can be found by its key and only
   * by it, or is held by somebody; what is free is free for all parts; the figures of {@link
   * MemoryPool#stats} are the sums over the slots.
   *
   * @param openPins how many handles and tokens are open; more pins than these are leaked
   */
  public Audit audit(final long openPins) {
    try {
      return new QuietAudit(pool, openPins).run();
    } catch (final IllegalStateException e) { // The headers are unmapped.
      throw new MemoryPoolException.PoolClosed();
    }
  }

  /**
   * Prints the pool's figures, and a line for every slot that is not free.
   *
   * @throws IOException if {@code out} does
   */
  public void print(final Appendable out) throws IOException {
    try {
      SlotLines.print(pool, out);
    } catch (final IllegalStateException e) { // The headers are unmapped.
      throw new MemoryPoolException.PoolClosed();
    }
  }
}
