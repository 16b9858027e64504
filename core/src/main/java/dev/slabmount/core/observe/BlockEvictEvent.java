package dev.slabmount.core.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Throttle;
import org.jspecify.annotations.Nullable;

/**
 * A block was dropped to make room. Recorded a hundred times per second at most unless the
 * recording says otherwise, because a pool that is full evicts with every load.
 */
@Name("dev.slabmount.BlockEvict")
@Label("Block Evict")
@Description("A block was dropped to make room for another")
@Category({"slabmount", "Pool"})
@StackTrace(false)
@Throttle("100/s")
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields.
public final class BlockEvictEvent extends Event {
  /** The eviction policy proposed the block. */
  public static final String POLICY = "POLICY";

  /** The stretch of memory was emptied where a larger block was to lie. */
  public static final String STRETCH = "STRETCH";

  private static final BlockEvictEvent PROBE = new BlockEvictEvent();

  @Label("Key")
  private @Nullable String key;

  @Label("Bytes")
  @Description("Bytes of content that were dropped")
  @DataAmount
  private long bytes;

  @Label("Reason")
  @Description(
      "POLICY: the eviction policy proposed it; STRETCH: it lay in a stretch of memory that was"
          + " emptied for a larger block")
  private @Nullable String reason;

  private BlockEvictEvent() {}

  /** Whether anybody records evictions: only then is it worth to make a key for {@link #emit}. */
  public static boolean isOn() {
    return PROBE.isEnabled();
  }

  /** Tells of an eviction. */
  public static void emit(final Object key, final long bytes, final String reason) {
    final BlockEvictEvent event = new BlockEvictEvent();
    if (event.shouldCommit()) {
      event.key = key.toString();
      event.bytes = bytes;
      event.reason = reason;
      event.commit();
    }
  }
}
