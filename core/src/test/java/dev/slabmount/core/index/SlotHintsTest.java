package dev.slabmount.core.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.ArrayWords;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SlotHintsTest {
  private static final int SHARD_BITS = 1;
  private static final int SLOTS = 1 << 15;

  private final SlotHints hints = new SlotHints(new ArrayWords(SLOTS), SHARD_BITS, SLOTS);

  /** A well spread hash of shard 0 for each slot. */
  private static long hash(final int slot) {
    return KeyHash.ofBlock(false, 1, slot, 0) >>> 1;
  }

  private void add(final long hash, final int slot, final int slotsSoFar) {
    while (hints.isFull(0)) {
      final SlotHints.Rebuild rebuild = hints.rebuild(0);
      for (int i = 0; i < slotsSoFar; i++) {
        rebuild.add(hash(i), i);
      }
      rebuild.finish();
    }
    hints.add(hash, slot);
  }

  private boolean finds(final long hash, final int slot) {
    for (long hint = hints.first(hash); hint != SlotHints.NONE; hint = hints.next(hash, hint)) {
      if (SlotHints.slot(hint) == slot) {
        return true;
      }
    }
    return false;
  }

  @Test
  void shouldFindAllThatWasAddedAndNothingThatWasRemoved() {
    final int count = 5000;
    for (int slot = 0; slot < count; slot++) {
      add(hash(slot), slot, slot);
    }
    for (int slot = 0; slot < count; slot++) {
      assertTrue(finds(hash(slot), slot), "slot " + slot);
    }
    assertTrue(hints.places(0) >= 2 * count && hints.places(0) <= 4 * count, "" + hints.places(0));
    for (int slot = 0; slot < count; slot += 2) {
      hints.remove(hash(slot), slot);
    }
    for (int slot = 0; slot < count; slot++) {
      assertEquals(slot % 2 == 1, finds(hash(slot), slot), "slot " + slot);
    }
  }

  @Test
  void shouldKeepItsSizeAndFindEverythingHoweverManyBlocksComeAndGo() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final int live = 1000;
    final long[] hashes = new long[live];
    for (int slot = 0; slot < live; slot++) {
      hashes[slot] = hash(slot);
      add(hashes[slot], slot, slot);
    }
    final int places = hints.places(0);
    int missed = 0;
    final int steps = 3_000_000;
    for (int step = 0; step < steps; step++) {
      final int slot = random.nextInt(live);
      hints.remove(hashes[slot], slot);
      hashes[slot] = random.nextLong() >>> 1;
      assertFalse(hints.isFull(0), "it is no fuller than before");
      hints.add(hashes[slot], slot);
      final int other = random.nextInt(live);
      if (!finds(hashes[other], other)) {
        missed++;
        assertFalse(hints.isComplete(0), "seed " + seed + " step " + step);
      }
    }
    assertEquals(places, hints.places(0));
    assertTrue(missed < steps / 1000, missed + " of " + steps + " without a hint, seed " + seed);
    for (int slot = 0; slot < live; slot++) {
      hints.remove(hashes[slot], slot);
    }
    assertTrue(hints.isComplete(0), "seed " + seed);
  }

  @Test
  void shouldNameEverySlotWhoseKeyHasTheSameHash() {
    for (int slot = 0; slot < 5; slot++) {
      hints.add(42, slot);
    }
    hints.remove(42, 2);
    for (int slot = 0; slot < 5; slot++) {
      assertEquals(slot != 2, finds(42, slot), "slot " + slot);
    }
    assertFalse(finds(42 | (1L << 60), 1), "another tag");
  }

  @Test
  void shouldLeaveOutKeysThatWereChosenToCrowdAWindowAndSaySo() {
    final int forged = 3 * SlotHints.WINDOW;
    for (int slot = 0; slot < forged; slot++) {
      while (hints.isFull(0)) {
        final SlotHints.Rebuild rebuild = hints.rebuild(0);
        for (int i = 0; i < slot; i++) {
          rebuild.add((long) i << 40, i);
        }
        rebuild.finish();
      }
      hints.add((long) slot << 40, slot);
    }
    assertFalse(hints.isComplete(0));
    assertTrue(hints.isComplete(1), "the other shard");
    assertTrue(hints.places(0) <= 1024, hints.places(0) + " places for " + forged + " blocks");
    for (int slot = 0; slot < forged; slot++) {
      hints.remove((long) slot << 40, slot);
    }
    assertTrue(hints.isComplete(0));
    assertFalse(finds(0, 0));
  }

  @Test
  void shouldFindWhatIsThereWhileTheTableGrows() throws Exception {
    final int before = 40;
    for (int slot = 0; slot < before; slot++) {
      add(hash(slot), slot, slot);
    }
    final AtomicBoolean over = new AtomicBoolean();
    final AtomicBoolean missed = new AtomicBoolean();
    final Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; !over.get(); i++) {
                if (!finds(hash(i % before), i % before)) {
                  missed.set(true);
                }
              }
            });
    for (int slot = before; slot < SLOTS; slot++) {
      add(hash(slot), slot, slot);
    }
    over.set(true);
    reader.join();
    assertFalse(missed.get());
    assertTrue(hints.places(0) >= SLOTS);
  }
}
