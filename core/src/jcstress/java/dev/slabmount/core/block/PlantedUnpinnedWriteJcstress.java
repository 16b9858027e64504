package dev.slabmount.core.block;

import static dev.slabmount.core.block.StressSlots.PROOF;
import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * {@link UnpinnedWriteJcstress.Remove} with a planted bug, a writer that looks at the word before
 * it is in the latch; must be rejected.
 */
@JCStressTest
@Outcome(id = "7", expect = ACCEPTABLE, desc = "in the next life")
@Outcome(expect = FORBIDDEN, desc = "the next life was written to")
@State
public class PlantedUnpinnedWriteJcstress {
  private static final ContentLatch LATCH = new ContentLatch(WORDS);

  private final int slot =
      StressSlots.pinned(1, BlockWord.INODE_KEYED | BlockWord.NEEDS_FLUSH | BlockWord.VISITED);

  @Actor
  public void write() {
    if (PROOF.isRewritable(StressSlots.hint(slot), 0, 0) // The bug: too early.
        && LATCH.tryLockExclusive(slot)) {
      StressSlots.write(slot, 2);
      if (LATCH.unlockUnpinned(slot)) {
        StressSlots.write(slot, 7);
      }
    }
  }

  @Actor
  public void remove() {
    BlockTransitions.remove(WORDS, slot);
    BlockTransitions.unpin(WORDS, slot);
    if (!LATCH.leaveToWriter(slot)) {
      StressSlots.write(slot, 7);
    }
  }

  @Arbiter
  public void look(final J_Result seen) {
    seen.r1 = StressSlots.read(slot);
  }
}
