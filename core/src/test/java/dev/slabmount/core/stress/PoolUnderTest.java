package dev.slabmount.core.stress;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.PoolAudit;

/** How to make the pool that is put to the test, and how to look through it when it is quiet. */
public interface PoolUnderTest {
  /** The pool that ships. */
  PoolUnderTest SHARDED =
      new PoolUnderTest() {
        @Override
        public MemoryPool create(final MemoryPoolConfig config) {
          return MemoryPool.create(config);
        }

        @Override
        public void audit(final MemoryPool pool) {
          PoolAudit.audit(pool);
        }
      };

  /** A new pool. */
  MemoryPool create(MemoryPoolConfig config);

  /** Throws an {@link AssertionError} if a quiet pool's books are wrong. */
  void audit(MemoryPool pool);
}
