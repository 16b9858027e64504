package dev.slabmount.core.block;

import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJZ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** E4: the content latch shows every write whole or not at all, and loses none. */
public class ContentLatchJcstress {
  private static final ContentLatch LATCH = new ContentLatch(WORDS);

  private ContentLatchJcstress() {}

  /** A writer changes both ends of the content, a reader looks at both. */
  @JCStressTest
  @Outcome(
      id = {"1, 1", "2, 2"},
      expect = ACCEPTABLE,
      desc = "before, or after the write")
  @Outcome(expect = FORBIDDEN, desc = "half of a write")
  @State
  public static class Whole {
    private final int slot = StressSlots.pinned(1, 0);

    {
      StressSlots.writeEnd(slot, 1);
    }

    @Actor
    public void write() {
      LATCH.lockExclusive(slot);
      StressSlots.write(slot, 2);
      StressSlots.writeEnd(slot, 2);
      LATCH.unlockExclusive(slot);
    }

    @Actor
    public void read(final JJ_Result seen) {
      LATCH.lockShared(slot);
      seen.r1 = StressSlots.read(slot);
      seen.r2 = StressSlots.readEnd(slot);
      LATCH.unlockShared(slot);
    }
  }

  /** Two writers count; what each adds is there in the end, and the latch is open. */
  @JCStressTest
  @Outcome(id = "5, 5, true", expect = ACCEPTABLE, desc = "both writes")
  @Outcome(expect = FORBIDDEN, desc = "a write was lost, or the latch stayed shut")
  @State
  public static class Writers {
    private final int slot = StressSlots.pinned(2, 0);

    {
      StressSlots.writeEnd(slot, 2);
    }

    private void write(final long more) {
      LATCH.lockExclusive(slot);
      StressSlots.write(slot, StressSlots.read(slot) + more);
      StressSlots.writeEnd(slot, StressSlots.readEnd(slot) + more);
      LATCH.unlockExclusive(slot);
    }

    @Actor
    public void one() {
      write(1);
    }

    @Actor
    public void two() {
      write(2);
    }

    @Arbiter
    public void sum(final JJZ_Result seen) {
      seen.r1 = StressSlots.read(slot);
      seen.r2 = StressSlots.readEnd(slot);
      seen.r3 = LATCH.isIdle(slot);
    }
  }
}
