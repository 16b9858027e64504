package dev.slabmount.core.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** E14: what comes while the pool is closed is refused, or found by the closer and taken out. */
public class CloseJcstress {
  private static final int BLOCK = 4096;

  private CloseJcstress() {}

  /** A pool of its own, which waits long enough for what will not come. */
  static MemoryPool pool() {
    return MemoryPool.create(
        MemoryPoolConfig.builder()
            .maxSize(4 * BLOCK)
            .blockSize(BLOCK)
            .hugePages(false)
            .closeWait(Duration.ofSeconds(3))
            .build());
  }

  /** Closes the pool; returns whether nothing was left in it. */
  static boolean close(final MemoryPool pool) {
    try {
      pool.close();
      return true;
    } catch (final MemoryPoolException.PoolBusy e) {
      return false;
    }
  }

  /** A block that is being loaded when the pool is closed. */
  @JCStressTest
  @Outcome(
      id = {"true, true", "false, true"},
      expect = ACCEPTABLE,
      desc = "loaded or refused, and gone")
  @Outcome(expect = FORBIDDEN, desc = "left behind in a pool that is closed")
  @State
  public static class Load {
    private final MemoryPool pool = pool();
    private volatile boolean loading;

    @Actor
    public void load(final ZZ_Result seen) {
      final BlockContentProvider provider =
          (key, slot) -> {
            loading = true;
            return 8;
          };
      try {
        pool.unpin(pool.pinOrLoad(1, 1, 0, 8, provider));
        seen.r1 = true;
      } catch (final MemoryPoolException.PoolClosed e) {
        seen.r1 = false;
      }
    }

    @Actor
    public void close(final ZZ_Result seen) {
      while (!loading) {
        Thread.onSpinWait();
      }
      seen.r2 = CloseJcstress.close(pool);
    }
  }

  /** A block of an inode that is inserted without content. */
  @JCStressTest
  @Outcome(
      id = {"true, true", "false, true"},
      expect = ACCEPTABLE,
      desc = "inserted or refused, and gone")
  @Outcome(expect = FORBIDDEN, desc = "left behind in a pool that is closed")
  @State
  public static class Insert {
    private final MemoryPool pool = pool();

    @Actor
    public void insert(final ZZ_Result seen) {
      try {
        pool.unpin(pool.claimDirty(1, 0, 8, 8));
        seen.r1 = true;
      } catch (final MemoryPoolException.PoolClosed e) {
        seen.r1 = false;
      }
    }

    @Actor
    public void close(final ZZ_Result seen) {
      seen.r2 = CloseJcstress.close(pool);
    }
  }
}
