package dev.slabmount.core.pool;

import org.junit.jupiter.api.Nested;

/** The sharded pool keeps the contract, with every eviction algorithm. */
class ShardedMemoryPoolTest {
  abstract static class Sharded extends MemoryPoolContract {
    private final EvictionAlgorithm eviction;

    Sharded(final EvictionAlgorithm eviction) {
      this.eviction = eviction;
    }

    @Override
    public MemoryPool create(final MemoryPoolConfig.Builder config) {
      return MemoryPool.create(config.eviction(eviction).build());
    }

    @Override
    public void audit(final MemoryPool pool) {
      PoolAudit.audit(pool);
    }
  }

  @Nested
  class WithAdaptiveFifo extends Sharded {
    WithAdaptiveFifo() {
      super(EvictionAlgorithm.ADAPTIVE_FIFO);
    }
  }

  @Nested
  class WithLru extends Sharded {
    WithLru() {
      super(EvictionAlgorithm.LRU);
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
