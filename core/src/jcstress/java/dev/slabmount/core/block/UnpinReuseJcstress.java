package dev.slabmount.core.block;

import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.JZ_Result;
import org.openjdk.jcstress.infra.results.ZZJ_Result;

/** E2: what was read under a pin was read before the slot is filled anew. */
public class UnpinReuseJcstress {
  private UnpinReuseJcstress() {}

  /** One thread reads and drops the last pin, the other evicts and fills the slot anew. */
  @JCStressTest
  @Outcome(id = "1, false", expect = ACCEPTABLE, desc = "still pinned when eviction looked")
  @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "evicted after the pin was gone")
  @Outcome(expect = FORBIDDEN, desc = "read what was filled in after the eviction")
  @State
  public static class Evict {
    private final int slot = StressSlots.pinned(1, 0);

    @Actor
    public void read(final JZ_Result seen) {
      seen.r1 = StressSlots.read(slot);
      BlockTransitions.unpin(WORDS, slot);
    }

    @Actor
    public void evict(final JZ_Result seen) {
      if (BlockTransitions.evict(WORDS, slot)) {
        StressSlots.write(slot, 2);
        seen.r2 = true;
      }
    }
  }

  /** A removal and the last unpin: exactly one of the two frees the slot, and fills it anew. */
  @JCStressTest
  @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "the last unpin freed it")
  @Outcome(id = "false, true, 1", expect = ACCEPTABLE, desc = "the removal freed it")
  @Outcome(expect = FORBIDDEN, desc = "freed twice, never, or while it was read")
  @State
  public static class LastPin {
    private final int slot = StressSlots.pinned(1, BlockWord.NEEDS_FLUSH);

    @Actor
    public void read(final ZZJ_Result seen) {
      seen.r3 = StressSlots.read(slot);
      seen.r1 = BlockWord.isFreeable(BlockTransitions.unpin(WORDS, slot));
      if (seen.r1) {
        StressSlots.write(slot, 2);
      }
    }

    @Actor
    public void remove(final ZZJ_Result seen) {
      seen.r2 = BlockWord.pins(BlockTransitions.remove(WORDS, slot)) == 0;
      if (seen.r2) {
        StressSlots.write(slot, 2);
      }
    }
  }

  /** Two threads pin and unpin: no pin is lost, none is left. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the pin that was there at first")
  @Outcome(expect = FORBIDDEN, desc = "a pin was lost or left")
  @State
  public static class Count {
    private final int slot = StressSlots.pinned(1, 0);

    @Actor
    public void one() {
      BlockTransitions.pin(WORDS, slot);
      BlockTransitions.unpin(WORDS, slot);
    }

    @Actor
    public void two() {
      BlockTransitions.pin(WORDS, slot);
      BlockTransitions.unpin(WORDS, slot);
    }

    @Arbiter
    public void count(final II_Result seen) {
      seen.r1 = BlockWord.pins(WORDS.wordAcquire(slot));
      seen.r2 = BlockWord.isLive(WORDS.wordAcquire(slot)) ? 1 : 0;
    }
  }
}
