package dev.slabmount.core.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.ValueLayout;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** E15: memory is not unmapped before whoever holds a block has looked for the last time. */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "read until refused; and unmapped")
@Outcome(expect = FORBIDDEN, desc = "other bytes or no memory under a pin; or never unmapped")
@State
public class UnmapJcstress {
  private final MemoryPool pool = CloseJcstress.pool();
  private volatile boolean reading;

  {
    pool.unpin(
        pool.pinOrLoad(
            1,
            1,
            0,
            8,
            (key, slot) -> {
              slot.set(ValueLayout.JAVA_LONG, 0, 7);
              return 8;
            }));
  }

  @Actor
  public void read(final ZZ_Result seen) {
    seen.r1 = true;
    while (look(seen)) {
      reading = true;
    }
  }

  private boolean look(final ZZ_Result seen) {
    final long token;
    try {
      token = pool.pin(1, 1, 0);
    } catch (final MemoryPoolException.PoolClosed e) {
      return false;
    }
    try {
      seen.r1 &= pool.view(token).get(ValueLayout.JAVA_LONG, 0) == 7;
      pool.unpin(token);
    } catch (final MemoryPoolException.PoolClosed | IllegalStateException e) {
      seen.r1 = false;
    }
    return seen.r1;
  }

  @Actor
  public void close(final ZZ_Result seen) {
    while (!reading) {
      Thread.onSpinWait();
    }
    seen.r2 = CloseJcstress.close(pool);
  }
}
