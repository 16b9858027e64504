package dev.slabmount.core.block;

import static dev.slabmount.core.block.StressSlots.HEADERS;
import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJZ_Result;

/** E7: who sees that a block has moved finds where it is now, and what it holds there. */
@JCStressTest
@Outcome(id = "0, 1, false", expect = ACCEPTABLE, desc = "not moved yet")
@Outcome(id = "7, 1, true", expect = ACCEPTABLE, desc = "moved, and followed to the copy")
@Outcome(expect = FORBIDDEN, desc = "followed before the way was there")
@State
public class MovedForwardJcstress {
  private final int from = StressSlots.pinned(1, BlockWord.INODE_KEYED);
  private final int to = StressSlots.claimed();

  @Actor
  public void move() {
    StressSlots.write(to, StressSlots.read(from));
    HEADERS.init(to, 0, 7, 0, 8, 1);
    BlockTransitions.publish(WORDS, to, BlockWord.INODE_KEYED, 1);
    HEADERS.setForward(from, to);
    BlockTransitions.move(WORDS, from);
  }

  @Actor
  public void follow(final JJZ_Result seen) {
    final boolean moved = BlockWord.isMoved(WORDS.wordAcquire(from));
    final int slot = moved ? (int) HEADERS.forward(from) : from;
    seen.r1 = HEADERS.keyLow(slot);
    seen.r2 = StressSlots.read(slot);
    seen.r3 = moved;
  }
}
