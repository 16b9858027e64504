package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * Closing, seen by every method that a pool has, found by reflection so that none is forgotten:
 * refused afterwards, harmless meanwhile.
 */
public abstract class EveryMethodContract extends PoolFixture {
  private static final Set<String> WORK_WHEN_CLOSED =
      Set.of("config", "stats", "hitCount", "allocationCount", "hitRate", "close");

  /** For pools of this kind. */
  protected EveryMethodContract(final PoolKind kind) {
    super(kind);
  }

  private static List<Method> methods() {
    return Arrays.stream(MemoryPool.class.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .sorted(Comparator.comparing(Method::toGenericString))
        .toList();
  }

  private static boolean takesToken(final Method method) {
    return Arrays.stream(method.getParameters())
        .anyMatch(parameter -> parameter.getName().equals("token"));
  }

  /** Calls a method with arguments that fit; throws what it throws. */
  private static Object call(final MemoryPool pool, final Method method, final long token)
      throws Throwable {
    final Object[] arguments =
        Arrays.stream(method.getParameters()).map(p -> argument(p, token)).toArray();
    try {
      return method.invoke(pool, arguments);
    } catch (final InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static Object argument(final Parameter parameter, final long token) {
    final Class<?> type = parameter.getType();
    if (type == long.class) {
      return switch (parameter.getName()) {
        case "token" -> token;
        case "sourceOffset" -> 0L;
        default -> 1L;
      };
    }
    if (type == int.class) {
      return Set.of("block", "offset").contains(parameter.getName()) ? 0 : 8;
    }
    if (type == BlockKey.class) {
      return BlockKey.ofContent(1, 1, 0);
    }
    if (type == MemorySegment.class) {
      return segment(bytes(1, 8));
    }
    if (type == BlockContentProvider.class) {
      return (BlockContentProvider) (key, slot) -> 8;
    }
    assertTrue(type.isInterface(), "no argument for " + parameter);
    return Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (_, method, _) -> result(method));
  }

  /** Of a callback: a length or offset that fits everywhere. */
  private static Object result(final Method callback) {
    return callback.getReturnType() == int.class ? (Object) 8 : null;
  }

  @Test
  void shouldRefuseEveryMethodOnceClosed() {
    final MemoryPool pool = unwatchedPool(slots(4));
    final long token = pool.pinOrLoad(1, 1, 0, 8, (key, slot) -> 8);
    pool.unpin(token);
    pool.close();
    int refused = 0;
    for (final Method method : methods()) {
      if (!WORK_WHEN_CLOSED.contains(method.getName())) {
        assertThrows(
            MemoryPoolException.PoolClosed.class,
            () -> call(pool, method, token),
            method::toString);
        refused++;
      }
    }
    assertTrue(refused > 25, "only " + refused + " methods");
    assertEquals(0, pool.stats().totalBlocks());
  }

  @Test
  void shouldLetWhoeverHoldsATokenUseItWhileThePoolIsClosing() throws Throwable {
    final MemoryPool pool = unwatchedPool(slots(4).closeWait(Duration.ofSeconds(PATIENCE_SECONDS)));
    pool.insertDirty(1, 0, segment(bytes(1, SLOT))).close();
    final long token = pool.pinDirty(1, 0);
    final MemorySegment view = pool.view(token);
    final MemorySegment raw = MemorySegment.ofAddress(pool.address(token)).reinterpret(SLOT);
    final CompletableFuture<Void> closing = CompletableFuture.runAsync(pool::close);
    awaitThat("the pool is closing", () -> refuses(pool));
    assertEquals(SLOT, pool.length(token));
    assertEquals(raw.address(), pool.address(token));
    assertEquals(-1, raw.mismatch(segment(bytes(1, SLOT))));
    assertEquals(-1, view.mismatch(segment(bytes(1, SLOT))));
    assertEquals(-1, pool.view(token).mismatch(view));
    pool.unpin(token);
    closing.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThrows(IllegalStateException.class, () -> view.get(ValueLayout.JAVA_BYTE, 0));
  }

  private static boolean refuses(final MemoryPool pool) {
    try {
      pool.hasDirty(1, 0);
      return false;
    } catch (final MemoryPoolException.PoolClosed e) {
      return true;
    }
  }

  /** Several threads call whatever there is, with tokens that they hold, until they are refused. */
  @RepeatedTest(10)
  void shouldTurnEveryCallAwayInGoodOrderWhileThePoolIsClosed() throws Exception {
    final long seed = new Random().nextLong();
    final MemoryPool pool =
        unwatchedPool(
            MemoryPoolConfig.builder()
                .maxSize(16 * SLOT)
                .blockSize(4 * SLOT)
                .roomWait(Duration.ofMillis(5))
                .closeWait(Duration.ofSeconds(PATIENCE_SECONDS)));
    final CountDownLatch warm = new CountDownLatch(4);
    final List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      final Random random = new Random(seed + i);
      callers.add(
          CompletableFuture.runAsync(
              () -> callUntilRefused(pool, random, warm, "seed " + seed),
              task -> Thread.ofPlatform().daemon().start(task)));
    }
    awaitQuietly(warm);
    pool.close();
    for (final CompletableFuture<Void> caller : callers) {
      resultOf(caller);
    }
    assertEquals(0, pool.stats().pins(), "seed " + seed);
    assertEquals(0, pool.stats().slotsInUse(), "seed " + seed);
  }

  private static void callUntilRefused(
      final MemoryPool pool, final Random random, final CountDownLatch warm, final String seed) {
    final List<Method> methods =
        methods().stream()
            .filter(method -> !Set.of("close", "unpin").contains(method.getName()))
            .toList();
    for (int i = 0; ; i++) {
      final Method method = methods.get(random.nextInt(methods.size()));
      try {
        callOnce(pool, method);
      } catch (final MemoryPoolException.PoolClosed e) {
        return;
      } catch (final MemoryPoolException | IllegalArgumentException e) {
        assertTrue(warm.getCount() >= 0, "an answer like any other"); // Of an open pool.
      } catch (final Throwable e) {
        throw new AssertionError(method + ", " + seed, e);
      }
      if (i == 100) {
        warm.countDown();
      }
    }
  }

  private static void callOnce(final MemoryPool pool, final Method method) throws Throwable {
    if (!takesToken(method)) {
      giveBack(pool, method, call(pool, method, MemoryPool.NO_BLOCK));
      return;
    }
    pool.insertDirty(1, 0, segment(bytes(1, 8))).close();
    final long token = pool.pinDirty(1, 0);
    if (token != MemoryPool.NO_BLOCK) {
      try {
        call(pool, method, token);
      } finally {
        pool.unpin(token); // Must work until the last pin is gone.
      }
    }
  }

  private static void giveBack(final MemoryPool pool, final Method method, final Object result)
      throws Exception {
    if (result instanceof final AutoCloseable handle) {
      handle.close();
    } else if (result instanceof final Long token
        && !Set.of("hitCount", "allocationCount").contains(method.getName())
        && token != MemoryPool.NO_BLOCK) {
      pool.unpin(token);
    }
  }
}
