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
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** E17: a slot is not filled anew while a writer without a pin is inside, and is freed once. */
public class UnpinnedWriteJcstress {
  private static final ContentLatch LATCH = new ContentLatch(WORDS);
  private static final long FLAGS =
      BlockWord.INODE_KEYED | BlockWord.NEEDS_FLUSH | BlockWord.VISITED;
  private static final long WRITTEN = 2;
  private static final long NEXT_LIFE = 7;

  private UnpinnedWriteJcstress() {}

  /** Frees the slot, and fills it for its next life; what is counted says how often. */
  private static void free(final int slot) {
    StressSlots.write(slot, NEXT_LIFE);
    StressSlots.writeEnd(slot, StressSlots.readEnd(slot) + 1);
  }

  /** Writes without a pin; returns whether the block was still there. */
  private static boolean write(final int slot) {
    boolean written = false;
    if (LATCH.tryLockExclusive(slot)) {
      if (PROOF.isRewritable(StressSlots.hint(slot), 0, 0)) {
        StressSlots.write(slot, WRITTEN);
        written = true;
      }
      if (LATCH.unlockUnpinned(slot)) {
        free(slot);
      }
    }
    return written;
  }

  private static int rewritable() {
    final int slot = StressSlots.pinned(1, FLAGS);
    StressSlots.writeEnd(slot, 0);
    BlockTransitions.unpin(WORDS, slot);
    return slot;
  }

  /** Beside a removal. */
  @JCStressTest
  @Outcome(
      id = {"0, 7, 1", "1, 7, 1"},
      expect = ACCEPTABLE,
      desc = "in the next life, freed once")
  @Outcome(expect = FORBIDDEN, desc = "the next life was written to, or begun twice or never")
  @State
  public static class Remove {
    private final int slot = rewritable();

    @Actor
    public void write(final JJJ_Result seen) {
      seen.r1 = UnpinnedWriteJcstress.write(slot) ? 1 : 0;
    }

    @Actor
    public void remove() {
      BlockTransitions.remove(WORDS, slot);
      if (!LATCH.leaveToWriter(slot)) {
        free(slot);
      }
    }

    @Arbiter
    public void look(final JJJ_Result seen) {
      seen.r2 = StressSlots.read(slot);
      seen.r3 = StressSlots.readEnd(slot);
    }
  }

  /** Beside a flush and the eviction that it allows, which does not look at the latch. */
  @JCStressTest
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "flushed before: the writer finds no flag")
  @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "flushed with the write")
  @Outcome(expect = FORBIDDEN, desc = "the write is nowhere, or in the next life")
  @State
  public static class Evict {
    private final int slot = rewritable();

    @Actor
    public void write(final JJ_Result seen) {
      seen.r1 = UnpinnedWriteJcstress.write(slot) ? 1 : 0;
    }

    @Actor
    public void flush(final JJ_Result seen) {
      LATCH.lockShared(slot);
      seen.r2 = StressSlots.read(slot);
      BlockTransitions.flushed(WORDS, slot);
      LATCH.unlockShared(slot);
      if (BlockTransitions.evict(WORDS, slot)) {
        free(slot);
      }
    }

    @Arbiter
    public void look(final JJ_Result seen) {
      if (StressSlots.read(slot) != NEXT_LIFE || StressSlots.readEnd(slot) != 1) {
        seen.r2 = -1;
      }
    }
  }
}
