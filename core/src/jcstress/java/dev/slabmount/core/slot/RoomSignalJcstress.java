package dev.slabmount.core.slot;

import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.StressSlots;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** E8: a waiter finds the room that an unpin made, or the unpin finds the waiter. */
public class RoomSignalJcstress {
  private RoomSignalJcstress() {}

  /** A look for room and an unpin: one of the two sees the other. */
  @JCStressTest
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the waiter found the room")
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "and would have been woken")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it found none, and is woken")
  @Outcome(expect = FORBIDDEN, desc = "it found none, and sleeps until its deadline")
  @State
  public static class Look {
    private final RoomSignal room = new RoomSignal(1);
    private final int slot = StressSlots.pinned(1, 0);
    private int seenEpoch;

    @Actor
    public void unpin() {
      if (BlockWord.isEvictable(BlockTransitions.unpin(WORDS, slot))) {
        room.raise(0);
      }
    }

    @Actor
    public void look(final ZZ_Result seen) {
      room.enter();
      seenEpoch = room.epochOf(0);
      seen.r1 = BlockTransitions.evict(WORDS, slot);
    }

    @Arbiter
    public void wake(final ZZ_Result seen) {
      seen.r2 = room.epochOf(0) != seenEpoch;
    }
  }

  /** The same, and the waiter sleeps if it found nothing. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "the waiter found the room")
  @Outcome(id = "2", expect = ACCEPTABLE, desc = "it slept, and was woken")
  @Outcome(expect = FORBIDDEN, desc = "it slept until its deadline")
  @State
  public static class Sleep {
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private final RoomSignal room = new RoomSignal(1);
    private final int slot = StressSlots.pinned(1, 0);

    @Actor
    public void unpin() {
      if (BlockWord.isEvictable(BlockTransitions.unpin(WORDS, slot))) {
        room.raise(0);
      }
    }

    @Actor
    public void sleep(final I_Result seen) {
      room.enter();
      final int epoch = room.epoch();
      try {
        if (BlockTransitions.evict(WORDS, slot)) {
          seen.r1 = 1;
        } else if (room.await(epoch, System.nanoTime() + PATIENCE_NANOS)) {
          seen.r1 = 2;
        }
      } catch (final InterruptedException e) {
        throw new AssertionError("nobody interrupts", e);
      }
    }
  }
}
