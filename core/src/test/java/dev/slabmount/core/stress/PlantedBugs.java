package dev.slabmount.core.stress;

import dev.slabmount.core.pool.BlockReader;
import dev.slabmount.core.pool.EvictionAlgorithm;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MutableBlockHandle;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Pools with one bug each, which the checks must find, or they prove nothing. */
enum PlantedBugs implements PoolUnderTest {
  /** A flush takes down the flag of a write that came later; it is lost with the next eviction. */
  FLUSH_TAKES_LATER_WRITES("lost") {
    @Override
    @Nullable Object call(final MemoryPool pool, final Method method, final Object[] arguments)
        throws Throwable {
      if (method.getName().equals("markFlushed") && arguments.length == 3) {
        return pool.markFlushed((long) arguments[0], (int) arguments[1]);
      }
      return invoke(pool, method, arguments);
    }
  },

  /** A flush marks the pages clean but does not write them. */
  FLUSH_WRITES_NOTHING("lost") {
    @Override
    @Nullable Object call(final MemoryPool pool, final Method method, final Object[] arguments)
        throws Throwable {
      if (method.getName().equals("flush")) {
        return pool.flush((long) arguments[0], (int) arguments[1], (inode, block, runs) -> {});
      }
      return invoke(pool, method, arguments);
    }
  },

  /** Whoever loads a block reads it without its latch, and sees halves of writes. */
  READS_TAKE_NO_LATCH("torn") {
    @Override
    @Nullable Object call(final MemoryPool pool, final Method method, final Object[] arguments)
        throws Throwable {
      final Object result = invoke(pool, method, arguments);
      return method.getName().equals("acquireDirty")
          ? withoutLatch(pool, (MutableBlockHandle) result)
          : result;
    }
  },

  /** Removing an inode's blocks does not return. */
  REMOVAL_HANGS("hung") {
    @Override
    @Nullable Object call(final MemoryPool pool, final Method method, final Object[] arguments)
        throws Throwable {
      if (method.getName().equals("removeInodeBlocks")) {
        Thread.sleep(60_000);
      }
      return invoke(pool, method, arguments);
    }
  };

  /** What the failure has to be called. */
  final String symptom;

  PlantedBugs(final String symptom) {
    this.symptom = symptom;
  }

  /** Puts pools with the bug under stress until it is found, or the time is over. */
  Verdict hunt(final long seed, final Duration atMost) {
    return new StressRun(this, EvictionAlgorithm.ADAPTIVE_FIFO, seed, Duration.ofSeconds(2))
        .run(atMost);
  }

  /** Runs many seeds beside the model, up to the first that finds it. */
  Verdict huntWithModel(final long seed) {
    return ModelRuns.run(this, seed, 200);
  }

  abstract @Nullable Object call(MemoryPool pool, Method method, Object[] arguments)
      throws Throwable;

  @Override
  public MemoryPool create(final MemoryPoolConfig config) {
    final MemoryPool pool = MemoryPool.create(config);
    return proxy(MemoryPool.class, (self, method, arguments) -> call(pool, method, arguments));
  }

  /** The bugs are to be found while all are at work. */
  @Override
  public void audit(final MemoryPool pool) {}

  private static MutableBlockHandle withoutLatch(
      final MemoryPool pool, final MutableBlockHandle handle) {
    return proxy(
        MutableBlockHandle.class,
        (self, method, arguments) -> {
          final long token =
              method.getName().equals("withData")
                  ? pool.pinDirty(handle.key().inode(), handle.key().block())
                  : MemoryPool.NO_BLOCK;
          if (token == MemoryPool.NO_BLOCK) {
            return invoke(handle, method, arguments);
          }
          try {
            return ((BlockReader<?, ?>) arguments[0]).read(pool.view(token));
          } finally {
            pool.unpin(token);
          }
        });
  }

  private static <T> T proxy(final Class<T> type, final InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static @Nullable Object invoke(
      final Object target, final Method method, final @Nullable Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (final InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
