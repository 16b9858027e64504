package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.session.MountTable;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is agreed when a mount begins and what follows from it; notifications. */
@Timeout(60)
class NegotiationMountIT extends Mounted {
  private static final int MIB = 1 << 20;
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private byte[] fileOfOneMebibyte() {
    byte[] content = new byte[MIB];
    new Random(1).nextBytes(content);
    fs.file("f", content);
    fs.directIo = true;
    return content;
  }

  private void assertIsCopied(byte[] content) throws Exception {
    Path copy = dir.resolve("copy");
    sh("dd if=f bs=1M of='" + copy + "' 2>/dev/null");
    assertEquals(-1, Arrays.mismatch(content, Files.readAllBytes(copy)));
  }

  private long longestRead() {
    return seen("read ").stream()
        .mapToLong(what -> Long.parseLong(what.substring(what.lastIndexOf(' ') + 1)))
        .max()
        .orElseThrow();
  }

  @Test
  void shouldBeAskedForNoMoreThanMaxRead() throws Exception {
    byte[] content = fileOfOneMebibyte();
    mount("max_read=65536");
    assertIsCopied(content);
    assertEquals(65536, longestRead());
  }

  /** Only root may; others keep what the kernel has, and are served all the same. */
  @Test
  @Covers("Builder.readAhead")
  void shouldHaveTheKernelReadAheadAsFarAsItIsTold() throws Exception {
    byte[] content = fileOfOneMebibyte();
    mount =
        FuseMount.of(fs)
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(3))
            .readAhead(MIB)
            .mount();
    String device = MountTable.at(point).orElseThrow().device();
    String kib = Files.readString(Path.of("/sys/class/bdi", device, "read_ahead_kb")).strip();
    assertEquals("root".equals(System.getProperty("user.name")) ? "1024" : "128", kib);
    assertIsCopied(content);
  }

  /** Buffers are small on a read-only mount; what they have to hold is short, then. */
  @Test
  void shouldServeEverythingOfAReadOnlyMount() throws Exception {
    byte[] content = fileOfOneMebibyte();
    for (int i = 0; i < 2000; i++) {
      fs.file("n".repeat(200) + i, new byte[0]);
    }
    fs.without.add(Feature.READDIRPLUS_AUTO);
    mount("ro");
    assertIsCopied(content);
    assertEquals(MIB, longestRead());
    assertTrue(shell("echo x >f").err().contains("Read-only file system"));
    assertEquals("2001\n", sh("ls -U | wc -l"));
    assertEquals(2001, mount.stats().inodesReferenced());
    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "2");
    Wait.until("every count is given back", () -> mount.stats().lookupCount() == 0);
  }

  /** A filesystem that answers ENOSYS to an open is asked once, whatever is opened. */
  private static class UnopenedFs extends RecordingFs {
    @Override
    public void init(Connection connection) {
      super.init(connection);
      connection.enable(Feature.NO_OPEN_SUPPORT);
      connection.enable(Feature.NO_OPENDIR_SUPPORT);
    }

    @Override
    public void open(Request r, long ino, int flags) {
      record(r, "open " + ino);
      r.reply().error(Errno.ENOSYS);
    }

    @Override
    public void opendir(Request r, long ino, int flags) {
      record(r, "opendir " + ino);
      r.reply().error(Errno.ENOSYS);
    }
  }

  @Test
  @Covers({"Feature.NO_OPEN_SUPPORT", "Feature.NO_OPENDIR_SUPPORT", "open", "opendir"})
  void shouldNotBeAskedToOpenIfItSaysSo() throws Exception {
    RecordingFs unopened = new UnopenedFs();
    unopened.file("a", "one".getBytes(StandardCharsets.US_ASCII));
    unopened.file("b", "two".getBytes(StandardCharsets.US_ASCII));
    unopened.entryTimeoutNanos = HOUR;
    unopened.attributesTimeoutNanos = HOUR;
    mount =
        FuseMount.of(unopened)
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(3))
            .mount();
    assertEquals("onetwoone", sh("cat a b a"));
    assertEquals("a\nb\na\nb\n", sh("ls; ls"));

    List<String> calls = unopened.calls.stream().map(TreeFs.Call::what).toList();
    assertEquals(1, calls.stream().filter(c -> c.startsWith("open ")).count(), calls.toString());
    assertEquals(1, calls.stream().filter(c -> c.startsWith("opendir ")).count());
    assertEquals(0, calls.stream().filter(c -> c.startsWith("release")).count());
    assertTrue(
        calls.stream()
            .filter(c -> c.startsWith("read "))
            .allMatch(c -> c.split(" ", -1)[2].equals("0")),
        "the handle of a file that nobody opened is 0: " + calls);
    assertEquals(
        2,
        calls.stream().filter(c -> c.startsWith("read ")).count(),
        "what was read stays in the cache: " + calls);
  }

  @Test
  void shouldLetInOnlyRootUnderAllowRoot() throws Exception {
    fs.file("f", "text".getBytes(StandardCharsets.US_ASCII));
    mount =
        FuseMount.of(fs)
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(3))
            .option("allow_root")
            .mount();
    assertEquals("text", sh("cat f"));
    Shell.Result other = shell("exec $as stat f");
    assertNotEquals(0, other.exit());
    assertTrue(other.err().contains("Permission denied"), other.err());
  }

  /** Keeps everything for an hour, and the way to say that it is no longer true. */
  private Notifier mountThatRemembers() throws Exception {
    Notifier[] notifier = new Notifier[1];
    RecordingFs remembering =
        new RecordingFs() {
          @Override
          public void init(Connection connection) {
            notifier[0] = connection.notifier();
          }
        };
    remembering.nodes.putAll(fs.nodes);
    remembering.entryTimeoutNanos = HOUR;
    remembering.attributesTimeoutNanos = HOUR;
    mount =
        FuseMount.of(remembering)
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(3))
            .mount();
    return notifier[0];
  }

  private static byte[] name(String name) {
    return name.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  @Covers({"Notifier.invalidateInode"})
  void shouldHaveTheKernelForgetAttributesAndPages() throws Exception {
    long ino = fs.file("f", name("old"));
    Notifier notifier = mountThatRemembers();
    assertEquals("old 3\n", sh("cat f; stat -c ' %s' f"));
    fs.nodes.get(ino).content = name("newer");
    assertEquals("3\n", sh("stat -c %s f"), "it remembers");

    assertEquals(0, notifier.invalidateInode(ino, -1, 0));
    assertEquals("5\n", sh("stat -c %s f"));
    fs.nodes.get(ino).content = name("young");
    assertEquals(0, notifier.invalidateInode(ino, 0, 0));
    assertEquals("young", sh("cat f"));
    assertEquals(Errno.ENOENT, notifier.invalidateInode(4711, 0, 0));
  }

  @Test
  @Covers({"Notifier.invalidateEntry", "Notifier.deleteEntry"})
  void shouldHaveTheKernelForgetNames() throws Exception {
    fs.file("a", name("1"));
    fs.file("b", name("2"));
    Notifier notifier = mountThatRemembers();
    sh("stat a b");
    fs.nodes.get(1L).children.clear();
    sh("stat a b");

    assertEquals(0, notifier.invalidateEntry(1, name("a")));
    assertTrue(shell("stat a").err().contains("No such file"));
    assertEquals(0, notifier.deleteEntry(1, 3, name("b")));
    assertTrue(shell("stat b").err().contains("No such file"));
    assertEquals(Errno.ENOENT, notifier.invalidateEntry(1, name("never heard of")));

    mount.close();
    assertEquals(Errno.ENODEV, notifier.invalidateEntry(1, name("a")));
    assertEquals(Errno.ENODEV, notifier.invalidateInode(1, 0, 0));
    assertEquals(Errno.ENODEV, notifier.deleteEntry(1, 2, name("a")));
  }

  @Test
  @Covers({"init"})
  void shouldLogWhatWasAgreedAndWhatNot() throws Exception {
    Process server = Server.start(transport, List.of("env"), point.toString(), "hello");
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines = server.inputReader(StandardCharsets.UTF_8)) {
      lines.lines().forEach(line -> said.append(line).append('\n'));
      assertTrue(server.waitFor(30, TimeUnit.SECONDS));
    } finally {
      server.destroyForcibly();
    }
    String log = said.toString();
    assertTrue(log.contains("mounted " + point + " with "), log);
    assertEquals(
        transport.name().equals("DEV"), log.contains("with /dev/fuse, mounted by libfuse"));
    assertTrue(log.contains("features ASYNC_READ"), log);
    assertTrue(
        log.contains(" HANDLE_KILLPRIV_V2 (libfuse 3.") || log.contains(",HANDLE_KILLPRIV_V2"),
        log);
    assertTrue(log.contains("; not wanted: ASYNC_DIO (nobody reads directly)"), log);
    assertFalse(log.contains("exception"), log);
  }
}
