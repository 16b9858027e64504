package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.StressPool.POOL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** E3: what the index lists is there, whole; what it does not list is not. */
public class ShardLockJcstress {
  private ShardLockJcstress() {}

  /** A block is put in while another thread looks for it, twice. */
  @JCStressTest
  @Outcome(
      id = {"-1, -1", "-1, 7", "7, 7"},
      expect = ACCEPTABLE,
      desc = "absent, then there")
  @Outcome(expect = FORBIDDEN, desc = "gone again, or other bytes than were put in")
  @State
  public static class Insert {
    private final long inode = StressPool.newId();

    @Actor
    public void insert() {
      StressPool.insert(inode, 7);
    }

    @Actor
    public void find(final JJ_Result seen) {
      seen.r1 = StressPool.read(inode);
      seen.r2 = StressPool.read(inode);
    }

    @Arbiter
    public void remove() {
      POOL.removeInodeBlocks(inode);
    }
  }

  /** A block is removed, and another put in under the same key, while another thread looks. */
  @JCStressTest
  @Outcome(
      id = {"7, 7", "7, -1", "7, 8", "-1, -1", "-1, 8", "8, 8"},
      expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "found again after it was gone, or other bytes")
  @State
  public static class Replace {
    private final long inode = StressPool.newId();

    {
      StressPool.insert(inode, 7);
    }

    @Actor
    public void replace() {
      POOL.removeInodeBlocks(inode);
      StressPool.insert(inode, 8);
    }

    @Actor
    public void find(final JJ_Result seen) {
      seen.r1 = StressPool.read(inode);
      seen.r2 = StressPool.read(inode);
    }

    @Arbiter
    public void remove() {
      POOL.removeInodeBlocks(inode);
    }
  }
}
