package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.OperationStats;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.Wait;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What people can see of a mount: the log of its requests, and how long they take. */
@Timeout(60)
class ObservedMountIT extends Mounted {
  @Test
  void shouldWriteALineForEachRequestAndAnswer() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    fs.file("f", "0123456789".getBytes(StandardCharsets.US_ASCII));
    mount = describe(fs).requestLog(lines::add).mount();
    assertEquals("0123456789", sh("cat f"));
    assertTrue(shell("stat \"$(printf 'a\\377\\n\"')\"").exit() != 0);
    mount.close();

    String log = String.join("\n", lines);
    assertMatches(log, "> (\\d+) lookup ino 1 name \"f\" by 0:0 pid \\d+");
    assertMatches(log, "< \\d+ lookup ino 2 mode 0100644 size 10, \\d+ us");
    assertMatches(log, "> \\d+ read ino 2 fh 1000 length \\d+.* by 0:0 pid \\d+");
    assertMatches(log, "< \\d+ read data 10, \\d+ us");
    assertMatches(log, "> \\d+ lookup ino 1 name \"a.xff.x0a.x22\" by 0:0 pid \\d+");
    assertMatches(log, "< \\d+ lookup errno 2, \\d+ us");
    long requests = lines.stream().filter(l -> l.matches("> \\d+ .*")).count();
    assertEquals(requests, lines.stream().filter(l -> l.startsWith("< ")).count());
    assertTrue(log.chars().allMatch(c -> c == '\n' || (c >= ' ' && c <= '~')), log);
  }

  /** Interrupts, notifications, and what nobody asks the filesystem. */
  @Test
  void shouldWriteALineForWhatTheFileSystemIsNotAsked() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    CountDownLatch reached = new CountDownLatch(1);
    RecordingFs hanging =
        new RecordingFs() {
          @Override
          public void read(Request r, long ino, long fh, long offset, int length) {
            Request later = r.detach();
            later.onInterrupt(() -> later.reply().error(Errno.EINTR));
            reached.countDown();
          }
        };
    hanging.file("f", new byte[10]);
    hanging.directIo = true;
    mount = describe(hanging).requestLog(lines::add).mount();
    Process cat = new ProcessBuilder("cat", point.resolve("f").toString()).start();
    try {
      assertTrue(reached.await(20, TimeUnit.SECONDS));
      cat.destroy();
      assertTrue(cat.waitFor(20, TimeUnit.SECONDS));
    } finally {
      cat.destroyForcibly();
    }
    assertEquals(0, hanging.kernel.invalidateInode(1, 0, 0));
    assertEquals(Errno.ENOENT, hanging.kernel.deleteEntry(1, 9, new byte[] {'"'}));
    Wait.until("the interrupt is written", () -> lines.toString().contains("interrupt of"));
    mount.close();

    String log = String.join("\n", lines);
    String read = lines.stream().filter(l -> l.matches("> \\d+ read .*")).findFirst().orElseThrow();
    assertMatches(log, "> - interrupt of " + read.split(" ", -1)[1]);
    assertMatches(log, "! invalidateInode ino 1 offset 0 length 0: ok");
    assertMatches(log, "! deleteEntry ino 1 name \"\\\\x22\" to-ino 9: errno 2");
  }

  /** A filesystem that has next to nothing. */
  @Test
  void shouldWriteALineForWhatNobodyOffers() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    mount = describe(new TestFs()).requestLog(lines::add).mount();
    assertEquals("errno 95", client("setxattr", "hello", "user.a", "b", "0"));
    assertEquals("0", client("fsync", "hello"));
    mount.close();
    String log = String.join("\n", lines);
    if (transport == TransportKind.LIBFUSE) {
      assertMatches(log, "< \\d+ opcode 21 answered by libfuse");
      assertMatches(log, "< \\d+ opcode 20 answered by libfuse");
    } else {
      assertMatches(log, "< \\d+ setxattr errno 38, \\d+ us");
      assertMatches(log, "< \\d+ fsync errno 38, \\d+ us");
    }
  }

  private static void assertMatches(String log, String line) {
    assertTrue(log.lines().anyMatch(each -> each.matches(line)), line + " is not in\n" + log);
  }

  private OperationStats of(String operation) {
    return mount.operationStats().stream()
        .collect(Collectors.toMap(OperationStats::operation, Function.identity()))
        .get(operation);
  }

  /** Answers a read after 50 ms, from another thread. */
  private static final class SlowFs extends RecordingFs {
    @Override
    public void read(Request r, long ino, long fh, long offset, int length) {
      Request later = r.detach();
      Thread.ofPlatform().start(() -> answer(later));
    }

    private static void answer(Request later) {
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      later.reply().data(new byte[] {1}, 0, 1);
    }
  }

  @Test
  void shouldCountAndTimeEveryOperation() throws Exception {
    SlowFs slow = new SlowFs();
    slow.file("f", new byte[1]);
    mount = describe(slow).mount();
    sh("cat f >&2; stat f; stat f");
    OperationStats reads = of("read");
    assertTrue(reads.count() >= 1);
    assertTrue(reads.maxNanos() >= 50_000_000L, "detached, and counted when it was answered");
    assertTrue(reads.maxNanos() < 10_000_000_000L);
    assertTrue(of("lookup").count() >= 3);
    assertTrue(of("lookup").medianNanos() < 50_000_000L);
    mount.close();

    mount = describe(slow).latencies(false).mount();
    sh("stat f");
    assertEquals(List.of(), mount.operationStats());
  }
}
