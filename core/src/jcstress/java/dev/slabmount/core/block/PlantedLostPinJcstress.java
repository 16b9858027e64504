package dev.slabmount.core.block;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** {@link UnpinReuseJcstress.Count} with a planted bug; must be rejected. */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "the pin that was there at first")
@Outcome(expect = FORBIDDEN, desc = "a pin was lost or left")
@State
public class PlantedLostPinJcstress {
  private static final HeaderWords PLANTED = new SplitWords(StressSlots.WORDS);

  private final int slot = StressSlots.pinned(1, 0);

  @Actor
  public void one() {
    BlockTransitions.pin(PLANTED, slot);
    BlockTransitions.unpin(PLANTED, slot);
  }

  @Actor
  public void two() {
    BlockTransitions.pin(PLANTED, slot);
    BlockTransitions.unpin(PLANTED, slot);
  }

  @Arbiter
  public void count(final I_Result seen) {
    seen.r1 = BlockWord.pins(PLANTED.wordAcquire(slot));
  }
}
