package dev.slabmount.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Without a mount, and so in another JVM than those tests which look for garbage. */
@Timeout(60)
class SlowReplyEventTest {
  private static final long SLOW_NANOS = 300_000_000L;

  @TempDir Path dir;

  private final ContextPool pool =
      new ContextPool(FakeBuffers::new, 1, new LookupCounts(), new ReplyCounters());
  private final FakeWorker worker = new FakeWorker(pool);

  @Test
  void shouldTellTheFlightRecorderOfSlowReplies() throws Exception {
    Path file = dir.resolve("slow.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("dev.slabmount.SlowReply").withThreshold(Duration.ofMillis(250));
      recording.start();
      assertTrue(worker.begin(Operation.GETATTR).reply().ok());
      RequestContext slow = worker.begin(Operation.READ);
      long began = System.nanoTime();
      slow.arguments.ino = 7;
      slow.arguments.unique = 18;
      Request later = slow.detach();
      Wait.until("it is slow", () -> System.nanoTime() - began >= SLOW_NANOS);
      assertTrue(later.reply().error(5));
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    assertEquals(1, events.size(), events.toString());
    RecordedEvent event = events.getFirst();
    assertEquals("dev.slabmount.SlowReply", event.getEventType().getName());
    assertEquals("read", event.getString("operation"));
    assertEquals(7, event.getLong("ino"));
    assertEquals(18, event.getLong("unique"));
    assertTrue(event.getBoolean("detached"));
    assertTrue(event.getDuration().toNanos() >= SLOW_NANOS);
  }
}
