package dev.slabmount.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

/** Asserts that a quiet pool of which nobody holds anything is sound. */
public final class PoolAudit {
  private PoolAudit() {}

  /** Throws if the books of this quiet pool, which must be the sharded one, are wrong. */
  public static void audit(final MemoryPool pool) {
    final PoolInspector.Audit audit = new PoolInspector(pool).audit(0);
    assertEquals(List.of(), audit.findings(), "the audit");
  }
}
