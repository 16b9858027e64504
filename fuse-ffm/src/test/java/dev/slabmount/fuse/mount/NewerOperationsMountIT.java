package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Wait;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What not every kernel and libfuse has, what the kernel is told or asked behind its back, and what
 * a request says beside its arguments.
 */
@Timeout(60)
class NewerOperationsMountIT extends Mounted {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void mountOther(RecordingFs other, int workers) throws Exception {
    mount =
        FuseMount.of(other)
            .transport(transport)
            .at(point)
            .threads(workers)
            .drain(Duration.ofSeconds(3))
            .option("allow_other")
            .mount();
  }

  @Test
  @Covers({"tmpfile"})
  void shouldMakeAFileWithoutAName() throws Exception {
    mount();
    String said = sh("umask 027; \"$c\" tmpfile . text named").strip();
    if (!has(17, 1)) {
      assertEquals("errno 95", said, "EOPNOTSUPP, where the library does not know it");
      return;
    }
    assertEquals("0", said);
    TreeFs.Call call = call("tmpfile 1 100640 \\d+ -> \\d+");
    assertEquals(027, call.umask());
    int flags = Integer.parseInt(call.what().split(" ", -1)[3], 8);
    assertEquals(2, flags & 3, "O_RDWR");
    call("write 2 1000 0 text");
    call("link 2 1 named");
    assertEquals("text", sh("cat named"));
  }

  @Test
  @Covers({"statx"})
  void shouldShowTheTimeOfBirth() throws Exception {
    long ino = fs.file("f", new byte[1234]);
    fs.nodes.get(ino).modifyNanos = 5;
    mount("dev");
    sh("mknod block b 259 70000");
    String said = client("statx", "f", "0xfff");
    if (!has(18, 6)) {
      assertTrue(said.startsWith("7ff "), "all but the birth: " + said);
      return;
    }
    assertEquals("fff 100644 1234 1599999999.77 1600000000.5 0,0", said);
    call("statx 2 -1 \\d+ [0-9a-f]*[89a-f]ff");
    assertTrue(client("statx", "block", "0xfff").endsWith(" 259,70000"));
  }

  @Test
  @Covers({"retrieveReply", "Notifier.retrieve", "Notifier.store"})
  void shouldPutBytesIntoTheCacheAndGetThemBack() throws Exception {
    byte[] content = new byte[20_000];
    new Random(1).nextBytes(content);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) ('a' + (content[i] & 15));
    }
    long ino = fs.file("f", content.clone());
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount();
    sh("stat f");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(12_288);
      MemorySegment.copy(content, 0, data, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, 12_288);
      assertEquals(0, fs.kernel.store(ino, 0, data));
      assertEquals(Errno.ENOENT, fs.kernel.store(4711, 0, data));
      assertThrows(
          IllegalArgumentException.class,
          () -> fs.kernel.store(ino, 0, MemorySegment.ofArray(content)));
    }
    assertEquals(0, fs.kernel.retrieve(ino, 4096, 100, 1234567890123L));
    awaitCall("retrieveReply .*");
    call(
        "retrieveReply 2 1234567890123 4096 "
            + new String(content, 4096, 100, StandardCharsets.US_ASCII));
    assertEquals(0, fs.kernel.retrieve(ino, 16_384, 100, 7));
    awaitCall("retrieveReply 2 7 16384 ");
    assertEquals(Errno.ENOENT, fs.kernel.retrieve(4711, 0, 100, 8));
    assertEquals(0, seen("read ").size(), "nobody has read anything yet");

    mount.close();
    assertEquals(Errno.ENODEV, fs.kernel.retrieve(ino, 0, 1, 9));
    assertEquals(Errno.ENODEV, fs.kernel.store(ino, 0, MemorySegment.NULL));
  }

  @Test
  @Covers({"Notifier.store"})
  void shouldServeFromTheCacheWhatWasStored() throws Exception {
    long ino = fs.file("f", ascii("from the filesystem"));
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    RecordingFs keeping =
        new RecordingFs() {
          @Override
          public void open(Request r, long file, int flags) {
            r.reply().opened(r.openedFile().fh(1).keepCache(true));
          }
        };
    keeping.nodes.putAll(fs.nodes);
    keeping.entryTimeoutNanos = HOUR;
    keeping.attributesTimeoutNanos = HOUR;
    mountOther(keeping, 2);
    sh("stat f");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(4096);
      MemorySegment.copy(
          ascii("out of the cache!!!"), 0, page, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, 19);
      assertEquals(0, keeping.kernel.store(ino, 0, page.asSlice(0, 19)));
    }
    assertEquals("out of the cache!!!", sh("cat f"));
    assertEquals(0, keeping.calls.stream().filter(c -> c.what().startsWith("read ")).count());
  }

  @Test
  @Covers({"Notifier.expireEntry"})
  void shouldExpireANameWithoutLosingWhatIsOpenBelow() throws Exception {
    fs.file("f", ascii("text"));
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount();
    sh("stat f; stat f");
    assertEquals(1, seen("lookup 1 f").size());
    int said = fs.kernel.expireEntry(1, ascii("f"));
    if (!has(13, 2)) {
      assertEquals(Errno.ENOSYS, said);
      return;
    }
    assertEquals(0, said);
    sh("stat f; stat f");
    assertEquals(2, seen("lookup 1 f").size(), "asked again, once");
    assertEquals(Errno.ENOENT, fs.kernel.expireEntry(1, ascii("never heard of")));
  }

  @Test
  @Covers({"Request.supplementaryGroups"})
  void shouldTellTheSupplementaryGroupsOfWhoAsks() throws Exception {
    int[][] groups = new int[1][];
    RecordingFs asking =
        new RecordingFs() {
          @Override
          public void mkdir(Request r, long parent, Name name, int mode) {
            groups[0] = r.supplementaryGroups();
            super.mkdir(r, parent, name, mode);
          }
        };
    asking.nodes.get(1L).mode |= 0777;
    mountOther(asking, 2);
    sh(
        "setpriv --reuid 1234 --regid 2345 --groups 77,4294967294 --inh-caps +dac_read_search"
            + " --ambient-caps +dac_read_search mkdir x");
    assertArrayEquals(new int[] {77, -2}, groups[0]);
    sh("setpriv --clear-groups mkdir y");
    assertArrayEquals(new int[0], groups[0]);
  }

  @Test
  @Covers({"Request.pollEvents", "poll"})
  void shouldTellWhatAPollWaitsFor() throws Exception {
    fs.file("f", new byte[1]);
    mount();
    assertEquals("1 1", client("poll", "f", "1", "0"));
    TreeFs.Call call = call("poll 2 \\d+ (true|false) \\d+");
    int events = Integer.parseInt(call.what().substring(call.what().lastIndexOf(' ') + 1));
    assertEquals(1, events & 5, "POLLIN and not POLLOUT, beside what is always waited for");
  }

  @Test
  @Covers({"Request.dropsLocks", "release", "flock"})
  void shouldTellThatAReleaseDropsLocks() throws Exception {
    fs.file("f", new byte[1]);
    mount();
    assertEquals("0", client("flock", "f", "2"));
    awaitCall("release 2 1000 drops locks");
    assertEquals("0", client("fsync", "f"));
    awaitCall("release 2 1001");
  }

  /** Offers no locks, as {@link dev.slabmount.fuse.FileSystem} does by itself. */
  private static final class LocklessFs extends TestFs {}

  @Test
  @Covers({"setlk", "flock"})
  void shouldLeaveLocksToTheKernelUnlessTheFileSystemHasThem() throws Exception {
    mount =
        FuseMount.of(new LocklessFs())
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(3))
            .mount();
    assertEquals("errno 11", client("locktwice", "hello", "0"), "EAGAIN for the second flock");
    assertEquals("errno 11", client("locktwice", "hello", "1"), "EAGAIN for the second setlk");
  }

  @Test
  @Covers({"setlk", "flock"})
  void shouldAskAFileSystemThatHasLocks() throws Exception {
    RecordingFs refusing =
        new RecordingFs() {
          private final AtomicInteger asked = new AtomicInteger();

          @Override
          public void flock(Request r, long ino, long fh, int operation) {
            r.reply().error(asked.getAndIncrement() == 0 ? 0 : Errno.EAGAIN);
          }

          @Override
          public void setlk(Request r, long ino, long fh, FileLock lock, boolean wait) {
            r.reply().error(lock.type() == 1 ? Errno.EDEADLK : 0);
          }
        };
    refusing.file("f", new byte[1]);
    mountOther(refusing, 2);
    assertEquals("errno 11", client("locktwice", "f", "0"));
    assertEquals("errno 35", client("locktwice", "f", "1"), "of the filesystem's own mind");
  }

  @Test
  @Covers({"setlk", "Request.detach"})
  void shouldGrantALockLater() throws Exception {
    Request[] waiting = new Request[1];
    RecordingFs granting =
        new RecordingFs() {
          @Override
          public void setlk(Request r, long ino, long fh, FileLock lock, boolean wait) {
            if (wait) {
              waiting[0] = r.detach();
            } else {
              r.reply().ok();
            }
          }
        };
    granting.file("f", new byte[1]);
    mountOther(granting, 2);
    Process locking =
        new ProcessBuilder(client, "setlkw", point.resolve("f").toString(), "1", "0", "1").start();
    try {
      Wait.until("the lock is asked for", () -> waiting[0] != null);
      assertTrue(locking.isAlive());
      assertTrue(waiting[0].reply().ok());
      assertTrue(locking.waitFor(20, TimeUnit.SECONDS));
      String said = new String(locking.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertFalse(said.contains("errno"), said);
    } finally {
      locking.destroyForcibly();
    }
  }

  @Test
  @Covers({"Request.onInterrupt"})
  void shouldCancelWhatAnInterruptedRequestWaitsFor() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    Request[] stuck = new Request[1];
    RecordingFs hanging =
        new RecordingFs() {
          @Override
          public void read(Request r, long ino, long fh, long offset, int length) {
            Request later = r.detach();
            stuck[0] = later;
            later.onInterrupt(() -> {
              later.reply().error(Errno.EINTR);
              cancelled.countDown();
            });
            reached.countDown();
          }

          @Override
          public synchronized void getattr(Request r, long ino, long fh) {
            assertThrows(IllegalStateException.class, () -> r.onInterrupt(() -> {}));
            super.getattr(r, ino, fh);
          }
        };
    hanging.file("f", new byte[10]);
    hanging.directIo = true;
    mountOther(hanging, 2);
    Process cat = new ProcessBuilder("cat", point.resolve("f").toString()).start();
    try {
      assertTrue(reached.await(20, TimeUnit.SECONDS));
      cat.destroy(); // SIGTERM, which is fatal to it
      assertTrue(cancelled.await(20, TimeUnit.SECONDS), "the action has run");
      assertTrue(cat.waitFor(20, TimeUnit.SECONDS));
      assertEquals(0, mount.stats().detached());
      stuck[0].onInterrupt(() -> cancelled.countDown()); // after the answer: nothing to cancel
    } finally {
      cat.destroyForcibly();
    }
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
    mountOther(meeting, 2);
    String said = client("pair", "f", "first", "second");
    if (transport == dev.slabmount.fuse.TransportKind.DEV ? has(0, 2) : parallelDirectWrites()) {
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
    mountOther(streaming, 2);
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
    mountOther(quiet, 2);
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
    mountOther(kept, 2);
    assertEquals("texttextf\nf\n", sh("cat f; cat f; ls; ls"));
    long reads = kept.calls.stream().filter(c -> c.what().startsWith("read ")).count();
    assertEquals(1, reads, "of the file");
    long fromStart = kept.calls.stream().filter(c -> c.what().matches("readdir 1 1 0")).count();
    assertEquals(1, fromStart, "of the directory, from its beginning");
  }

  @Test
  @Covers({"Request.fromPageCache", "write"})
  void shouldTellWhatTheKernelWritesBackFromWhatAProgramWrites() throws Exception {
    long ino = fs.file("f", new byte[4096]);
    mount();
    client("pwrite", "f", "2", "5", "by hand");
    call("write 2 1000 5 by hand");
    assertEquals("0", client("mapwrite", "f", "7", "Q"));
    TreeFs.Call back =
        fs.calls.stream().filter(c -> c.what().endsWith(" cached")).findFirst().orElseThrow();
    assertTrue(back.what().startsWith("write 2 "), back.what());
    assertEquals('Q', fs.nodes.get(ino).content[7]);
    assertTrue(Arrays.equals(ascii("by"), Arrays.copyOfRange(fs.nodes.get(ino).content, 5, 7)));
  }

  @Test
  @Covers({"Request.killsPrivileges", "Feature.HANDLE_KILLPRIV_V2"})
  void shouldTellWhichWriteEndsPrivileges() throws Exception {
    fs.with.add(Feature.HANDLE_KILLPRIV_V2);
    fs.file("f", new byte[10]);
    fs.nodes.get(2L).mode |= 04666;
    mount();
    client("pwrite", "f", "2", "0", "by root");
    call("write 2 1000 0 by root");
    sh("chmod 4666 f; $as \"$c\" pwrite f 2 0 other");
    boolean agreed = has(17, 0);
    call("write 2 \\d+ 0 other" + (agreed ? " kills" : ""));
  }
}
