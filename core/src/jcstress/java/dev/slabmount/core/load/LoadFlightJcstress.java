package dev.slabmount.core.load;

import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.StressSlots;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.slot.Tokens;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JI_Result;

/** E9: a waiter gets the token that the leader announced, the pin taken for him, and the bytes. */
@JCStressTest
@Outcome(id = "7, 2", expect = ACCEPTABLE, desc = "loaded, and pinned for both")
@Outcome(expect = FORBIDDEN, desc = "woken before the block was there")
@State
public class LoadFlightJcstress {
  private static final BlockKey KEY = BlockKey.ofContent(1, 2, 3);
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private final int slot = StressSlots.claimed();
  private final LoadFlight flight = new LoadFlight(1, KEY, false);

  @Actor
  public void lead() {
    StressSlots.write(slot, 7);
    flight.land(Tokens.of(slot, BlockTransitions.publish(WORDS, slot, 0, 2)));
    flight.announce();
  }

  @Actor
  public void await(final JI_Result seen) {
    try {
      if (flight.await(PATIENCE_NANOS)) {
        final int landed = Tokens.slot(flight.result());
        seen.r1 = StressSlots.read(landed);
        seen.r2 = BlockWord.pins(WORDS.wordAcquire(landed));
      }
    } catch (final InterruptedException e) {
      throw new AssertionError("nobody interrupts", e);
    }
  }
}
