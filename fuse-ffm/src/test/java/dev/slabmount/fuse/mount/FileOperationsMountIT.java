package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Slices;
import dev.slabmount.fuse.Wait;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Open files, extended attributes, locks: what clients do, as the filesystem sees it and back. */
@Timeout(60)
class FileOperationsMountIT extends Mounted {
  private static final int O_APPEND = 02000;
  private static final int MIB = 1 << 20;

  @Test
  @Covers({
    "open",
    "read",
    "write",
    "release",
    "OpenedFile.directIo",
    "Request.openFlags",
    "Request.lockOwner"
  })
  void shouldPassFlagsHandlesAndOwnersOfAnOpenFile() throws Exception {
    fs.file("f", "0123456789".getBytes(StandardCharsets.US_ASCII));
    fs.directIo = true;
    mount();
    assertEquals("4 3456", client("pread", "f", "0", "3", "4"));
    String fh = call("open 2 1?0{1,6} -> \\d+").what().split(" -> ", -1)[1];
    call("read 2 " + fh + " 3 4");
    awaitCall("release 2 " + fh);
    assertNotEquals(0, call("flush 2 " + fh).lockOwner());

    fs.calls.clear();
    assertEquals("3", client("pwrite", "f", String.valueOf(2 | O_APPEND), "0", "abc"));
    TreeFs.Call open = call("open 2 .* -> \\d+");
    int flags = Integer.parseInt(open.what().split(" ", -1)[2], 8);
    assertEquals(2 | O_APPEND, flags & (3 | O_APPEND));
    String appending = open.what().split(" -> ", -1)[1];
    TreeFs.Call write = call("write 2 " + appending + " 10 abc");
    assertEquals(2 | O_APPEND, write.openFlags() & (3 | O_APPEND));
    awaitCall("release 2 " + appending);
    assertEquals(2 | O_APPEND, call("release 2 " + appending).openFlags() & (3 | O_APPEND));
    assertEquals("0123456789abc", sh("cat f"));
  }

  @Test
  @Covers({"create"})
  void shouldCreateWithModeAndFlags() throws Exception {
    mount();
    sh("umask 077; set -C; echo x >f");
    TreeFs.Call create = call("create 1 f 100600 \\d+ -> \\d+");
    int flags = Integer.parseInt(create.what().split(" ", -1)[4], 8);
    assertEquals(1 | 0200, flags & (3 | 0200), "O_WRONLY and O_EXCL");
    assertEquals(077, create.umask());
    assertEquals("x\n", sh("cat f"));
    assertFalse(shell("set -C; echo y >f").exit() == 0);
  }

  @Test
  @Covers({"flush", "release"})
  void shouldFlushForEveryCloseAndReleaseOnce() throws Exception {
    fs.file("f", new byte[10]);
    mount();
    sh("exec 3<f; cat <&3; cat <&3; exec 3<&-");
    awaitCall("release 2 1000");
    assertTrue(seen("flush 2 1000").size() >= 3, seen("flush").toString());
    assertEquals(1, seen("release 2").size());
  }

  @Test
  @Covers({"fsync", "fsyncdir"})
  void shouldTellFsyncFromFdatasync() throws Exception {
    fs.file("f", new byte[10]);
    mount();
    assertEquals("0", client("fsync", "f"));
    assertEquals("0", client("fdatasync", "f"));
    assertEquals("0", client("fsync", "."));
    assertEquals("0", client("fdatasync", "."));
    call("fsync 2 1000 false");
    call("fsync 2 1001 true");
    call("fsyncdir 1 \\d+ false");
    call("fsyncdir 1 \\d+ true");
  }

  @Test
  @Covers({"setxattr", "getxattr", "listxattr", "removexattr"})
  void shouldCarryExtendedAttributes() throws Exception {
    fs.file("f", new byte[0]);
    mount();
    assertEquals("0", client("setxattr", "f", "user.first", "value", "1"));
    call("setxattr 2 user.first 1 value");
    assertEquals("0", client("setxattr", "f", "user.empty", "", "0"));
    call("setxattr 2 user.empty 0 ");
    assertEquals("5 ?????", client("getxattr", "f", "user.first", "0"), "the size alone");
    call("getxattr 2 user.first 0");
    assertEquals("5 value", client("getxattr", "f", "user.first", "5"));
    call("getxattr 2 user.first 5");
    assertEquals("errno 34", client("getxattr", "f", "user.first", "4"), "ERANGE");
    assertEquals("0", client("getxattr", "f", "user.empty", "10"));
    assertEquals("errno 61", client("getxattr", "f", "user.none", "10"), "ENODATA");
    assertEquals("22 user.empty|user.first|", client("listxattr", "f", "100"));
    assertEquals("22", client("listxattr", "f", "0").substring(0, 2));
    call("listxattr 2 0");
    assertEquals("errno 34", client("listxattr", "f", "21"));
    assertEquals("0", client("removexattr", "f", "user.first"));
    call("removexattr 2 user.first");
    assertEquals("errno 61", client("removexattr", "f", "user.first"));
  }

  @Test
  void shouldCarryLargeValues() throws Exception {
    fs.file("f", new byte[0]);
    mount();
    String value = "v".repeat(60_000);
    assertEquals("0", client("setxattr", "f", "user.large", value, "0"));
    call("setxattr 2 user.large 0 " + value);
    assertEquals("60000 " + value, client("getxattr", "f", "user.large", "65536"));
  }

  @Test
  @Covers({"lseek"})
  void shouldFindDataAndHoles() throws Exception {
    fs.file("f", new byte[3000]);
    mount();
    assertEquals("1000", client("seek", "f", "4", "10"));
    assertEquals("2000", client("seek", "f", "3", "1500"));
    assertEquals("errno 6", client("seek", "f", "3", "3000"), "ENXIO");
    call("lseek 2 \\d+ 10 4");
    call("lseek 2 \\d+ 1500 3");
  }

  @Test
  @Covers({"fallocate", "copyFileRange"})
  void shouldReserveAndCopyRanges() throws Exception {
    fs.file("f", "0123456789".getBytes(StandardCharsets.US_ASCII));
    fs.file("g", new byte[0]);
    mount();
    assertEquals("0", client("fallocate", "f", "3", "4096", "8192"), "punch, keep size");
    call("fallocate 2 \\d+ 4096 8192 3");
    assertEquals("4", client("copyrange", "f", "3", "g", "100", "4"));
    TreeFs.Call copy = call("copyFileRange 2 \\d+ 3 3 \\d+ 100 4 0");
    String[] words = copy.what().split(" ", -1);
    assertNotEquals(words[2], words[5], "two handles");
    assertEquals("3456", sh("tail -c +101 g"));
  }

  @Test
  @Covers({"getlk", "setlk", "flock"})
  void shouldCarryLocks() throws Exception {
    fs.file("f", new byte[10]);
    mount();
    assertEquals(
        "0 100 100 " + ProcessHandle.current().pid(), client("getlk", "f", "1", "5", "10"));
    call("getlk 2 \\d+ 1 5-14 owned");
    client("setlk", "f", "0", "7", "0");
    TreeFs.Call lock = call("setlk 2 \\d+ 0 7-9223372036854775807 owned false");
    assertNotEquals(0, lock.lockOwner());
    call("setlk 2 \\d+ 2 7-9223372036854775807 owned false");
    client("setlkw", "f", "1", "0", "1");
    call("setlk 2 \\d+ 1 0-0 owned true");

    assertEquals("0", client("flock", "f", "6"));
    call("flock 2 \\d+ 6");
    sh("flock -s f true");
    call("flock 2 \\d+ 1");
  }

  @Test
  @Covers({"ioctl"})
  void shouldCarryAnIoctlBothWays() throws Exception {
    fs.file("f", new byte[10]);
    mount();
    assertEquals("5 in&out", client("ioctl", "f", "in&out"));
    call("ioctl 2 \\d+ c0087307 true \\d+ in&out\u0000\u0000 8");
  }

  @Test
  @Covers({"poll", "Notifier.wakePoll"})
  void shouldWakeAPoll() throws Exception {
    AtomicBoolean connected = new AtomicBoolean();
    Notifier[] notifier = new Notifier[1];
    long ino = fs.file("empty", new byte[0]);
    RecordingFs polled =
        new RecordingFs() {
          @Override
          public void init(Connection connection) {
            notifier[0] = connection.notifier();
            connected.set(true);
          }
        };
    polled.nodes.putAll(fs.nodes);
    mount =
        FuseMount.of(polled)
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(3))
            .mount();
    assertTrue(connected.get());
    assertEquals("0 0", client("poll", "empty", "1", "0"), "nothing ready");

    Process waiting =
        new ProcessBuilder("sh", "-c", "exec \"$1\" poll \"$2\" 1 -1", "sh", client, path("empty"))
            .start();
    try {
      Wait.until("the kernel asks to be woken", () -> polled.pollHandle != 0);
      polled.nodes.get(ino).content = new byte[1];
      assertEquals(0, notifier[0].wakePoll(polled.pollHandle));
      assertTrue(waiting.waitFor(20, TimeUnit.SECONDS));
      assertEquals(
          "1 1\n", new String(waiting.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    } finally {
      waiting.destroyForcibly();
    }
  }

  private String path(String name) {
    return point.resolve(name).toString();
  }

  /** Every piece is where it belongs, however many there are: more than one writev takes, too. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 300, 1023, 1024, 1300, 5000})
  @Covers({"read"})
  void shouldAnswerAReadFromManyPieces(int pieces) throws Exception {
    byte[] expected = new byte[MIB];
    new Random(pieces).nextBytes(expected);
    int[] longest = new int[1];
    try (Arena arena = Arena.ofShared()) {
      MemorySegment scattered = arena.allocate(2L * MIB);
      RecordingFs slicing =
          new RecordingFs() {
            @Override
            public void read(Request r, long ino, long fh, long offset, int length) {
              longest[0] = Math.max(longest[0], length);
              Slices slices = r.slices();
              int left = (int) Math.min(length, MIB - offset);
              int at = (int) offset;
              int count = left == 0 ? 0 : pieces;
              for (int i = 0; i < count; i++) {
                int size = i == count - 1 ? left : Math.max(1, left / (count - i) - i % 3);
                slices.add(place(scattered, expected, at, size), size);
                at += size;
                left -= size;
              }
              r.reply().slices(slices);
            }
          };
      slicing.directIo = true;
      slicing.file("f", expected);
      mount =
          FuseMount.of(slicing)
              .transport(transport)
              .at(point)
              .threads(1)
              .drain(Duration.ofSeconds(3))
              .mount();
      sh("dd if=f bs=1M of='" + dir.resolve("copy") + "' 2>/dev/null");
      mount.close();
    }
    assertEquals(-1, Arrays.mismatch(expected, Files.readAllBytes(dir.resolve("copy"))));
    assertEquals(MIB, longest[0], "one request for all of it");
  }

  /** Puts bytes at twice their offset, so that no two pieces touch; returns their address. */
  private static long place(MemorySegment scattered, byte[] bytes, int at, int size) {
    MemorySegment.copy(
        bytes, at, scattered, java.lang.foreign.ValueLayout.JAVA_BYTE, at + at % MIB, size);
    return scattered.address() + at + at % MIB;
  }

  @Test
  @Covers({"write"})
  void shouldWriteLargeDataWhole() throws Exception {
    fs.directIo = true;
    mount();
    Path source = dir.resolve("source");
    byte[] data = new byte[MIB + 12345];
    new Random(1).nextBytes(data);
    Files.write(source, data);
    sh("dd if='" + source + "' of=f bs=2M 2>/dev/null");
    assertEquals(-1, Arrays.mismatch(data, fs.nodes.get(2L).content));
  }

  @Test
  @Covers({"Request.interrupted", "Request.detach"})
  void shouldTellADetachedRequestThatItsCallerGaveUp() throws Exception {
    Request[] stuck = new Request[1];
    RecordingFs hanging =
        new RecordingFs() {
          @Override
          public void read(Request r, long ino, long fh, long offset, int length) {
            stuck[0] = r.detach();
          }
        };
    hanging.file("f", new byte[10]);
    hanging.directIo = true;
    mount =
        FuseMount.of(hanging)
            .transport(transport)
            .at(point)
            .threads(1)
            .drain(Duration.ofSeconds(3))
            .mount();
    Process cat = new ProcessBuilder("cat", path("f")).start();
    Wait.until("the read arrives", () -> stuck[0] != null);
    assertFalse(stuck[0].interrupted());
    cat.destroyForcibly();
    Wait.until("the interrupt arrives", () -> stuck[0].interrupted());
    assertTrue(cat.isAlive() || cat.exitValue() != 0);
    assertEquals(1, mount.stats().detached());

    stuck[0].reply().error(4);

    assertTrue(cat.waitFor(20, TimeUnit.SECONDS));
    assertFalse(stuck[0].interrupted());
    assertEquals(0, mount.stats().detached());
    assertEquals("2\n", sh("stat -c %i f"), "its worker lives");
  }
}
