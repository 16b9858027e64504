package dev.slabmount.core.index;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.block.KeyProof;
import dev.slabmount.core.slab.ShortWait;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.StampedLock;
import org.agrona.collections.IntArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One part of the index, with its own lock. What is linked here is live, and what is live is linked
 * in exactly one shard.
 *
 * <p><b>Any thread, under the lock.</b> {@link #find} and {@link #holds} need it for reading, all
 * else for writing. Readers do not exclude each other and pay two atomic adds. The map must not be
 * read without the lock: beside a writer it can miss keys, return other keys' values or never
 * return.
 */
public final class IndexShard {
  /** The slot number of no slot. */
  public static final int ABSENT = -1;

  private final HeaderWords words;
  private final BlockHeaders headers;
  private final StampedLock lock = new StampedLock();

  /** While it is above zero, readers let writers go first: tryReadLock alone would starve them. */
  private final AtomicInteger writersWaiting = new AtomicInteger();

  private final RefMap buckets = new RefMap();

  /** In front of the map: read without the lock, changed together with the map. */
  private final SlotHints hints;

  /** This shard's number, for the hints. */
  private final int number;

  private final KeyProof proof;

  IndexShard(
      final HeaderWords words,
      final BlockHeaders headers,
      final SlotHints hints,
      final int number) {
    this.words = words;
    this.headers = headers;
    this.hints = hints;
    this.number = number;
    this.proof = new KeyProof(words, headers);
  }

  // ---- Without the lock ----

  /**
   * Whether the key is certainly not listed, found out without the lock. False means nothing: the
   * key may be there, or the shard was changed meanwhile.
   */
  public boolean isAbsent(
      final long hash, final boolean inodeKeyed, final long high, final long low, final int block) {
    final long stamp = lock.tryOptimisticRead();
    if (stamp == 0 || !hints.isComplete(number)) {
      return false;
    }
    for (long hint = hints.first(hash); hint != SlotHints.NONE; hint = hints.next(hash, hint)) {
      if (proof.holds(hint, inodeKeyed, high, low, block)) {
        return false;
      }
    }
    return lock.validate(stamp); // E12: no writer was here, so what we saw is what the map lists.
  }

  // ---- The lock ----

  /** Takes the lock for reading; returns the stamp for {@link #unlockRead}. */
  public long lockRead() {
    int looks = 0;
    do {
      if (writersWaiting.get() == 0) {
        final long stamp = lock.tryReadLock(); // Allocates nothing, unlike a wait.
        if (stamp != 0) {
          return stamp;
        }
      }
    } while (ShortWait.pause(looks++));
    return lock.readLock();
  }

  /** Releases the lock for reading. */
  public void unlockRead(final long stamp) {
    lock.unlockRead(stamp);
  }

  /** Takes the lock for writing; returns the stamp for {@link #unlockWrite}. */
  public long lockWrite() {
    final long stamp = lock.tryWriteLock();
    return stamp != 0 ? stamp : lockWriteContended();
  }

  private long lockWriteContended() {
    writersWaiting.incrementAndGet();
    try {
      final long stamp = tryLockWrite();
      return stamp != 0 ? stamp : lock.writeLock();
    } finally {
      writersWaiting.decrementAndGet();
    }
  }

  /** Takes the lock for writing if it is free now or in a moment; else returns 0. */
  public long tryLockWrite() {
    int looks = 0;
    do {
      final long stamp = isLocked() ? 0 : lock.tryWriteLock();
      if (stamp != 0) {
        return stamp;
      }
    } while (ShortWait.pause(looks++));
    return 0;
  }

  private boolean isLocked() {
    return lock.isWriteLocked() || lock.isReadLocked();
  }

  /** Releases the lock for writing. */
  public void unlockWrite(final long stamp) {
    lock.unlockWrite(stamp);
  }

  // ---- Under the lock ----

  /** The slot that holds this key, or {@link #ABSENT}. The whole key is compared. */
  public int find(
      final long hash, final boolean inodeKeyed, final long high, final long low, final int block) {
    if (!hints.isComplete(number)) {
      return findInMap(hash, inodeKeyed, high, low, block);
    }
    // Nobody changes them now, and whoever comes here has just looked at them: the map is farther.
    for (long hint = hints.first(hash); hint != SlotHints.NONE; hint = hints.next(hash, hint)) {
      if (proof.holds(hint, inodeKeyed, high, low, block)) {
        return SlotHints.slot(hint);
      }
    }
    return ABSENT;
  }

  private int findInMap(
      final long hash, final boolean inodeKeyed, final long high, final long low, final int block) {
    for (SlotRef ref = buckets.get(hash); ref != null; ref = ref.nextInBucket) {
      if (headers.isKey(ref.slot, high, low, block)
          && BlockWord.has(words.wordAcquire(ref.slot), BlockWord.INODE_KEYED) == inodeKeyed) {
        return ref.slot;
      }
    }
    return ABSENT;
  }

  /** Whether the slot is linked here under this hash. */
  public boolean holds(final long hash, final int slot) {
    for (SlotRef ref = buckets.get(hash); ref != null; ref = ref.nextInBucket) {
      if (ref.slot == slot) {
        return true;
      }
    }
    return false;
  }

  /** Takes the heap that linking one more slot may need. */
  void makeRoom() {
    while (hints.isFull(number)) {
      growHints();
    }
    buckets.makeRoom();
  }

  /** Links a slot, after {@link #makeRoom}. */
  void link(final long hash, final SlotRef ref) {
    assert !holds(hash, ref.slot) : "slot " + ref.slot + " is linked twice";
    hints.add(hash, ref.slot);
    ref.nextInBucket = buckets.put(hash, ref);
  }

  SlotRef unlink(final long hash, final int slot) {
    SlotRef before = null;
    for (SlotRef ref = buckets.get(hash); ref != null; ref = ref.nextInBucket) {
      if (ref.slot == slot) {
        hints.remove(hash, slot);
        cutOut(hash, ref, before);
        ref.nextInBucket = null;
        return ref;
      }
      before = ref;
    }
    throw new AssertionError("slot " + slot + " is not linked");
  }

  /** Links a slot in place of another one; returns that one's reference. */
  SlotRef replace(final long hash, final int old, final SlotRef ref) {
    final SlotRef oldRef = unlink(hash, old);
    link(hash, ref); // In the room that was left.
    return oldRef;
  }

  private void growHints() {
    final SlotHints.Rebuild rebuild = hints.rebuild(number);
    buckets.forEach((hash, head) -> {
      for (SlotRef ref = head; ref != null; ref = ref.nextInBucket) {
        rebuild.add(hash, ref.slot);
      }
    });
    rebuild.finish();
  }

  private void cutOut(final long hash, final SlotRef ref, final @Nullable SlotRef before) {
    final SlotRef next = ref.nextInBucket;
    if (before != null) {
      before.nextInBucket = next;
    } else if (next != null) {
      buckets.put(hash, next);
    } else {
      buckets.remove(hash);
    }
  }

  /** The slots that are linked here. */
  void collect(final IntArrayList slots) {
    buckets.forEach((hash, head) -> {
      for (SlotRef ref = head; ref != null; ref = ref.nextInBucket) {
        slots.addInt(ref.slot);
      }
    });
  }
}
