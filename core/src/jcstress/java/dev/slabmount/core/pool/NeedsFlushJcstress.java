package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.StressPool.POOL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** E5: the flag of a write that came after a flush is not taken down. */
@JCStressTest
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "written before the flush was over")
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "written after it: the flag is up again")
@Outcome(expect = FORBIDDEN, desc = "the write would be lost with the next eviction")
@State
public class NeedsFlushJcstress {
  private final long inode = StressPool.newId();
  private final long version = StressPool.insert(inode, 1);

  @Actor
  public void write() {
    POOL.modifyDirtyInPlace(inode, 0, 0, StressPool.number(2), 0, Long.BYTES);
  }

  @Actor
  public void flush(final ZZ_Result seen) {
    seen.r1 = POOL.markFlushed(inode, 0, version);
  }

  @Arbiter
  public void look(final ZZ_Result seen) {
    seen.r2 = StressPool.needsFlush(inode);
    POOL.removeInodeBlocks(inode);
  }
}
