package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.KnownWeaknesses;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;

/** The one-lock pool has none of the known weaknesses but R6, which is what one lock is. */
class SingleLockKnownWeaknessesTest extends KnownWeaknesses {
  @Override
  public MemoryPool create(final MemoryPoolConfig.Builder config) {
    return new SingleLockMemoryPool(config.build());
  }

  @Override
  public void audit(final MemoryPool pool) {
    OneLockAudit.audit(pool);
  }
}
