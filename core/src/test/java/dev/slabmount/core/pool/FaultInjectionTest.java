package dev.slabmount.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.InterceptedWords;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The n-th claim of a slot, load, fill, modifier, write-back or link into the index fails, for n =
 * 1, 2, … until a life of some blocks passes without. After the failure nothing is lost and nothing
 * is leaked, and the same call succeeds when it is made again.
 */
@Timeout(120)
class FaultInjectionTest {
  @ParameterizedTest
  @EnumSource
  void shouldLoseNothingWhenTheNthEventFails(final Faults.Kind kind) {
    final Set<String> failed = new LinkedHashSet<>();
    for (int n = 1; ; n++) {
      final Faults faults = new Faults(kind, n);
      final String where = live(faults);
      if (!faults.fired()) {
        break;
      }
      failed.add(where);
    }
    final List<String> steps = List.of(kind.steps.split(","));
    assertTrue(failed.containsAll(steps), () -> steps + " should fail, but only did " + failed);
  }

  /** Lives through the scenario; returns in which step something failed. */
  private static String live(final Faults faults) {
    final InterceptedWords[] words = new InterceptedWords[1];
    final ShardedMemoryPool pool =
        new ShardedMemoryPool(
            FaultScenario.config(),
            inner -> words[0] = new InterceptedWords(inner),
            () -> faults.tickHeap(Faults.Kind.LINK));
    final FaultScenario scenario = new FaultScenario(pool, faults);
    final HogAfterClaims hogs = new HogAfterClaims(pool, scenario, faults);
    hogs.countClaim(); // Before the first.
    words[0].afterClaims(hogs::countClaim);
    String failedIn = "";
    for (final FaultScenario.Step step : scenario.steps) {
      final boolean wasHogged = hogs.isActive();
      final Throwable failure = take(step);
      if (wasHogged || failure != null) {
        hogs.release();
      }
      if (failure != null) {
        assertTrue(faults.fired(), step.name() + " fails by itself: " + failure);
        assertEquals("", failedIn, step.name() + " fails after " + failedIn + ": " + failure);
        failedIn = step.name();
        check(pool, scenario, faults + " in " + step.name());
        final Throwable again = take(step);
        assertEquals(null, again, step.name() + " fails again after " + faults);
      }
      if (!hogs.isActive()) {
        check(pool, scenario, step.name() + " with " + faults);
      }
    }
    hogs.release();
    check(pool, scenario, faults.toString());
    pool.clearDiscardingDirty();
    assertEquals(0, pool.stats().slotsInUse());
    pool.close();
    return failedIn;
  }

  private static void check(
      final MemoryPool pool, final FaultScenario scenario, final String when) {
    scenario.verify(when);
    PoolAudit.audit(pool);
  }

  private static @Nullable Throwable take(final FaultScenario.Step step) {
    try {
      step.action().run();
      return null;
    } catch (final MemoryPoolException | Faults.Planned | OutOfMemoryError e) {
      return e;
    }
  }

  /** Lets the n-th claim find a pool without room. */
  private static final class HogAfterClaims {
    private final MemoryPool pool;
    private final FaultScenario scenario;
    private final Faults faults;
    private boolean hogging;
    private @Nullable Hog hog;

    HogAfterClaims(final MemoryPool pool, final FaultScenario scenario, final Faults faults) {
      this.pool = pool;
      this.scenario = scenario;
      this.faults = faults;
    }

    /** A claim is over; if the next is the one to fail, takes all room. */
    void countClaim() {
      if (!hogging && faults.isTheOne(Faults.Kind.CLAIM)) {
        hogging = true; // Its own claims do not count.
        hog = new Hog(pool, scenario.expected.keySet());
        hogging = false;
      }
    }

    boolean isActive() {
      return hog != null;
    }

    void release() {
      if (hog != null) {
        hog.close();
        hog = null;
      }
    }
  }
}
