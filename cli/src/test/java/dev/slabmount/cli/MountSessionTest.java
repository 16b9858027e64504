package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MountSessionTest {

  @Test
  void shouldNotFailWhenThePoolsMemoryIsStillInUse() {
    final MemoryPool pool =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(1 << 20)
                .blockSize(1 << 16)
                .closeWait(Duration.ofMillis(10))
                .build());
    final long token = pool.pinOrLoad(1, 2, 0, 100, (key, slot) -> 100);
    assertDoesNotThrow(() -> MountSession.close(pool));
    assertThrows(MemoryPoolException.PoolBusy.class, pool::close);
    pool.unpin(token);
    assertDoesNotThrow(pool::close);
  }
}
