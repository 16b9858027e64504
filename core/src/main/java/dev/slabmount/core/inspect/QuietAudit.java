package dev.slabmount.core.inspect;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.evict.EvictionPolicy;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolStats;
import dev.slabmount.core.pool.PoolInspector;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.collections.Int2IntCounterMap;
import org.agrona.collections.IntArrayList;
import org.agrona.collections.IntHashSet;

/**
 * One audit of a pool that is said to be quiet; see {@link PoolInspector#audit}.
 *
 * <p>Sums up what the slots say, asks each other part of the pool about each slot, and compares the
 * sums with the counters. Whether the pool was quiet is seen from its counters and from all state
 * words, before and afterwards.
 *
 * <p>Any thread, one call.
 */
public final class QuietAudit {
  /** So many findings are told; a pool that is broken has more than anybody reads. */
  private static final int FINDINGS_MAX = 50;

  private final ShardedMemoryPool pool;
  private final long openPins;
  private final SlotTable table;
  private final HeaderWords words;
  private final BlockHeaders headers;
  private final SlabAllocator allocator;
  private final BlockIndex index;

  private final List<String> findings = new ArrayList<>();
  private final PageAudit pageAudit;
  private final IntHashSet taken = new IntHashSet();
  private final Int2IntCounterMap listed = new Int2IntCounterMap(0);

  /** Blocks that are live, by owner: block index 0 stands for all of an owner's. */
  private final Map<BlockKey, Integer> blocksOfOwner = new HashMap<>();

  private long capacity;
  private long slabs;
  private long liveBlocks;
  private long contentBytes;
  private long needingFlush;
  private long pins;
  private long pinnedSlots;
  private long moved;

  /** Of this pool, in which so many handles and tokens are open. */
  public QuietAudit(final ShardedMemoryPool pool, final long openPins) {
    this.pool = pool;
    this.openPins = openPins;
    table = pool.table();
    words = table.words;
    headers = table.headers;
    allocator = table.allocator;
    index = pool.index();
    pageAudit = new PageAudit(table, this::find);
  }

  /** Looks at everything once. */
  public PoolInspector.Audit run() {
    final MemoryPoolStats before = pool.stats();
    final long wordsBefore = fingerprint();
    if (before.pendingLoads() > 0) {
      return notQuiet(before.pendingLoads() + " loads are under way");
    }
    table.victims.settle(); // What was proposed and is still there, too.
    look();
    compareWith(before);
    final MemoryPoolStats after = pool.stats();
    if (!after.equals(before)) {
      return notQuiet("its figures changed from " + before + " to " + after);
    }
    if (fingerprint() != wordsBefore) {
      return notQuiet("state words changed");
    }
    return new PoolInspector.Audit(true, List.copyOf(findings));
  }

  private static PoolInspector.Audit notQuiet(final String why) {
    return new PoolInspector.Audit(
        false, List.of("the pool is not quiet, so it cannot be audited: " + why));
  }

  private long fingerprint() {
    long sum = 0;
    for (int slot = 0; slot < table.slotLimit(); slot++) {
      sum = sum * 31 + words.wordAcquire(slot);
    }
    return sum;
  }

  private void look() {
    collectTaken();
    collectListed();
    for (int slot = 0; slot < table.slotLimit(); slot++) {
      if (taken.contains(slot)) {
        lookAtTaken(slot);
      } else if (!BlockWord.isFree(words.wordAcquire(slot))) {
        find(
            "slot "
                + slot
                + " ("
                + BlockWord.describe(words.wordAcquire(slot))
                + ") is free for the allocator");
      } else if (listed.get(slot) > 0) {
        find("slot " + slot + " is free, and listed in the index");
      }
    }
    blocksOfOwner.forEach(this::lookAtOwner);
    new QueueAudit(headers, taken, this::find).run();
  }

  private void collectTaken() {
    for (int slab = 0; slab < allocator.slabCount(); slab++) {
      final int[] slots = allocator.takenSlots(slab);
      slabs += slots.length > 0 ? 1 : 0;
      for (final int slot : slots) {
        taken.add(slot);
        capacity += table.capacity(slot);
      }
    }
  }

  private void collectListed() {
    final IntArrayList slots = new IntArrayList();
    for (int shard = 0; shard < index.shardCount(); shard++) {
      final long stamp = index.shard(shard).lockRead();
      try {
        index.collect(shard, slots);
      } finally {
        index.shard(shard).unlockRead(stamp);
      }
    }
    slots.forEachInt(listed::incrementAndGet);
  }

  // ---- A slot that is taken ----

  private void lookAtTaken(final int slot) {
    final long word = words.wordAcquire(slot);
    pins += BlockWord.pins(word);
    pinnedSlots += BlockWord.pins(word) > 0 ? 1 : 0;
    if (!table.latch.isIdle(slot)) {
      find(nameOf(slot) + " is latched though nobody works with it");
    }
    if (BlockWord.isLive(word)) {
      lookAtLive(slot, word);
      return;
    }
    if (listed.get(slot) > 0) {
      find(nameOf(slot) + " is listed in the index");
    }
    if (BlockWord.isMoved(word)) {
      moved++;
      lookAtForward(slot);
    }
    if (BlockWord.isFree(word) || BlockWord.isClaimed(word)) {
      find(nameOf(slot) + " is taken, and nobody fills it: an orphan");
    } else if (BlockWord.pins(word) == 0) {
      find(nameOf(slot) + " has no pin, and was not freed: an orphan");
    }
  }

  private void lookAtLive(final int slot, final long word) {
    liveBlocks++;
    contentBytes += headers.lengthAcquire(slot);
    needingFlush += BlockWord.has(word, BlockWord.NEEDS_FLUSH) ? 1 : 0;
    pageAudit.look(slot, nameOf(slot));
    final BlockKey key;
    try {
      key = table.keyOf(slot);
    } catch (final IllegalArgumentException e) {
      find(nameOf(slot) + " has a key that cannot be");
      return;
    }
    blocksOfOwner.merge(new BlockKey(key.inodeKeyed(), key.high(), key.low(), 0), 1, Integer::sum);
    if (headers.lengthAcquire(slot) > table.capacity(slot)) {
      find(nameOf(slot) + " has more content than capacity");
    }
    if (headers.queue(slot) == EvictionPolicy.NOWHERE) {
      find(nameOf(slot) + " is in no queue of the eviction policy: it is never evicted");
    }
    if (listed.get(slot) != 1) {
      find(nameOf(slot) + " is listed " + listed.get(slot) + " times in the index");
      return;
    }
    final long hash = index.hashOf(slot);
    final IndexShard shard = index.shardOf(hash);
    final int found;
    final long stamp = shard.lockRead();
    try {
      found = shard.find(hash, key.inodeKeyed(), key.high(), key.low(), key.block());
    } finally {
      shard.unlockRead(stamp);
    }
    if (found != slot) {
      find(nameOf(slot) + " is not what the index finds under its key, which is slot " + found);
    }
  }

  private void lookAtForward(final int slot) {
    final long token = headers.forward(slot);
    final int next = Tokens.slot(token);
    if (next < 0
        || next >= table.slotLimit()
        || BlockWord.generation(words.wordAcquire(next)) != Tokens.generation(token)
        || BlockWord.pins(words.wordAcquire(next)) == 0) {
      find(nameOf(slot) + " leads to a slot that it does not hold");
    }
  }

  private void lookAtOwner(final BlockKey owner, final int blocks) {
    final int found = index.blocksOf(owner.inodeKeyed(), owner.high(), owner.low()).size();
    if (found != blocks) {
      find("the owner of " + owner + " has " + blocks + " blocks, and a list of " + found);
    }
  }

  // ---- Sums ----

  private void compareWith(final MemoryPoolStats stats) {
    compare("slotsInUse", stats.slotsInUse(), taken.size());
    compare("capacityInUse", stats.capacityInUse(), capacity);
    compare("slabs", stats.slabs(), slabs);
    compare("totalBlocks", stats.totalBlocks(), liveBlocks);
    compare("currentSize", stats.currentSize(), contentBytes);
    compare("dirtyBlocks", stats.dirtyBlocks(), needingFlush);
    compare("inUseBlocks", stats.inUseBlocks(), pinnedSlots);
    compare("pins", stats.pins(), pins);
    if (pins - moved != openPins) { // Each moved slot holds the one after it.
      find((pins - moved) + " pins are held, and " + openPins + " handles are open");
    }
    if (capacity > stats.maxSize()) {
      find(capacity + " bytes are in use, more than maxSize, " + stats.maxSize());
    }
  }

  private void compare(final String figure, final long said, final long sum) {
    if (said != sum) {
      find(figure + " is " + said + ", and the sum over the slots " + sum);
    }
  }

  private String nameOf(final int slot) {
    return SlotLines.describe(table, slot);
  }

  private void find(final String what) {
    if (findings.size() < FINDINGS_MAX) {
      findings.add(what);
    }
  }
}
