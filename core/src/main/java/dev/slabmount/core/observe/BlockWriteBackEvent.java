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

/** A block's unflushed pages were handed to whoever keeps them for good, until he was done. */
@Name("dev.slabmount.BlockWriteBack")
@Label("Block Write-Back")
@Description("Unflushed pages of a block were written back")
@Category({"slabmount", "Pool"})
@Threshold("1 ms")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields.
public final class BlockWriteBackEvent extends Event {
  private static final BlockWriteBackEvent PROBE = new BlockWriteBackEvent();

  @Label("Key")
  private @Nullable String key;

  @Label("Bytes")
  @Description("Bytes that were handed over")
  @DataAmount
  private long bytes;

  @Label("Outcome")
  @Description("FLUSHED; DIRTIED: written again meanwhile, in part at least; FAILED")
  private @Nullable String outcome;

  private BlockWriteBackEvent() {}

  /** A write-back that begins now; null while nobody records them. */
  public static @Nullable BlockWriteBackEvent started() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    final BlockWriteBackEvent event = new BlockWriteBackEvent();
    event.begin();
    return event;
  }

  /** The write-back has ended. */
  public void ended(final Object ofKey, final long written, final String how) {
    end();
    if (shouldCommit()) {
      key = ofKey.toString();
      bytes = written;
      outcome = how;
      commit();
    }
  }
}
