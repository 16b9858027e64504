package dev.slabmount.core.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.block.SegmentWords;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.agrona.collections.IntArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockIndexTest {
  private static final int SLOT_BITS = 6;
  private static final int SLABS = 4;
  private static final int SLOTS = SLABS << SLOT_BITS;

  private final MemorySegment memory = Arena.ofAuto().allocate(SLOTS * 64L, 64);
  private final HeaderWords words = new SegmentWords(memory);
  private final BlockHeaders headers = new BlockHeaders(memory);
  private final BlockIndex index = new BlockIndex(words, headers, SLABS, SLOT_BITS);

  @BeforeEach
  void prepare() {
    for (int slab = 0; slab < SLABS; slab++) {
      index.slabAssigned(slab, 1 << SLOT_BITS);
    }
  }

  private long link(
      final int slot, final boolean inodeKeyed, final long high, final long low, final int block) {
    headers.init(slot, high, low, block, 0, 0);
    BlockTransitions.claim(words, slot);
    final long hash = KeyHash.ofBlock(inodeKeyed, high, low, block);
    final long stamp = index.shardOf(hash).lockWrite();
    index.prepare(hash, slot, inodeKeyed);
    BlockTransitions.publish(words, slot, inodeKeyed ? BlockWord.INODE_KEYED : 0, 1);
    assertEquals(hash, index.hashOf(slot));
    index.link(hash, slot);
    index.shardOf(hash).unlockWrite(stamp);
    return hash;
  }

  private void unlink(final long hash, final int slot) {
    final long stamp = index.shardOf(hash).lockWrite();
    BlockTransitions.remove(words, slot);
    index.unlink(hash, slot);
    index.shardOf(hash).unlockWrite(stamp);
    BlockTransitions.unpin(words, slot);
    BlockTransitions.free(words, slot);
  }

  private int find(final boolean inodeKeyed, final long high, final long low, final int block) {
    final long hash = KeyHash.ofBlock(inodeKeyed, high, low, block);
    final IndexShard shard = index.shardOf(hash);
    final long stamp = shard.lockRead();
    try {
      return shard.find(hash, inodeKeyed, high, low, block);
    } finally {
      shard.unlockRead(stamp);
    }
  }

  @Test
  void shouldTellKeysApartThatShareAHash() {
    // The hash combines the mixed high half with the low half by exclusive or: cancel the
    // difference.
    final long low = 12345;
    final long otherLow = low ^ KeyHash.highPart(false, 1, 0) ^ KeyHash.highPart(false, 2, 0);
    final long thirdLow = low ^ KeyHash.highPart(false, 1, 0) ^ KeyHash.highPart(true, 0, 0);
    final long hash = link(0, false, 1, low, 0);
    assertEquals(hash, link(1, false, 2, otherLow, 0));
    assertEquals(hash, link(2, true, 0, thirdLow, 0));
    assertEquals(0, find(false, 1, low, 0));
    assertEquals(1, find(false, 2, otherLow, 0));
    assertEquals(2, find(true, 0, thirdLow, 0));
    assertEquals(IndexShard.ABSENT, find(false, 1, otherLow, 0));
    assertEquals(IndexShard.ABSENT, find(false, 0, thirdLow, 0));
    assertEquals(1, index.blocksOf(false, 1, low).size(), "owners that share a hash, too");
    unlink(hash, 1); // From the middle of the bucket, then its head, then its end.
    assertEquals(IndexShard.ABSENT, find(false, 2, otherLow, 0));
    assertEquals(0, find(false, 1, low, 0));
    unlink(hash, 2);
    assertEquals(0, find(false, 1, low, 0));
    unlink(hash, 0);
    assertEquals(IndexShard.ABSENT, find(false, 1, low, 0));
    assertTrue(index.blocksOf(false, 1, low).isEmpty());
  }

  @Test
  void shouldTellContentAndInodeWithTheSameNumbersApart() {
    link(0, false, 0, 7, 3);
    link(1, true, 0, 7, 3);
    assertEquals(0, find(false, 0, 7, 3));
    assertEquals(1, find(true, 0, 7, 3));
    assertNotEquals(KeyHash.ofBlock(false, 0, 7, 3), KeyHash.ofBlock(true, 0, 7, 3));
  }

  @Test
  void shouldListTheBlocksOfAnOwner() {
    link(0, true, 0, 7, 3);
    final long hash = link(1, true, 0, 7, 9);
    link(2, true, 0, 8, 9);
    final IntArrayList blocks = index.blocksOf(true, 0, 7);
    blocks.sort(null);
    assertEquals(listOf(3, 9), blocks);
    unlink(hash, 1);
    assertEquals(listOf(3), index.blocksOf(true, 0, 7));
    assertTrue(index.blocksOf(true, 0, 9).isEmpty());
  }

  @Test
  void shouldKeepItsReferencesWhenASlabGetsMoreSlots() {
    final BlockIndex growing = new BlockIndex(words, headers, SLABS, SLOT_BITS);
    growing.slabAssigned(0, 1);
    growing.slabAssigned(0, 8);
    growing.slabAssigned(0, 2);
    headers.init(7, 1, 1, 1, 0, 0);
    final long hash = growing.hashOf(7);
    growing.prepare(hash, 7, false);
    growing.link(hash, 7);
    assertTrue(growing.shardOf(hash).holds(hash, 7));
    assertFalse(growing.shardOf(hash).holds(hash, 6));
  }

  @Test
  void shouldAssertThatASlotIsLinkedOnce() {
    final long hash = link(0, false, 1, 2, 3);
    assertThrows(AssertionError.class, () -> index.link(hash, 0));
    assertThrows(AssertionError.class, () -> index.unlink(hash, 1));
  }

  @Test
  void shouldAgreeWithAModelUnderRandomUse() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final Map<String, Integer> model = new HashMap<>();
    final long[] hashes = new long[SLOTS];
    for (int step = 0; step < 20_000; step++) {
      final int slot = random.nextInt(SLOTS);
      final boolean inodeKeyed = slot % 2 == 0;
      final long owner = slot % 16 / 2;
      final int block = slot / 16;
      final String key = inodeKeyed + ":" + owner + ":" + block;
      final String at = "seed " + seed + " step " + step;
      if (model.remove(key) == null) {
        hashes[slot] = link(slot, inodeKeyed, 0, owner, block);
        model.put(key, slot);
      } else {
        unlink(hashes[slot], slot);
      }
      assertEquals(
          model.getOrDefault(key, IndexShard.ABSENT), find(inodeKeyed, 0, owner, block), at);
      final String prefix = inodeKeyed + ":" + owner + ":";
      assertEquals(
          model.keySet().stream().filter(other -> other.startsWith(prefix)).count(),
          index.blocksOf(inodeKeyed, 0, owner).size(),
          at);
    }
    final IntArrayList all = new IntArrayList();
    for (int shard = 0; shard < index.shardCount(); shard++) {
      index.collect(shard, all);
    }
    assertEquals(model.size(), all.size(), "seed " + seed);
  }

  private static IntArrayList listOf(final int... values) {
    return new IntArrayList(values, values.length, IntArrayList.DEFAULT_NULL_VALUE);
  }
}
