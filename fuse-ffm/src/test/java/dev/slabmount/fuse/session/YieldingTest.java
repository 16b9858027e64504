package dev.slabmount.fuse.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers yield where that serves more requests, and hardly ever where it does not. */
class YieldingTest {
  private static final long MILLISECOND = 1_000_000;
  private static final int SECOND = 1000;

  /** Far from zero, as a counter may be, and about to wrap around. */
  private long now = Long.MAX_VALUE - 50 * MILLISECOND;

  private long served;
  private int perMilli;
  private int perMilliYielding;
  private final Yielding yielding = new Yielding(true, () -> served, now);

  /** Runs for so many milliseconds; returns in how many of them it yielded. */
  private int run(int millis) {
    int on = 0;
    for (int i = 0; i < millis; i++) {
      boolean yields = yielding.isOn();
      on += yields ? 1 : 0;
      served += yields ? perMilliYielding : perMilli;
      now += MILLISECOND;
      yielding.look(now);
    }
    return on;
  }

  private void load(int without, int with) {
    perMilli = without;
    perMilliYielding = with;
  }

  @Test
  void shouldYieldWhereThatServesMore() {
    load(100, 120);
    run(SECOND / 2);
    assertTrue(yielding.isOn());
    int on = run(20 * SECOND);
    assertTrue(on > 19 * SECOND, on + " ms of 20 s");
  }

  @Test
  void shouldNotYieldWhereThatServesNotClearlyMore() {
    load(100, 103);
    run(SECOND / 2);
    assertFalse(yielding.isOn());
    int on = run(20 * SECOND);
    assertTrue(on > 0, "it is tried out");
    assertTrue(on < SECOND / 2, on + " ms of 20 s");
  }

  @Test
  void shouldEndATrialAtOnceThatDoesHarm() {
    load(100, 30);
    int longest = 0;
    int streak = 0;
    int trials = 0;
    for (int i = 0; i < 10 * SECOND; i++) {
      streak = run(1) == 0 ? 0 : streak + 1;
      longest = Math.max(longest, streak);
      trials += streak == 1 ? 1 : 0;
    }
    assertTrue(longest <= 20, longest + " ms");
    assertTrue(trials >= 1 && trials <= 5, trials + " times in 10 s");
  }

  @Test
  void shouldRiskNoMoreWhenSomebodyElseUsesTheProcessors() {
    load(100, 120);
    run(5 * SECOND);
    for (int i = 0; i < 3; i++) {
      assertTrue(yielding.isOn());
      yielding.took(3 * MILLISECOND);
    }
    assertFalse(yielding.isOn());
    assertEquals(0, run(SECOND));
    int on = 0;
    for (int i = 0; i < 30 * SECOND; i++) {
      on += run(1);
      if (yielding.isOn()) {
        yielding.took(3 * MILLISECOND);
      }
    }
    assertTrue(on > 0, "it is tried out");
    assertTrue(on < 50, on + " ms of 30 s");
  }

  @Test
  void shouldNotMindThatYieldingTakesLongNowAndThen() {
    load(100, 120);
    run(5 * SECOND);
    for (int i = 0; i < 100; i++) {
      yielding.took(3 * MILLISECOND);
      yielding.took(MILLISECOND / 2);
      run(100);
    }
    assertTrue(yielding.isOn());
  }

  @Test
  void shouldChangeItsMindWhenTheLoadChanges() {
    load(100, 150);
    run(10 * SECOND);
    assertTrue(yielding.isOn());
    load(300, 250);
    run(SECOND);
    assertFalse(yielding.isOn());
    load(100, 150);
    run(SECOND);
    assertTrue(yielding.isOn());
  }

  @Test
  void shouldChangeItsMindThoughTheRateStays() {
    load(100, 110);
    run(40 * SECOND);
    assertTrue(yielding.isOn());
    load(120, 110);
    run(17 * SECOND);
    assertFalse(yielding.isOn());
  }

  @Test
  void shouldNotCountTimeInWhichNothingIsAsked() {
    load(100, 120);
    for (int burst = 0; burst < 60; burst++) {
      run(137);
      now += 5_000 * MILLISECOND;
      yielding.look(now);
    }
    assertTrue(yielding.isOn());
    int on = run(5 * SECOND);
    assertTrue(on > 4 * SECOND, on + " ms of 5 s");
  }

  @Test
  void shouldNeverYieldWhereThatIsNotWanted() {
    Yielding never =
        new Yielding(
            false,
            () -> {
              throw new AssertionError("nobody needs to know");
            },
            now);
    for (int i = 0; i < 5 * SECOND; i++) {
      now += MILLISECOND;
      never.look(now);
      assertFalse(never.isOn());
    }
  }

  @Test
  @Timeout(20)
  void shouldLetNobodyWaitForWhoLooks() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    Yielding shared =
        new Yielding(
            true,
            () -> {
              calls.incrementAndGet();
              inside.countDown();
              try {
                assertTrue(leave.await(10, TimeUnit.SECONDS));
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              return 0;
            },
            now);
    Thread other = new Thread(() -> shared.look(now));
    other.start();
    assertTrue(inside.await(10, TimeUnit.SECONDS));
    shared.look(now);
    assertEquals(1, calls.get());
    leave.countDown();
    other.join();
    shared.look(now + 200 * MILLISECOND);
    assertEquals(2, calls.get());
  }
}
