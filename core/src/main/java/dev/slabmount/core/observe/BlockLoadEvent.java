package dev.slabmount.core.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/**
 * A provider was asked for a block, or for missing pages of one, from the listing of the load to
 * its end. The thread is the one that loads.
 */
@Name("dev.slabmount.BlockLoad")
@Label("Block Load")
@Description("A block, or missing pages of one, was read from its provider")
@Category({"slabmount", "Pool"})
@Threshold("1 ms")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields.
public final class BlockLoadEvent extends Event {
  /** The block, or its pages, are in the pool. */
  public static final String LOADED = "LOADED";

  /** The provider failed, or there was no room. */
  public static final String FAILED = "FAILED";

  /** The loading thread was interrupted, or what it read was removed meanwhile. */
  public static final String RESTARTED = "RESTARTED";

  /** Given up by those who waited. */
  public static final String LATE = "LATE";

  private static final BlockLoadEvent PROBE = new BlockLoadEvent();

  @Label("Key")
  private @Nullable String key;

  @Label("Bytes")
  @Description("Bytes that the provider wrote; 0 if it failed")
  @DataAmount
  private long bytes;

  @Label("Outcome")
  @Description(
      "LOADED; FAILED; RESTARTED: the loading thread was interrupted, or what it read was removed"
          + " meanwhile; LATE: given up by those who waited")
  private @Nullable String outcome;

  @Label("Waiters")
  @Description("Other threads that waited for this load when it ended")
  private int waiters;

  @Label("Ahead")
  @Description("Nobody had asked for the block when the load began")
  private boolean ahead;

  private BlockLoadEvent() {}

  /** A load that begins now; null while nobody records loads. */
  public static @Nullable BlockLoadEvent started() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    final BlockLoadEvent event = new BlockLoadEvent();
    event.begin();
    return event;
  }

  /** The load has ended. */
  public void ended(
      final Object ofKey,
      final long loaded,
      final String how,
      final int othersWaiting,
      final boolean loadedAhead) {
    end();
    if (shouldCommit()) {
      key = ofKey.toString();
      bytes = loaded;
      outcome = how;
      waiters = othersWaiting;
      ahead = loadedAhead;
      commit();
    }
  }
}
