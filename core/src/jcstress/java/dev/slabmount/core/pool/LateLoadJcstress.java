package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.StressPool.POOL;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.TimeoutException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** E10: what was read before its content was removed is not in the pool afterwards. */
@JCStressTest
@Outcome(
    id = {"false, 0", "false, 1"},
    expect = ACCEPTABLE,
    desc = "refused, or found and removed")
@Outcome(expect = FORBIDDEN, desc = "bytes from before the removal are in the pool after it")
@State
public class LateLoadJcstress {
  private final long content = StressPool.newId();
  private volatile boolean loading;

  @Actor
  public void loadLate() {
    final BlockContentProvider provider =
        (key, slot) -> {
          POOL.giveUpLoad(content, 0, 0);
          loading = true;
          return 1;
        };
    try {
      POOL.unpin(POOL.pinOrLoad(content, 0, 0, 1, provider));
    } catch (final MemoryPoolException.RetrievalFailed late) {
      assert late.getCause() instanceof TimeoutException : late;
    }
  }

  @Actor
  public void remove(final ZI_Result seen) {
    while (!loading) {
      Thread.onSpinWait();
    }
    seen.r2 = POOL.removeContentBlocks(content, 0);
  }

  @Arbiter
  public void look(final ZI_Result seen) {
    seen.r1 = POOL.contains(content, 0, 0);
  }
}
