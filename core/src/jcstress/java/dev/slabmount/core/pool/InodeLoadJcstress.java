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
import org.openjdk.jcstress.infra.results.J_Result;

/** E16: what was read before the inode's blocks were removed is not in the pool afterwards. */
@JCStressTest
@Outcome(
    id = {"-1", "2"},
    expect = ACCEPTABLE,
    desc = "removed, or read since")
@Outcome(expect = FORBIDDEN, desc = "bytes from before the removal are in the pool after it")
@State
public class InodeLoadJcstress {
  private final long inode = StressPool.newId();
  private volatile long source = 1;

  @Actor
  public void load() {
    POOL.acquireDirty(
            inode,
            0,
            (key, slot) -> {
              slot.set(ValueLayout.JAVA_LONG, 0, source);
              return Long.BYTES;
            })
        .close();
  }

  @Actor
  public void remove() {
    source = 2;
    POOL.removeInodeBlocks(inode);
  }

  @Arbiter
  public void look(final J_Result seen) {
    seen.r1 = StressPool.read(inode);
    POOL.removeInodeBlocks(inode);
  }
}
