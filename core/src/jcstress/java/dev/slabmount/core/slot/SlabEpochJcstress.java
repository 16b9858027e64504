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
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** E23: what a look found out about a slab is outdated by whatever it has missed. */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the look found the room")
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "and is outdated")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it found none, and is outdated")
@Outcome(expect = FORBIDDEN, desc = "it found none, and counts although there is room")
@State
public class SlabEpochJcstress {
  private final RoomSignal room = new RoomSignal(1);
  private final int slot = StressSlots.pinned(1, 0);
  private int epoch;

  @Actor
  public void unpin() {
    if (BlockWord.isEvictable(BlockTransitions.unpin(WORDS, slot))) {
      room.raise(0);
    }
  }

  @Actor
  public void search(final ZZ_Result seen) {
    room.enter();
    epoch = room.epochOf(0);
    seen.r1 = BlockWord.isEvictable(WORDS.wordAcquire(slot));
  }

  @Arbiter
  public void look(final ZZ_Result seen) {
    seen.r2 = room.epochOf(0) != epoch;
  }
}
