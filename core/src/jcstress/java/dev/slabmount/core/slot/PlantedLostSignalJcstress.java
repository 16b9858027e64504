package dev.slabmount.core.slot;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.block.SplitWords;
import dev.slabmount.core.block.StressSlots;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link RoomSignalJcstress} with a planted bug: nothing keeps the unpin's store before its look
 * for waiters. Must be rejected.
 */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the waiter found the room")
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "and would have been woken")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it found none, and is woken")
@Outcome(expect = FORBIDDEN, desc = "it found none, and sleeps until its deadline")
@State
public class PlantedLostSignalJcstress {
  private static final HeaderWords PLANTED = new SplitWords(StressSlots.WORDS);

  private final RoomSignal room = new RoomSignal(1);
  private final int slot = StressSlots.pinned(1, 0);
  private int seenEpoch;

  @Actor
  public void unpin() {
    if (BlockWord.isEvictable(BlockTransitions.unpin(PLANTED, slot))) {
      room.raise(0);
    }
  }

  @Actor
  public void look(final ZZ_Result seen) {
    room.enter();
    seenEpoch = room.epochOf(0);
    seen.r1 = BlockTransitions.evict(PLANTED, slot);
  }

  @Arbiter
  public void wake(final ZZ_Result seen) {
    seen.r2 = room.epochOf(0) != seenEpoch;
  }
}
