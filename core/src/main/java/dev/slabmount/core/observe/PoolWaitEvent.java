package dev.slabmount.core.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** A thread waited in the pool. */
@Name("dev.slabmount.PoolWait")
@Label("Pool Wait")
@Description("A thread waited for room, a load, another flush of a block, or the pool's end")
@Category({"slabmount", "Pool"})
@Threshold("1 ms")
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields.
public final class PoolWaitEvent extends Event {
  /** What was waited for came. */
  public static final String DONE = "DONE";

  /** It did not come in time. */
  public static final String TIMED_OUT = "TIMED_OUT";

  /** The waiting thread was told to stop. */
  public static final String INTERRUPTED = "INTERRUPTED";

  private static final PoolWaitEvent PROBE = new PoolWaitEvent();

  @Label("What For")
  private @Nullable String whatFor;

  @Label("Outcome")
  @Description("DONE: it came, or will not, because the pool was closed; TIMED_OUT; INTERRUPTED")
  private @Nullable String outcome;

  private PoolWaitEvent() {}

  /** A wait that begins now; null while nobody records waits. */
  public static @Nullable PoolWaitEvent started() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    final PoolWaitEvent event = new PoolWaitEvent();
    event.begin();
    return event;
  }

  /** The wait is over. */
  public void ended(final String what, final String how) {
    end();
    if (shouldCommit()) {
      whatFor = what;
      outcome = how;
      commit();
    }
  }
}
