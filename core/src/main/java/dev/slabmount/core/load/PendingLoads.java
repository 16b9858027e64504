package dev.slabmount.core.load;

import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.pool.BlockKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The loads under way, listed per shard of the index and guarded by the shards' locks: whether a
 * key is present, being loaded, or neither is one question with one answer.
 *
 * <p>Any thread; {@link #find}, {@link #add} and {@link #remove} want the shard's lock for writing.
 */
public final class PendingLoads {
  private final BlockIndex index;
  private final List<Long2ObjectHashMap<LoadFlight>> shards = new ArrayList<>();
  private final AtomicIntegerArray counts;
  private final AtomicLong contentRemovals = new AtomicLong();

  /** No load is under way. */
  public PendingLoads(final BlockIndex index) {
    this.index = index;
    for (int i = 0; i < index.shardCount(); i++) {
      shards.add(new Long2ObjectHashMap<>());
    }
    counts = new AtomicIntegerArray(index.shardCount());
  }

  /** The flight for this key, or null. */
  @Nullable LoadFlight find(final long hash, final BlockKey key) {
    LoadFlight flight = shards.get(index.shardNumber(hash)).get(hash);
    while (flight != null && !flight.isFor(key)) {
      flight = flight.nextInBucket;
    }
    return flight;
  }

  void add(final LoadFlight flight) {
    flight.contentRemovals = contentRemovals.get();
    final int shard = index.shardNumber(flight.hash);
    flight.nextInBucket = shards.get(shard).put(flight.hash, flight);
    counts.incrementAndGet(shard); // E16: before the provider reads anything.
  }

  void remove(final LoadFlight flight) {
    final int shard = index.shardNumber(flight.hash);
    final Long2ObjectHashMap<LoadFlight> buckets = shards.get(shard);
    LoadFlight before = null;
    LoadFlight seen = buckets.get(flight.hash);
    while (seen != null && seen != flight) {
      before = seen;
      seen = seen.nextInBucket;
    }
    assert seen == flight : "flight for " + flight.key + " is not pending";
    if (before != null) {
      before.nextInBucket = flight.nextInBucket;
    } else if (flight.nextInBucket != null) {
      buckets.put(flight.hash, flight.nextInBucket);
    } else {
      buckets.remove(flight.hash);
    }
    counts.decrementAndGet(shard);
  }

  /** Loads under way, about now. */
  public long count() {
    long sum = 0;
    for (int i = 0; i < counts.length(); i++) {
      sum += counts.get(i);
    }
    return sum;
  }

  /**
   * Lets no load of this inode's block that is under way put what it reads into the pool, because
   * the block was just inserted otherwise: what is being read may be older than what is flushed and
   * evicted before the load ends. Wants the shard's lock for writing.
   */
  public void outdateBlock(final long hash, final long inode, final int block) {
    if (counts.get(index.shardNumber(hash)) > 0) {
      final LoadFlight flight = find(hash, BlockKey.ofInode(inode, block));
      if (flight != null) {
        flight.outdated = true;
      }
    }
  }

  /** Lets no load of this inode that is under way put its block into the pool. */
  public void outdateInode(final long inode) {
    for (int i = 0; i < counts.length(); i++) {
      if (counts.get(i) > 0) { // E16
        outdate(i, true, 0, inode);
      }
    }
  }

  /**
   * Lets no load of this content that is under way put its block into the pool. A load that its
   * waiters gave up is not listed any more; it looks at {@link #contentRemovals}, under its shard's
   * lock, and every lock is taken here after that has changed. So it either sees the change, or has
   * put its block in when this returns.
   */
  public void outdateContent(final long high, final long low) {
    contentRemovals.incrementAndGet(); // E10, and so are all these locks.
    for (int i = 0; i < counts.length(); i++) {
      outdate(i, false, high, low);
    }
  }

  /** How often content was removed because it was wrong. */
  long contentRemovals() {
    return contentRemovals.get();
  }

  private void outdate(
      final int shardNumber, final boolean inodeKeyed, final long high, final long low) {
    final IndexShard shard = index.shard(shardNumber);
    final long stamp = shard.lockWrite();
    try {
      shards.get(shardNumber).forEach((hash, head) -> outdateBucket(head, inodeKeyed, high, low));
    } finally {
      shard.unlockWrite(stamp);
    }
  }

  private static void outdateBucket(
      final LoadFlight head, final boolean inodeKeyed, final long high, final long low) {
    for (LoadFlight flight = head; flight != null; flight = flight.nextInBucket) {
      final BlockKey key = flight.key;
      if (key.inodeKeyed() == inodeKeyed && key.high() == high && key.low() == low) {
        flight.outdated = true;
      }
    }
  }

  /**
   * Whether what was loaded may go into the index; under the shard's lock. Content that came too
   * late for its waiters is as good as ever, unless some content was found to be wrong meanwhile;
   * of an inode's block nobody knows what happened to it.
   */
  boolean isWanted(final LoadFlight flight, final boolean late) {
    if (late && (flight.key.inodeKeyed() || flight.contentRemovals != contentRemovals())) {
      return false;
    }
    return !flight.outdated;
  }
}
