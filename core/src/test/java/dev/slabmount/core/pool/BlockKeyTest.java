package dev.slabmount.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Keys, which are the same for every kind of pool: the scenario P1 of the pool's contract. */
class BlockKeyTest {
  private static final String HASH = "0123456789abcdeffedcba9876543210";

  @Test
  @DisplayName("P1: keys of a hash and of its bytes: equal, read-only, their parts, their text")
  void shouldMeanTheSameContentFromTextBytesAndNumbers() {
    final BlockKey key = BlockKey.ofContent(0x0123456789ABCDEFL, 0xFEDCBA9876543210L, 7);
    assertEquals(key, BlockKey.ofContent(HASH, 7));
    assertEquals(key, BlockKey.ofContent(HASH.toUpperCase(java.util.Locale.ROOT), 7));
    assertEquals(key, BlockKey.ofContent(HexFormat.of().parseHex(HASH), 7));
    assertTrue(key.isReadOnly());
    assertFalse(key.inodeKeyed());
    assertEquals(HASH, key.contentHash());
    assertEquals(7, key.block());
    assertEquals("content:" + HASH + ":7", key.toString());
    assertThrows(IllegalStateException.class, key::inode);
  }

  @Test
  @DisplayName("P1: keys of inodes: to be written, their parts, their text")
  void shouldNameAnInodesBlock() {
    final BlockKey key = BlockKey.ofInode(-2, 7);
    assertFalse(key.isReadOnly());
    assertTrue(key.inodeKeyed());
    assertEquals(-2, key.inode());
    assertEquals(7, key.block());
    assertEquals("inode:18446744073709551614:7", key.toString());
    assertThrows(IllegalStateException.class, key::contentHash);
  }

  @Test
  void shouldDifferIfAnyPartDiffers() {
    final BlockKey key = BlockKey.ofContent(0, 2, 3);
    assertNotEquals(key, BlockKey.ofContent(1, 2, 3));
    assertNotEquals(key, BlockKey.ofContent(0, 1, 3));
    assertNotEquals(key, BlockKey.ofContent(0, 2, 1));
    assertNotEquals(key, BlockKey.ofInode(2, 3));
    assertNotEquals(BlockKey.ofContent(1, 2, 0), BlockKey.ofContent(2, 1, 0));
  }

  @Test
  void shouldRefuseWhatIsNoKey() {
    assertThrows(IllegalArgumentException.class, () -> BlockKey.ofContent("abc", 0));
    assertThrows(
        IllegalArgumentException.class, () -> BlockKey.ofContent(HASH.replace('a', 'g'), 0));
    assertThrows(IllegalArgumentException.class, () -> BlockKey.ofContent(new byte[15], 0));
    assertThrows(IllegalArgumentException.class, () -> BlockKey.ofInode(1, -1));
    assertThrows(IllegalArgumentException.class, () -> new BlockKey(true, 1, 2, 3));
  }
}
