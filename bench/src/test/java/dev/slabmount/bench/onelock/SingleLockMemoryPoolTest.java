package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolContract;

/** The one-lock pool keeps the contract. */
class SingleLockMemoryPoolTest extends MemoryPoolContract {
  @Override
  public MemoryPool create(final MemoryPoolConfig.Builder config) {
    return new SingleLockMemoryPool(config.build());
  }

  @Override
  public void audit(final MemoryPool pool) {
    OneLockAudit.audit(pool);
  }
}
