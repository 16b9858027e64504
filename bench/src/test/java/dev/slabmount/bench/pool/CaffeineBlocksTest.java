package dev.slabmount.bench.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

/** That the peer is right: a slot is not given away while somebody reads it. */
class CaffeineBlocksTest {
  private static final int BLOCKS = 16;

  @Test
  void shouldKeepASlotThatIsHeldWhileItsBlockIsEvicted() {
    try (CaffeineBlocks cache = new CaffeineBlocks(BLOCKS)) {
      cache.put(1, 1, 0);
      CaffeineBlocks.Slot held = cache.acquire(1, 1, 0);
      assertNotNull(held);
      for (int block = 0; block < 10 * BLOCKS; block++) {
        cache.put(2, 2, block);
        CaffeineBlocks.Slot other = cache.acquire(2, 2, block);
        if (other != null) {
          assertNotEquals(held.address(), other.address());
          cache.release(other);
        }
      }
      cache.release(held);
    }
  }

  @Test
  void shouldFindTheSameSlotAgainAndNothingForOtherKeys() {
    try (CaffeineBlocks cache = new CaffeineBlocks(BLOCKS)) {
      cache.put(1, 1, 7);
      CaffeineBlocks.Slot first = cache.acquire(1, 1, 7);
      CaffeineBlocks.Slot second = cache.acquire(1, 1, 7);
      assertNotNull(first);
      assertNotNull(second);
      assertEquals(first.address(), second.address());
      assertNull(cache.acquire(1, 1, 8));
    }
  }
}
