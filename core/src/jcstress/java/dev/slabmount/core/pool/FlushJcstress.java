package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.StressPool.POOL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.ValueLayout;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** E32: a write is flushed, or still needs flushing; and flag and pages agree in the end. */
public class FlushJcstress {
  private FlushJcstress() {}

  /** A write and a flush. */
  @JCStressTest
  @Outcome(
      id = {"1, true", "2, true"},
      expect = ACCEPTABLE,
      desc = "will be flushed again")
  @Outcome(id = "2, false", expect = ACCEPTABLE, desc = "flushed with the write")
  @Outcome(expect = FORBIDDEN, desc = "the write is nowhere else, and nobody knows")
  @State
  public static class Write {
    private final long inode = StressPool.newId();

    {
      StressPool.insert(inode, 1);
    }

    @Actor
    public void write() {
      POOL.modifyDirtyInPlace(inode, 0, 0, StressPool.number(2), 0, Long.BYTES);
    }

    @Actor
    public void flush(final JZ_Result seen) {
      POOL.flush(
          inode,
          0,
          (ofInode, block, runs) -> seen.r1 = runs.bytes(0).get(ValueLayout.JAVA_LONG, 0));
    }

    @Arbiter
    public void look(final JZ_Result seen) {
      seen.r2 = StressPool.needsFlush(inode);
      POOL.removeInodeBlocks(inode);
    }
  }

  /** A write that is discarded again, and a flush. */
  @JCStressTest
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "nothing is left to flush")
  @Outcome(expect = FORBIDDEN, desc = "flag and pages do not agree")
  @State
  public static class Discard {
    private final long inode = StressPool.newId();

    {
      StressPool.insert(inode, 1);
    }

    @Actor
    public void writeAndDiscard() {
      POOL.modifyDirtyInPlace(inode, 0, 0, StressPool.number(2), 0, Long.BYTES);
      final long token = POOL.pinDirty(inode, 0);
      POOL.discardPages(token, 0, MemoryPool.PAGE_BYTES);
      POOL.unpin(token);
    }

    @Actor
    public void flush() {
      POOL.flush(inode, 0, (ofInode, block, runs) -> {});
    }

    @Arbiter
    public void look(final ZZ_Result seen) {
      final long token = POOL.pinDirty(inode, 0);
      seen.r1 = POOL.table().pages.anyToFlush(POOL.table().slotOf(token));
      POOL.unpin(token);
      seen.r2 = StressPool.needsFlush(inode);
      POOL.removeInodeBlocks(inode);
    }
  }
}
