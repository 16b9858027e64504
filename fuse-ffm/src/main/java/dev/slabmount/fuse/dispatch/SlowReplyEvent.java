package dev.slabmount.fuse.dispatch;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** A request was answered; the threshold leaves the slow ones. Its fields are for people. */
@Name("dev.slabmount.SlowReply")
@Label("Slow Reply")
@Description("A request of the kernel, from when it was received to when it was answered")
@Category({"slabmount", "FUSE"})
@Threshold("10 ms")
@StackTrace(false)
final class SlowReplyEvent extends Event {
  private static final SlowReplyEvent ANY = new SlowReplyEvent();

  @Label("Operation")
  String operation = "";

  @Label("Inode")
  long ino;

  @Label("Request")
  @Description("Its number, as the request log has it")
  long unique;

  @Label("Detached")
  @Description("Whether it waited for something without a worker")
  boolean detached;

  /** A new event that begins now; null if nobody records these. */
  static @Nullable SlowReplyEvent begunIfRecorded() {
    if (!ANY.isEnabled()) {
      return null;
    }
    SlowReplyEvent begun = new SlowReplyEvent();
    begun.begin();
    return begun;
  }
}
