package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.StressPool.POOL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZJ_Result;

/** E12: a key that is there all the time is never found to be absent without a lock. */
@JCStressTest
@Outcome(
    id = {"true, 7", "true, 8"},
    expect = ACCEPTABLE,
    desc = "before, or after the change")
@Outcome(expect = FORBIDDEN, desc = "not there, though it always was")
@State
public class AbsentKeyJcstress {
  private final long inode = StressPool.newId();

  {
    StressPool.insert(inode, 7);
  }

  @Actor
  public void replace() {
    StressPool.insert(inode, 8);
  }

  @Actor
  public void find(final ZJ_Result seen) {
    seen.r1 = POOL.hasDirty(inode, 0);
    seen.r2 = StressPool.read(inode);
  }

  @Arbiter
  public void remove() {
    POOL.removeInodeBlocks(inode);
  }
}
