package dev.slabmount.core.evict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DroppedKeysTest {
  private static final int PAGE = 4096;

  private final DroppedKeys keys = new DroppedKeys();

  @Test
  void shouldSayHowManyBytesWereDroppedSinceAKeyWas() {
    keys.add(1, PAGE, 100);
    assertEquals(0, keys.take(1));
    keys.add(1, PAGE, 100);
    keys.add(2, 1 << 20, 100);
    keys.add(3, 2 * PAGE, 100);
    assertEquals((1 << 20) + 2 * PAGE, keys.take(1));
    assertEquals(2 * PAGE, keys.take(2));
    assertEquals(0, keys.take(3));
  }

  @Test
  void shouldForgetAKeyThatWasTaken() {
    assertEquals(DroppedKeys.UNKNOWN, keys.take(7), "nothing is remembered yet");
    keys.add(7, PAGE, 10);
    assertEquals(0, keys.take(7));
    assertEquals(DroppedKeys.UNKNOWN, keys.take(7));
  }

  @Test
  void shouldCountAKeyThatWasDroppedAgainFromItsLastTime() {
    keys.add(1, PAGE, 10);
    keys.add(2, PAGE, 10);
    keys.add(1, PAGE, 10);
    keys.add(3, PAGE, 10);
    assertEquals(PAGE, keys.take(1));
    assertEquals(DroppedKeys.UNKNOWN, keys.take(1));
  }

  @Test
  void shouldRememberNearlyAllOfTheLastKeysInLittleMemory() {
    final int blocks = 10_000;
    for (long key = 0; key < 10 * blocks; key++) {
      keys.add(key, PAGE, blocks);
    }
    assertTrue(keys.heapBytes() <= 12L * blocks, keys.heapBytes() + " bytes");
    int remembered = 0;
    int wrong = 0;
    for (long age = 0; age < blocks; age++) {
      final long bytes = keys.take(10L * blocks - 1 - age);
      remembered += bytes == age * PAGE ? 1 : 0;
      wrong += bytes != age * PAGE && bytes != DroppedKeys.UNKNOWN ? 1 : 0;
    }
    assertTrue(remembered >= blocks * 9 / 10, remembered + " of " + blocks);
    assertTrue(wrong <= 1, wrong + " ages are those of other keys");
  }

  @Test
  void shouldKeepWhatItRemembersWhenItGrows() {
    for (long key = 0; key < 2_000; key++) {
      keys.add(key, PAGE, (int) key + 100);
    }
    int remembered = 0;
    for (long key = 0; key < 2_000; key++) {
      remembered += keys.take(key) == (1_999 - key) * PAGE ? 1 : 0;
    }
    assertTrue(remembered >= 1_800, remembered + " of 2000");
  }

  @Test
  void shouldGiveMemoryBackWhenThereAreFewerBlocks() {
    keys.add(1, PAGE, 100_000);
    keys.add(2, PAGE, 100);
    assertTrue(keys.heapBytes() <= 4_000, keys.heapBytes() + " bytes");
    assertEquals(PAGE, keys.take(1));
  }
}
