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

/** E24: what was found out about a slab does not outlive a pause in which nobody waited. */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the look found the room")
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "and is outdated")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it found none, and is outdated")
@Outcome(expect = FORBIDDEN, desc = "it found none, and counts although there is room")
@State
public class RoomSessionJcstress {
  private final RoomSignal room = new RoomSignal(1);
  private final int slot = StressSlots.pinned(1, 0);
  private int epoch;
  private int session;

  @Actor
  public void unpin() {
    if (BlockWord.isEvictable(BlockTransitions.unpin(WORDS, slot))) {
      room.raise(0);
    }
  }

  @Actor
  public void search(final ZZ_Result seen) {
    room.enter();
    session = room.session();
    epoch = room.epochOf(0);
    seen.r1 = BlockWord.isEvictable(WORDS.wordAcquire(slot));
    room.leave();
    room.enter(); // A pause, in which a change is told to nobody.
  }

  @Arbiter
  public void look(final ZZ_Result seen) {
    seen.r2 = room.epochOf(0) != epoch || room.session() != session;
  }
}
