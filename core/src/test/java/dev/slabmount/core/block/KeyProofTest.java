package dev.slabmount.core.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** That a hint is believed only if the header says the same, whatever happens in between. */
class KeyProofTest {
  private static final int SLOT = 3;
  private static final long HIGH = 7;
  private static final long LOW = 8;
  private static final int BLOCK = 9;

  /** Does something once, before a look at the word or before a pin. */
  private static final class Meddler extends ArrayWords {
    private Runnable beforeLook = () -> {};
    private Runnable beforePin = () -> {};
    private int looksToLetPass;

    Meddler() {
      super(8);
    }

    @Override
    public long wordAcquire(final int slot) {
      if (looksToLetPass-- == 0) {
        final Runnable todo = beforeLook;
        beforeLook = () -> {};
        todo.run();
      }
      return super.wordAcquire(slot);
    }

    @Override
    long exchangeWordAcquire(final int slot, final long expected, final long next) {
      final Runnable todo = beforePin;
      beforePin = () -> {};
      todo.run();
      return super.exchangeWordAcquire(slot, expected, next);
    }
  }

  private final Meddler words = new Meddler();
  private final BlockHeaders headers = new BlockHeaders(Arena.ofAuto().allocate(8 * 64L, 64));
  private final KeyProof proof = new KeyProof(words, headers);
  private final long hint = live(false, HIGH, LOW, BLOCK);

  private long live(final boolean inodeKeyed, final long high, final long low, final int block) {
    BlockTransitions.claim(words, SLOT);
    headers.init(SLOT, high, low, block, 1, 1);
    final long word =
        BlockTransitions.publish(words, SLOT, inodeKeyed ? BlockWord.INODE_KEYED : 0, 1);
    BlockTransitions.unpin(words, SLOT);
    return ((long) (SLOT + 1) << 32) + (word & BlockWord.GENERATION_MASK);
  }

  private void end() {
    assertTrue(BlockTransitions.evict(words, SLOT));
    BlockTransitions.free(words, SLOT);
  }

  private void assertUntouched() {
    final long word = words.wordAcquire(SLOT);
    assertEquals(0, BlockWord.pins(word));
    assertFalse(BlockWord.has(word, BlockWord.VISITED), BlockWord.describe(word));
  }

  private long pin(final long hinted) {
    return proof.pin(hinted, false, HIGH, LOW, BLOCK);
  }

  private boolean holds(final long hinted) {
    return proof.holds(hinted, false, HIGH, LOW, BLOCK);
  }

  @Test
  void shouldPinTheBlockOfTheKey() {
    assertTrue(holds(hint));
    assertUntouched();
    final long word = pin(hint);
    assertEquals(1, BlockWord.pins(word));
    assertEquals(word, words.wordAcquire(SLOT));
  }

  @Test
  void shouldRefuseEveryOtherKeyAndLeaveTheBlockAlone() {
    assertEquals(0, proof.pin(hint, false, HIGH + 1, LOW, BLOCK));
    assertEquals(0, proof.pin(hint, false, HIGH, LOW + 1, BLOCK));
    assertEquals(0, proof.pin(hint, false, HIGH, LOW, BLOCK + 1));
    assertEquals(0, proof.pin(hint, true, HIGH, LOW, BLOCK));
    assertFalse(proof.holds(hint, false, HIGH + 1, LOW, BLOCK));
    assertFalse(proof.holds(hint, false, HIGH, LOW + 1, BLOCK));
    assertFalse(proof.holds(hint, false, HIGH, LOW, BLOCK + 1));
    assertFalse(proof.holds(hint, true, HIGH, LOW, BLOCK));
    assertUntouched();
  }

  @Test
  void shouldRefuseAHintOfAnEarlierLifeOfTheSameKey() {
    end();
    assertEquals(0, pin(hint), "free");
    assertFalse(holds(hint), "free");
    final long next = live(false, HIGH, LOW, BLOCK);
    assertNotEquals(hint, next);
    assertEquals(0, pin(hint), "the token would name the earlier life");
    assertFalse(holds(hint));
    assertUntouched();
    assertNotEquals(0, pin(next));
  }

  @Test
  void shouldRefuseASlotThatGetsAnotherKeyBeforeItIsPinned() {
    words.beforePin =
        () -> {
          end();
          live(false, HIGH, LOW, BLOCK + 1);
        };
    assertEquals(0, pin(hint));
    assertUntouched();
  }

  @Test
  void shouldPinTheBlockThatSomebodyElsePinsMeanwhile() {
    words.beforePin = () -> BlockTransitions.pin(words, SLOT);
    assertEquals(2, BlockWord.pins(pin(hint)));
  }

  /** Edge E11: the header is filled anew between the two looks at the word. */
  @Test
  void shouldRefuseASlotThatGetsTheKeyOnlyWhileItsHeaderIsRead() {
    end();
    final long other = live(false, HIGH, LOW, BLOCK + 1);
    words.looksToLetPass = 1;
    words.beforeLook =
        () -> {
          end();
          live(false, HIGH, LOW, BLOCK);
        };
    headers.init(SLOT, HIGH, LOW, BLOCK, 1, 1); // What a reader sees whose reads come late.
    assertFalse(holds(other), "the key is that of the next life");
  }
}
