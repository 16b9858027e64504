package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.Wait;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel does with a file because its open was answered so. */
@Timeout(60)
class OpenAnswersMountIT extends Mounted {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  @Covers({"OpenedFile.parallelDirectWrites"})
  void shouldWriteDirectlyInParallelIfTheFileSaysSo() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    RecordingFs meeting =
        new RecordingFs() {
          @Override
          public void open(Request r, long ino, int flags) {
            r.reply().opened(r.openedFile().fh(1).directIo(true).parallelDirectWrites(true));
          }

          @Override
          public synchronized void write(Request r, long ino, long fh, long offset, int length) {
            both.countDown();
            Request later = r.detach();
            Thread.ofPlatform().start(() -> answerWhenBothAreHere(later, length, both));
          }
        };
    meeting.file("f", new byte[8192]);
    mount = describe(meeting).mount();
    String said = client("pair", "f", "first", "second");
    if (transport == TransportKind.DEV ? has(0, 2) : parallelDirectWrites()) {
      assertEquals("6", said);
    } else {
      assertEquals("errno 5", said, "one after the other, so the first waits in vain");
    }
  }

  /** The library's {@code fuse_file_info} has the flag from 3.14.1 on. */
  private static boolean parallelDirectWrites() throws Exception {
    return dev.slabmount.nativebindings.Libfuse3.load().abi().fileInfoFlags().parallelDirectWrites()
        != 0;
  }

  private static void answerWhenBothAreHere(Request r, int length, CountDownLatch both) {
    boolean met;
    try {
      met = both.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      met = false;
    }
    if (met) {
      r.reply().written(length);
    } else {
      r.reply().error(Errno.EIO);
    }
  }

  @Test
  @Covers({"OpenedFile.nonseekable"})
  void shouldNotSeekInAFileThatIsOpenedSo() throws Exception {
    RecordingFs streaming =
        new RecordingFs() {
          @Override
          public void open(Request r, long ino, int flags) {
            r.reply().opened(r.openedFile().fh(1).nonseekable(true));
          }
        };
    streaming.file("f", new byte[10]);
    mount = describe(streaming).mount();
    assertEquals("errno 29", client("seekable", "f"), "ESPIPE");
  }

  @Test
  @Covers({"OpenedFile.noFlush"})
  void shouldNotFlushAFileThatIsOpenedSo() throws Exception {
    RecordingFs quiet =
        new RecordingFs() {
          @Override
          public void open(Request r, long ino, int flags) {
            r.reply().opened(r.openedFile().fh(1).noFlush(true));
          }
        };
    quiet.file("f", new byte[10]);
    mount = describe(quiet).mount();
    sh("cat f >&2");
    Wait.until(
        "the file is released",
        () -> quiet.calls.stream().anyMatch(c -> c.what().startsWith("release")));
    assertEquals(
        has(11, 0) ? 0 : 1,
        quiet.calls.stream().filter(c -> c.what().startsWith("flush")).limit(1).count());
  }

  @Test
  @Covers({"OpenedFile.keepCache", "OpenedFile.cacheReaddir"})
  void shouldKeepPagesAndListingsIfTheOpenSaysSo() throws Exception {
    RecordingFs kept =
        new RecordingFs() {
          @Override
          public void open(Request r, long ino, int flags) {
            r.reply().opened(r.openedFile().fh(1).keepCache(true));
          }

          @Override
          public void opendir(Request r, long ino, int flags) {
            r.reply().opened(r.openedFile().fh(1).keepCache(true).cacheReaddir(true));
          }
        };
    kept.file("f", ascii("text"));
    kept.entryTimeoutNanos = HOUR;
    kept.attributesTimeoutNanos = HOUR;
    kept.without.add(Feature.READDIRPLUS);
    mount = describe(kept).mount();
    assertEquals("texttextf\nf\n", sh("cat f; cat f; ls; ls"));
    long reads = kept.calls.stream().filter(c -> c.what().startsWith("read ")).count();
    assertEquals(1, reads, "of the file");
    long fromStart = kept.calls.stream().filter(c -> c.what().matches("readdir 1 1 0")).count();
    assertEquals(1, fromStart, "of the directory, from its beginning");
  }

  /** A pipe of sorts: what is written can be read, by the same open file at the same time. */
  @Test
  @Covers({"OpenedFile.stream"})
  void shouldReadAndWriteAStreamAtATime() throws Exception {
    CountDownLatch written = new CountDownLatch(1);
    RecordingFs piping =
        new RecordingFs() {
          @Override
          public void open(Request r, long ino, int flags) {
            r.reply().opened(r.openedFile().fh(1).directIo(true).stream(true));
          }

          @Override
          public void read(Request r, long ino, long fh, long offset, int length) {
            Request later = r.detach();
            Thread.ofPlatform().start(() -> answerWhenWritten(later, written));
          }

          @Override
          public synchronized void write(Request r, long ino, long fh, long offset, int length) {
            written.countDown();
            r.reply().written(length);
          }
        };
    piping.file("f", new byte[10]);
    mount = describe(piping).mount();
    assertEquals("errno 29", client("seekable", "f"), "ESPIPE");
    if (transport == TransportKind.DEV) {
      assertEquals("1", client("stream", "f"));
    }
  }

  private static void answerWhenWritten(Request r, CountDownLatch written) {
    try {
      r.reply().data(new byte[1], 0, written.await(10, TimeUnit.SECONDS) ? 1 : 0);
    } catch (InterruptedException e) {
      r.reply().error(Errno.EINTR);
    }
  }
}
