package dev.slabmount.core.pool;

/** The sharded pool has none of the known weaknesses. */
class KnownWeaknessesTest extends KnownWeaknesses {
  @Override
  public MemoryPool create(final MemoryPoolConfig.Builder config) {
    return MemoryPool.create(config.build());
  }

  @Override
  public void audit(final MemoryPool pool) {
    PoolAudit.audit(pool);
  }
}
