package dev.slabmount.fuse.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongSupplier;

/**
 * Whether the workers of a mount let others run ({@code sched_yield}) before they wait for the next
 * request. It is tried out, again and again, because whether it pays depends on how many programs
 * ask at a time, on the scheduler, and on what else runs.
 *
 * <p>A worker that yields stays awake: the program that it has just answered runs next on the same
 * processor, asks again, and its request finds nobody asleep who had to be woken up on another
 * processor. With about as many programs as processors each finds a worker of its own that way. If
 * there are more or fewer, yielding costs a system call for nothing; and if something else uses the
 * processor, it costs the rest of a time slice (from Linux 6.18 on also the claim to it).
 *
 * <pre>
 *   trial:  off  on  off  on  off  on     requests are counted, more with or without?
 *   kept:   1 s, twice as long each time that a trial ends like the one before it, at most 16 s;
 *           or until the rate of requests is half as high again, or lower, or until yielding
 *           has taken more than 1 ms three times within 100 ms
 * </pre>
 *
 * <p>Only time in which requests come counts. A worker looks at a clock once in {@value
 * #REQUESTS_PER_LOOK} requests, and around each yield.
 *
 * <p>Thread-safe. What a trial knows is guarded by {@link #looking}, a lock that nobody waits for;
 * {@link #on} is advice, so reading it needs no ordering.
 */
final class Yielding {
  /** A worker calls {@link #look} after each so many requests; a power of two. */
  static final int REQUESTS_PER_LOOK = 64;

  private static final long MILLISECOND = 1_000_000;
  private static final long SETTLE_NANOS = 5 * MILLISECOND; // until threads have found their places
  private static final long COUNT_NANOS = 15 * MILLISECOND;
  private static final long KEEP_NANOS = 100 * MILLISECOND;
  private static final long PAUSE_NANOS = 20 * MILLISECOND; // without any look: nobody asks much
  private static final int STRETCHES = 6;
  private static final int SHORTEST_KEEP = 10;
  private static final int LONGEST_KEEP = 160;
  private static final int SURE_AFTER = 5;
  private static final long LONG_NANOS = MILLISECOND; // who was answered asks again much sooner
  private static final int TOO_MANY = 3;
  private static final double WORTH_IT = 1.05;
  private static final double HARMFUL = 0.7;
  private static final double ANOTHER_LOAD = 1.5;

  private static final VarHandle ON;
  private static final VarHandle LOOKING;
  private static final VarHandle LONG_ONES;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ON = lookup.findVarHandle(Yielding.class, "on", boolean.class);
      LOOKING = lookup.findVarHandle(Yielding.class, "looking", boolean.class);
      LONG_ONES = lookup.findVarHandle(Yielding.class, "longOnes", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final boolean possible;
  private final LongSupplier requests;
  private boolean on;

  @SuppressWarnings("UnusedVariable") // through LOOKING
  private boolean looking;

  // How often yielding took long in this stretch: added to by workers, set back by who looks.
  private int longOnes;

  // The stretch of time that is being counted.
  private long dueAt;
  private long beganAt;
  private long beganWith;
  private boolean settling;

  // The trial, which consists of several: those without yielding, those with it.
  private int stretchesLeft;
  private final long[] counted = new long[2];
  private final long[] nanos = new long[2];

  // What came of the last one.
  private boolean decision;
  private double decidedRate;
  private int keepsLeft;
  private int keep = SHORTEST_KEEP / 2;

  /**
   * Begins without yielding.
   *
   * @param possible false: workers never yield
   * @param requests how many were served so far, by all workers
   * @param now by the clock of {@link #look}
   */
  Yielding(boolean possible, LongSupplier requests, long now) {
    this.possible = possible;
    this.requests = requests;
    this.dueAt = now;
  }

  /** Whether to yield now. Any thread. */
  boolean isOn() {
    return (boolean) ON.getOpaque(this);
  }

  /**
   * A worker has yielded for so long. If that is a time slice of somebody else's, again and again,
   * no more is risked. Any thread.
   */
  void took(long yieldNanos) {
    if (yieldNanos > LONG_NANOS && (int) LONG_ONES.getAndAdd(this, 1) >= TOO_MANY - 1) {
      set(false);
    }
  }

  /** A worker has served some more requests. Any thread; does nothing while another is in here. */
  void look(long now) {
    if (possible && LOOKING.compareAndSet(this, false, true)) {
      try {
        if (now - dueAt >= 0) {
          next(now, requests.getAsLong());
        }
      } finally {
        LOOKING.setRelease(this, false);
      }
    }
  }

  /** A stretch is over. */
  private void next(long now, long total) {
    boolean paused = now - dueAt > PAUSE_NANOS;
    if ((int) LONG_ONES.getOpaque(this) >= TOO_MANY) {
      stretchesLeft = 0;
      settling = false;
      decide(false, Double.NaN); // no rate is far from that, so this is kept as long as may be
      begin(now, total);
    } else if (paused) {
      begin(now, total); // the same once more
    } else if (settling) {
      settling = false;
      begin(now, total);
    } else if (stretchesLeft > 0) {
      count(now, total);
    } else {
      keepOn(now, total);
    }
  }

  private void begin(long now, long total) {
    beganAt = now;
    beganWith = total;
    LONG_ONES.setOpaque(this, 0);
    dueAt = now + (settling ? SETTLE_NANOS : stretchesLeft > 0 ? COUNT_NANOS : KEEP_NANOS);
  }

  private void count(long now, long total) {
    int arm = stretchesLeft & 1; // 1: with yielding
    counted[arm] += total - beganWith;
    nanos[arm] += now - beganAt;
    stretchesLeft--;
    if (arm == 1 && rate(1) < HARMFUL * rate(0)) {
      stretchesLeft = 0;
    }
    if (stretchesLeft == 0) {
      boolean better = rate(1) > WORTH_IT * rate(0);
      decide(better, rate(better ? 1 : 0));
    } else {
      set((stretchesLeft & 1) == 1);
      settling = true;
    }
    begin(now, total);
  }

  private double rate(int arm) {
    return (double) counted[arm] / nanos[arm];
  }

  private void decide(boolean better, double rate) {
    keep = better == decision ? Math.min(2 * keep, LONGEST_KEEP) : SHORTEST_KEEP;
    keepsLeft = keep;
    decision = better;
    decidedRate = rate;
    set(better);
  }

  private void keepOn(long now, long total) {
    double rate = (double) (total - beganWith) / (now - beganAt);
    boolean sure = keep - keepsLeft >= SURE_AFTER;
    boolean another = rate > ANOTHER_LOAD * decidedRate || decidedRate > ANOTHER_LOAD * rate;
    keepsLeft--;
    if (keepsLeft <= 0 || (sure && another)) {
      keep = another ? SHORTEST_KEEP / 2 : keep;
      tryOut();
    }
    begin(now, total);
  }

  private void tryOut() {
    stretchesLeft = STRETCHES;
    counted[0] = counted[1] = nanos[0] = nanos[1] = 0;
    set(false);
    settling = true;
  }

  private void set(boolean value) {
    ON.setOpaque(this, value);
  }
}
