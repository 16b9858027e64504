package dev.slabmount.core.block;

import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JZ_Result;

/**
 * E5: a writer in the latch that finds the flag up leaves it at that: whoever takes it down has
 * seen the write, or the flag is up afterwards.
 */
@JCStressTest
@Outcome(
    id = {"1, true", "2, true"},
    expect = ACCEPTABLE,
    desc = "the write still needs flushing")
@Outcome(id = "2, false", expect = ACCEPTABLE, desc = "flushed with the write")
@Outcome(expect = FORBIDDEN, desc = "the write would be lost with the next eviction")
@State
public class FlagInLatchJcstress {
  private static final ContentLatch LATCH = new ContentLatch(WORDS);

  private final int slot = StressSlots.pinned(1, BlockWord.INODE_KEYED | BlockWord.NEEDS_FLUSH);

  @Actor
  public void write() {
    LATCH.lockExclusive(slot);
    StressSlots.write(slot, 2);
    BlockTransitions.needFlush(WORDS, slot);
    LATCH.unlockExclusive(slot);
  }

  @Actor
  public void flush(final JZ_Result seen) {
    LATCH.lockShared(slot);
    seen.r1 = StressSlots.read(slot);
    BlockTransitions.flushed(WORDS, slot);
    LATCH.unlockShared(slot);
  }

  @Arbiter
  public void look(final JZ_Result seen) {
    seen.r2 = BlockWord.has(WORDS.wordAcquire(slot), BlockWord.NEEDS_FLUSH);
  }
}
