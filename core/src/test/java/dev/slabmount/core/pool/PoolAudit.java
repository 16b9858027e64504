package dev.slabmount.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asserts that a quiet pool of which nobody holds anything is sound. */
public final class PoolAudit {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private PoolAudit() {}

  /**
   * Throws if the books of this pool, which must be the sharded one, are wrong and stay so: the
   * pool's own threads may be ending a flush that nobody waits for any more.
   */
  public static void audit(final MemoryPool pool) {
    final long deadline = System.nanoTime() + PATIENCE_NANOS;
    PoolInspector.Audit audit = new PoolInspector(pool).audit(0);
    while (!audit.isSound() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      audit = new PoolInspector(pool).audit(0);
    }
    assertEquals(List.of(), audit.findings(), "the audit");
  }
}
