package dev.slabmount.core.block;

import static dev.slabmount.core.block.StressSlots.HEADERS;
import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JIJ_Result;

/** E1: whoever pins a block sees the header and the content that it was published with. */
@JCStressTest
@Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "not there yet")
@Outcome(id = "5, 6, 7", expect = ACCEPTABLE, desc = "there, whole")
@Outcome(expect = FORBIDDEN, desc = "pinned before it was filled")
@State
public class PublishPinJcstress {
  private final int slot = StressSlots.claimed();

  @Actor
  public void publish() {
    StressSlots.write(slot, 7);
    HEADERS.init(slot, 5, 5, 0, 6, 1);
    BlockTransitions.publish(WORDS, slot, 0, 1);
  }

  @Actor
  public void pin(final JIJ_Result seen) {
    if (BlockTransitions.pin(WORDS, slot) != BlockTransitions.REFUSED) {
      seen.r1 = HEADERS.keyLow(slot);
      seen.r2 = HEADERS.lengthAcquire(slot);
      seen.r3 = StressSlots.read(slot);
    }
  }
}
