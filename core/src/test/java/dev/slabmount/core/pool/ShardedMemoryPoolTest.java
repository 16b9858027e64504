package dev.slabmount.core.pool;

import org.junit.jupiter.api.Nested;

/** The sharded pool keeps the contract, with either eviction algorithm. */
class ShardedMemoryPoolTest {
  abstract static class Sharded extends MemoryPoolContract {
    private final EvictionAlgorithm eviction;

    Sharded(final EvictionAlgorithm eviction) {
      this.eviction = eviction;
    }

    @Override
    protected MemoryPool create(final MemoryPoolConfig config) {
      return MemoryPool.create(
          new MemoryPoolConfig(
              config.maxSize(),
              config.blockSize(),
              eviction,
              config.hugePages(),
              config.prefault(),
              config.roomWait(),
              config.loadTimeout(),
              config.closeWait()));
    }

    @Override
    protected void audit(final MemoryPool pool) {
      PoolAudit.audit(pool);
    }
  }

  @Nested
  class WithS3Fifo extends Sharded {
    WithS3Fifo() {
      super(EvictionAlgorithm.S3_FIFO);
    }
  }

  @Nested
  class WithClock extends Sharded {
    WithClock() {
      super(EvictionAlgorithm.CLOCK);
    }
  }
}
