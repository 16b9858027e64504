package dev.slabmount.core.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The loops over the state word, one thread after the other and all at once, on the heap and off
 * it. The same checks must reject words with a planted bug, or they would prove nothing.
 */
@Timeout(60)
class BlockTransitionsTest {
  private static final int SLOT = 3;

  private static HeaderWords offHeap() {
    final MemorySegment headers =
        Arena.ofAuto().allocate(8L * BlockHeaderDescriptor.HEADER_BYTES, 64);
    return new SegmentWords(headers);
  }

  private static HeaderWords onHeap() {
    return new ArrayWords(8);
  }

  private static void publish(final HeaderWords words, final long flags, final int pins) {
    BlockTransitions.claim(words, SLOT);
    BlockTransitions.publish(words, SLOT, flags, pins);
  }

  @Test
  void shouldPinOnlyWhatIsLive() {
    for (final HeaderWords words : new HeaderWords[] {onHeap(), offHeap()}) {
      assertEquals(BlockTransitions.REFUSED, BlockTransitions.pin(words, SLOT));
      BlockTransitions.claim(words, SLOT);
      assertEquals(BlockTransitions.REFUSED, BlockTransitions.pin(words, SLOT));
      BlockTransitions.publish(words, SLOT, 0, 1);
      assertEquals(2, BlockWord.pins(BlockTransitions.pin(words, SLOT)));
      assertEquals(5, BlockWord.pins(BlockTransitions.pin(words, SLOT, 3)));
      BlockTransitions.remove(words, SLOT);
      assertEquals(BlockTransitions.REFUSED, BlockTransitions.pin(words, SLOT));
      assertEquals(BlockTransitions.REFUSED, BlockTransitions.pin(words, SLOT, 3));
      assertEquals(6, BlockWord.pins(BlockTransitions.pinAgain(words, SLOT, 0)));
      assertEquals(BlockTransitions.REFUSED, BlockTransitions.pinAgain(words, SLOT, 1));
    }
  }

  @Test
  void shouldTellWhoHasToFreeTheSlot() {
    final HeaderWords words = offHeap();
    publish(words, 0, 2);
    assertFalse(BlockWord.isFreeable(BlockTransitions.unpin(words, SLOT)));
    assertEquals(1, BlockWord.pins(BlockTransitions.remove(words, SLOT)));
    assertTrue(BlockWord.isFreeable(BlockTransitions.unpin(words, SLOT)));
    BlockTransitions.free(words, SLOT);
    assertEquals(1, BlockWord.generation(words.wordAcquire(SLOT)));
    BlockTransitions.claim(words, SLOT);
    BlockTransitions.abandon(words, SLOT);
    assertEquals(2, words.wordAcquire(SLOT));
  }

  @Test
  void shouldEvictOnlyWithoutPinsAndFlag() {
    final HeaderWords words = offHeap();
    publish(words, 0, 1);
    assertFalse(BlockTransitions.evict(words, SLOT));
    BlockTransitions.unpin(words, SLOT);
    assertTrue(BlockTransitions.needFlush(words, SLOT));
    assertFalse(BlockTransitions.needFlush(words, SLOT), "it is up already");
    assertFalse(BlockTransitions.evict(words, SLOT));
    assertTrue(BlockTransitions.flushed(words, SLOT));
    assertFalse(BlockTransitions.flushed(words, SLOT), "it is down already");
    assertTrue(BlockTransitions.evict(words, SLOT));
    assertFalse(BlockTransitions.evict(words, SLOT));
    assertFalse(BlockTransitions.needFlush(words, SLOT), "not live");
    assertFalse(BlockTransitions.forgetVisit(words, SLOT), "not live");
    assertEquals(BlockTransitions.REFUSED, BlockTransitions.remove(words, SLOT));
    assertEquals(BlockTransitions.REFUSED, BlockTransitions.move(words, SLOT));
  }

  @Test
  void shouldOnlyLookAtTheWordIfTheFlagIsUp() {
    final InterceptedWords words = new InterceptedWords(offHeap());
    final AtomicInteger writes = new AtomicInteger();
    publish(words, BlockWord.NEEDS_FLUSH, 1);
    words.before(BlockWord::isLive, writes::incrementAndGet);
    assertFalse(BlockTransitions.needFlush(words, SLOT), "it is up already");
    assertEquals(0, writes.get(), "the latch keeps the flag up, and orders the write");
    assertTrue(BlockTransitions.flushed(words, SLOT));
    final int before = writes.get();
    words.before(BlockWord::isLive, writes::incrementAndGet);
    assertTrue(BlockTransitions.needFlush(words, SLOT), "it was down");
    assertEquals(before + 1, writes.get());
  }

  @Test
  void shouldForgetAVisitOnce() {
    final HeaderWords words = offHeap();
    publish(words, 0, 1);
    assertFalse(BlockTransitions.forgetVisit(words, SLOT));
    BlockTransitions.pin(words, SLOT);
    assertTrue(BlockTransitions.forgetVisit(words, SLOT));
    assertFalse(BlockTransitions.forgetVisit(words, SLOT));
  }

  @Test
  void shouldLoseNoPinWhenManyThreadsPin() throws Exception {
    assertTrue(new PinCheck(onHeap()).passes());
    assertTrue(new PinCheck(offHeap()).passes());
  }

  @Test
  void shouldRejectWordsThatLosePins() throws Exception {
    assertTrue(
        isRejected(() ->
            new PinCheck(
                new ArrayWords(8) {
                  @Override
                  long addToWord(final int slot, final long delta) { // The bug: two steps.
                    final long before = words.get(slot);
                    words.set(slot, before + delta);
                    return before;
                  }
                })));
  }

  @Test
  void shouldNeverReuseASlotUnderAPin() throws Exception {
    assertTrue(new LifeCheck(onHeap()).passes());
    assertTrue(new LifeCheck(offHeap()).passes());
  }

  @Test
  void shouldRejectWordsThatEvictUnderAPin() throws Exception {
    assertTrue(
        isRejected(() ->
            new LifeCheck(
                new ArrayWords(8) {
                  @Override
                  long exchangeWord(final int slot, final long expected, final long next) {
                    words.set(slot, next); // The bug: whatever happened since.
                    return expected;
                  }
                })));
  }

  /** Whether some run of the check fails; gives it as many as fit into twenty seconds. */
  private static boolean isRejected(final Supplier<ConcurrentCheck> check) throws Exception {
    final long deadline = System.nanoTime() + 20_000_000_000L;
    while (System.nanoTime() < deadline) {
      if (!check.get().passes()) {
        return true;
      }
    }
    return false;
  }

  /** Threads pin and unpin one live slot: in the end no pin is left and none was lost. */
  private static final class PinCheck extends ConcurrentCheck {
    private final HeaderWords words;

    PinCheck(final HeaderWords words) {
      this.words = words;
      publish(words, 0, 1);
    }

    @Override
    void run(final int thread) {
      for (int i = 0; i < 20_000; i++) {
        if (BlockTransitions.pin(words, SLOT) == BlockTransitions.REFUSED) {
          fail("a live slot could not be pinned");
          return;
        }
        BlockTransitions.unpin(words, SLOT);
      }
    }

    @Override
    boolean endsWell() {
      return BlockWord.pins(words.wordAcquire(SLOT)) == 1;
    }
  }

  /**
   * One thread evicts a slot, fills it anew and publishes it, over and over; the others pin it and
   * look at two numbers that are equal in every filling. Guards the edges E1 and E2.
   */
  private static final class LifeCheck extends ConcurrentCheck {
    private static final int LIVES = 20_000;

    private final HeaderWords words;
    private final long[] payload = new long[16];
    private volatile boolean over;

    LifeCheck(final HeaderWords words) {
      this.words = words;
    }

    @Override
    void run(final int thread) {
      if (thread == 0) {
        live();
        over = true;
      } else {
        while (!over && !hasFailed()) {
          look();
        }
      }
    }

    private void live() {
      for (int life = 0; life < LIVES && !hasFailed(); life++) {
        BlockTransitions.claim(words, SLOT);
        payload[0] = life;
        payload[15] = life;
        BlockTransitions.publish(words, SLOT, 0, 1);
        BlockTransitions.unpin(words, SLOT);
        final long deadline = System.nanoTime() + 10_000_000_000L;
        while (!BlockTransitions.evict(words, SLOT)) {
          if (hasFailed() || System.nanoTime() > deadline) {
            fail("a pin was lost: the slot can never be evicted");
            return;
          }
        }
        payload[0] = -1;
        payload[15] = -2;
        BlockTransitions.free(words, SLOT);
      }
    }

    private void look() {
      final long word = BlockTransitions.pin(words, SLOT);
      if (word != BlockTransitions.REFUSED) {
        final long first = payload[0];
        if (first != payload[15] || first != BlockWord.generation(word)) {
          fail("saw another life's payload");
        }
        if (BlockWord.isFreeable(BlockTransitions.unpin(words, SLOT))) {
          fail("evicted under a pin");
        }
      }
    }

    @Override
    boolean endsWell() {
      return words.wordAcquire(SLOT) == LIVES;
    }
  }
}
