package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Mounts that end by a signal or a kill, and mounts that never come to be. */
@Timeout(90)
@ParameterizedClass
@EnumSource(TransportKind.class)
class MountEndIT {
  @Parameter TransportKind transport;

  /** A parent that ignores a signal passes that on; this undoes it. */
  private static final List<String> HEEDS_SIGNALS = List.of("env", "--default-signal=INT");

  @TempDir Path dir;
  private Path point;

  @BeforeEach
  void makeMountPoint() throws IOException {
    point = Files.createDirectory(dir.resolve("mnt"));
  }

  @AfterEach
  void leaveNothing() throws IOException {
    boolean left = MountTable.at(point).isPresent();
    if (left) {
      Unmounter.unmount(point, true);
    }
    assertFalse(left, "a mount is left behind");
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void shouldUnmountInOrderOnASignal(String signal, int exit) throws Exception {
    Process server = Server.start(transport, HEEDS_SIGNALS, point.toString());
    try (BufferedReader said = server.inputReader(StandardCharsets.UTF_8)) {
      awaitMounted(said);
      assertEquals("hello, world\n", Shell.run("cat", point.resolve("hello").toString()).out());
      Shell.run("kill", "-" + signal, String.valueOf(server.pid()));
      assertTrue(server.waitFor(30, TimeUnit.SECONDS));
      assertEquals(exit, server.exitValue());
      assertTrue(MountTable.at(point).isEmpty());
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void shouldCleanAwayTheMountOfAKilledServer() throws Exception {
    Process server = Server.start(transport, HEEDS_SIGNALS, point.toString());
    try (BufferedReader said = server.inputReader(StandardCharsets.UTF_8)) {
      awaitMounted(said);
      server.destroyForcibly();
      assertTrue(server.waitFor(30, TimeUnit.SECONDS));
    }
    assertTrue(
        Shell.run("ls", point.toString()).err().contains("Transport endpoint is not connected"));

    try (FuseMount again = mountAt(point)) {
      assertEquals(point, again.mountPoint());
      assertEquals("hello, world\n", Shell.run("cat", point.resolve("hello").toString()).out());
    }
  }

  @Test
  void shouldMountForAnOrdinaryUser() throws Exception {
    // In a mount namespace of its own, so that the machine's /dev/fuse and /mnt stay as they are: a
    // user's /dev/fuse is open to all, and fusermount3 wants a mountpoint that the user can reach.
    // The capability lets the user read this project wherever it lies; it is of no use for
    // mounting.
    String script =
        "mount -t tmpfs none /mnt && mkdir -m 755 /mnt/tree && chown 65534 /mnt/tree"
            + " && mknod -m 666 \"$1\" c 10 229 && mount --bind \"$1\" /dev/fuse && shift"
            + " && exec setpriv --reuid 65534 --regid 65534 --clear-groups"
            + " --inh-caps +dac_read_search --ambient-caps +dac_read_search \"$@\"";
    Process server =
        Server.start(
            transport,
            List.of("unshare", "-m", "sh", "-c", script, "sh", dir.resolve("fuse").toString()),
            "/mnt/tree",
            "hello");
    try (BufferedReader said = server.inputReader(StandardCharsets.UTF_8)) {
      awaitMounted(said);
      assertEquals("hello, world", said.readLine());
      assertTrue(server.waitFor(30, TimeUnit.SECONDS));
      assertEquals(0, server.exitValue());
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void shouldFailWithWhatInitThrew() {
    FileSystem refusing =
        new FileSystem() {
          @Override
          public void init(Connection connection) {
            throw new IllegalStateException("not today");
          }
        };
    MountException e =
        assertThrows(
            MountException.class,
            () -> FuseMount.of(refusing).transport(transport).at(point).mount());
    assertEquals(Reason.REFUSED, e.reason());
    assertTrue(e.getMessage().contains("not today"), e.getMessage());
  }

  @Test
  void shouldRefuseAMountPointThatIsMissingOrNoDirectory() throws IOException {
    assertRefused(dir.resolve("missing"), Reason.MOUNTPOINT, "does not exist");
    assertRefused(dir.resolve("missing/deeper"), Reason.MOUNTPOINT, "does not exist");
    assertRefused(Files.createFile(dir.resolve("file")), Reason.MOUNTPOINT, "is not a directory");
  }

  @Test
  void shouldRefuseAMountPointThatIsTaken() throws IOException {
    try (FuseMount first = mountAt(point)) {
      assertRefused(point, Reason.BUSY, "mounted there already");
      assertFalse(first.hasEnded());
    }
  }

  @Test
  void shouldRefuseAnUnknownOptionByName() {
    MountException e =
        assertThrows(
            MountException.class,
            () ->
                FuseMount.of(new TestFs())
                    .transport(transport)
                    .at(point)
                    .option("no_such_option")
                    .mount());
    assertEquals(Reason.OPTION, e.reason());
    assertTrue(e.getMessage().contains("no_such_option"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"max_read=many", "max_read="})
  void shouldRefuseAMaxReadThatIsNoNumber(String option) {
    MountException e =
        assertThrows(
            MountException.class,
            () -> FuseMount.of(new TestFs()).transport(transport).at(point).option(option).mount());
    assertEquals(Reason.OPTION, e.reason());
    assertTrue(e.getMessage().contains(option), e.getMessage());
  }

  @Test
  void shouldMountWithASmallerMaxRead() throws Exception {
    try (FuseMount small =
        FuseMount.of(new TestFs())
            .transport(transport)
            .at(point)
            .option("max_read=65536")
            .mount()) {
      assertEquals("hello, world\n", Shell.run("cat", point.resolve("hello").toString()).out());
      assertFalse(small.hasEnded());
    }
  }

  private void assertRefused(Path at, Reason reason, String why) {
    MountException e = assertThrows(MountException.class, () -> mountAt(at));
    assertEquals(reason, e.reason());
    assertTrue(e.getMessage().contains(at.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  private FuseMount mountAt(Path at) throws MountException {
    return FuseMount.of(new TestFs())
        .transport(transport)
        .at(at)
        .threads(2)
        .drain(Duration.ofSeconds(2))
        .mount();
  }

  static void awaitMounted(BufferedReader said) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      if (line.equals("mounted")) {
        return;
      }
      seen.append(line).append('\n');
    }
    throw new IOException("the server did not mount:\n" + seen);
  }
}
