package dev.slabmount.core.victim;

import static dev.slabmount.core.block.StressSlots.HEADERS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.block.StressSlots;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** E26: of blocks that are left while others are taken, each is taken once, with its key. */
@JCStressTest
@Outcome(id = "2, 3", expect = ACCEPTABLE, desc = "both, each once")
@Outcome(expect = FORBIDDEN, desc = "one was lost or taken twice, or its header was not to be seen")
@State
public class ArrivedSlotsJcstress {
  private final ArrivedSlots arrived =
      new ArrivedSlots(new HeaderSlots(StressSlots.WORDS, HEADERS, null, null));
  private final int one = StressSlots.claimed();
  private final int other = StressSlots.claimed();
  private int taken;
  private int keys;

  @Actor
  public void pushOne() {
    HEADERS.init(one, 0, 1, 0, 0, 0);
    arrived.push(one);
  }

  @Actor
  public void pushOther() {
    HEADERS.init(other, 0, 2, 0, 0, 0);
    arrived.push(other);
  }

  @Actor
  public void take() {
    arrived.take(this::count);
  }

  @Arbiter
  public void takeTheRest(final II_Result seen) {
    arrived.take(this::count);
    seen.r1 = taken;
    seen.r2 = keys;
  }

  private void count(final int slot) {
    taken++;
    keys += (int) HEADERS.keyLow(slot);
  }
}
