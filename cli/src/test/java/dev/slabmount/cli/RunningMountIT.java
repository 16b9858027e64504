package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.session.MountTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code list}, {@code stats} and {@code unmount} say to and do with mounts that run. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
class RunningMountIT {
  @TempDir private Path temp;
  private Launcher launcher;
  private SmallTree tree;
  private Path point;

  @BeforeEach
  void makeTree() throws IOException {
    launcher = new Launcher(temp);
    tree = new SmallTree(launcher, temp);
    point = tree.point;
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    launcher.assertNothingLeft();
    assertEquals(List.of(), controlFiles());
  }

  @ParameterizedTest
  @ValueSource(strings = {"libfuse", "dev"})
  void shouldTellOfAMountInTheForeground(final String transport) throws Exception {
    final Launcher.Started mount = tree.mount("--transport", transport, "--pool-size=16M");
    tree.assertServedAt(point);
    final long pid = mount.process().pid();
    assertEquals("[rw-------, rw-------]", controlFilesModes().toString());

    assertTrue(launcher.run("list").assertOk().out().startsWith("STATE "));
    final String table = listed();
    assertTrue(
        table.matches("(?s).*answering +" + pid + " .* " + point + " +" + tree.manifest + " .*"),
        table);
    final FlatJson list = FlatJson.parse(launcher.run("list", "--json").assertOk().out());
    final String here = pointerTo(point, list);
    assertEquals("answering", list.text(here + "/state"));
    assertEquals(pid, list.number(here + "/pid"));

    final FlatJson stats =
        FlatJson.parse(launcher.run("stats", point.toString(), "--json").assertOk().out());
    assertEquals(tree.store.toString(), stats.text("/store"));
    assertEquals(transport, stats.text("/transport"));
    assertEquals(16 << 20, stats.number("/pool/maxSize"));
    assertTrue(stats.number("/filesystem/bytesRead") >= 3_000_000, stats.toString());
    assertTrue(stats.number("/content/objectsVerified") >= 2, stats.toString());
    assertTrue(stats.number("/kernel/requests") > 0, stats.toString());
    assertEquals("lookup", stats.text("/operations/0/operation"));
    assertTrue(stats.number("/operations/0/count") > 0, stats.toString());
    assertTrue(stats.number("/operations/0/maxNanos") > 0, stats.toString());
    assertTrue(stats.number("/process/residentBytes") > 1 << 20, stats.toString());
    assertDocumented(list.names());
    assertDocumented(stats.names());

    final String text = launcher.run("stats", point.toString()).assertOk().out();
    assertTrue(text.startsWith("mount    " + point + " of "), text);
    assertTrue(text.contains("\nmemory   "), text);

    launcher.run("unmount", point.toString()).assertOk();
    assertTrue(mount.process().waitFor(1, TimeUnit.SECONDS), "unmount did not wait for the end");
    mount.awaitEnd().assertOk();
    assertEquals("", listed());
    launcher
        .run("stats", point.toString())
        .assertFailed(ExitCode.MOUNTPOINT, "no slabmount of this user is mounted there");
  }

  private static void assertDocumented(final Set<String> names) throws IOException {
    final String document = Files.readString(Path.of("../docs/CLI.md"));
    final Set<String> missing =
        names.stream()
            .filter(name -> !document.contains("`" + name + "`"))
            .collect(Collectors.toSet());
    assertEquals(Set.of(), missing, "fields that docs/CLI.md does not name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"libfuse", "dev"})
  void shouldShowAndReplaceAndRemoveWhatAKilledDaemonLeft(final String transport) throws Exception {
    final String option = "--transport=" + transport;
    kill(tree.mountAsDaemon(option));
    final FlatJson list = FlatJson.parse(launcher.run("list", "--json").assertOk().out());
    assertEquals("stale", list.text(pointerTo(point, list) + "/state"));
    launcher
        .run("stats", point.toString())
        .assertFailed(ExitCode.MOUNTPOINT, "its process was killed", "slabmount unmount");

    final Launcher.Result replaced = launcher.run(tree.mountCommand(point, "--daemon", option));
    assertEquals(0, replaced.exitCode(), replaced.toString());
    assertTrue(
        replaced.err().matches("\\S+ WARN [^\\n]*dead mount[^\\n]*\\n"), replaced.toString());
    final long second = SmallTree.processOf(replaced);
    tree.assertServedAt(point);
    final String table = listed();
    assertEquals(1, table.lines().count(), table);
    assertTrue(table.startsWith("answering "), table);
    assertTrue(table.contains(" " + second + " "), table);
    final FlatJson stats =
        FlatJson.parse(launcher.run("stats", point.toString(), "--json").assertOk().out());
    final String log = Files.readString(Path.of(stats.text("/log")));
    assertTrue(log.contains(" WARN ") && log.contains("dead mount"), log);

    kill(second);
    launcher.run("unmount", point.toString()).assertOk();
    assertTrue(MountTable.at(point).isEmpty());
    assertEquals(List.of(), controlFiles());
  }

  @Test
  void shouldLeaveNoMountOfWhichItCannotTell() throws Exception {
    final Launcher full = new Launcher(temp).program(Path.of("/bin/sh"));
    full.run(
            Stream.concat(
                    Stream.of("-c", "exec \"$@\" >/dev/full", "sh", program()),
                    Stream.of(tree.mountCommand(point, "--daemon", "--log-file=" + temp + "/log")))
                .toArray(String[]::new))
        .assertFailed(ExitCode.OUTPUT, "cannot say that " + point + " is mounted");
    assertTrue(MountTable.at(point).isEmpty());
    full.assertNoProcessLeft();
  }

  @Test
  void shouldSayThatAStoppedMountDoesNotAnswer() throws Exception {
    final Launcher.Started mount = tree.mount();
    final String pid = Long.toString(mount.process().pid());
    signal("STOP", pid);
    try {
      launcher // This line follows the first question that was not answered; there is no second.
          .run("stats", point.toString())
          .assertFailed(ExitCode.REFUSED, "process " + pid + " does not answer; it may be stopped");
    } finally {
      signal("CONT", pid);
    }
    launcher.run("unmount", point.toString()).assertOk();
    mount.awaitEnd().assertOk();
  }

  private static void signal(final String name, final String pid) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, pid).start().waitFor());
  }

  @Test
  void shouldWaitForUsersOnlyAsLongAsItIsAsked() throws Exception {
    final Launcher.Started mount = tree.mount();
    final Launcher.Started patient;
    try (InputStream file = Files.newInputStream(point.resolve("big"))) {
      final long begin = System.nanoTime();
      launcher
          .run("unmount", point.toString(), "--timeout", "1")
          .assertFailed(ExitCode.BUSY, "in use after 1 s", "fuser -vm " + point, "--lazy");
      assertTrue(System.nanoTime() - begin >= TimeUnit.SECONDS.toNanos(1));
      patient = launcher.start("unmount", point.toString(), "--timeout=60");
      assertFalse(patient.process().waitFor(2, TimeUnit.SECONDS), "it did not wait");
      assertEquals(3_000_001, file.readAllBytes().length);
    }
    patient.awaitEnd().assertOk();
    mount.awaitEnd().assertOk();
  }

  @Test
  void shouldLeaveOpenFilesToTheirUsersWhenLazy() throws Exception {
    final Launcher.Started mount = tree.mount();
    final long pid = mount.process().pid();
    try (InputStream file = Files.newInputStream(point.resolve("big"))) {
      final Launcher.Result result = launcher.run("unmount", "--lazy", point.toString()).assertOk();
      assertEquals(
          point + " is detached; process " + pid + " serves what is open until it is closed\n",
          result.out());
      assertTrue(MountTable.at(point).isEmpty());
      assertEquals(3_000_001, file.readAllBytes().length);
      assertTrue(mount.process().isAlive());
      assertTrue(listed().startsWith("detached "), listed());
      launcher
          .run("stats", point.toString())
          .assertFailed(ExitCode.MOUNTPOINT, "no slabmount of this user is mounted there");

      final Launcher.Started second = tree.mount();
      final List<String> states =
          listed().lines().map(line -> line.substring(0, line.indexOf(' '))).toList();
      assertEquals(List.of("detached", "answering"), states);
      launcher.run("unmount", point.toString()).assertOk();
      second.awaitEnd().assertOk();
      assertTrue(mount.process().isAlive());
    }
    mount.awaitEnd().assertOk();
  }

  @Test
  void shouldBeQuietWhenLazyHadNothingToDo() {
    final Launcher.Started mount = tree.mount();
    assertEquals("", launcher.run("unmount", "--lazy", point.toString()).assertOk().out());
    mount.awaitEnd().assertOk();
  }

  @Test
  void shouldMountOneManifestAndStoreTwiceAtOnce() throws Exception {
    final Path other = Files.createDirectory(temp.resolve("other"));
    final Launcher.Started first = tree.mount("--transport=libfuse");
    final Launcher.Started second = tree.mountAt(other, "--transport=dev");
    tree.assertServedAt(point);
    tree.assertServedAt(other);
    assertEquals(2, listed().lines().count());
    launcher.run("unmount", point.toString()).assertOk();
    tree.assertServedAt(other);
    launcher.run("unmount", other.toString()).assertOk();
    first.awaitEnd().assertOk();
    second.awaitEnd().assertOk();
  }

  @Test
  void shouldOutliveItsTerminal() throws Exception {
    final Path commands = temp.resolve("commands");
    Files.writeString(
        commands,
        Stream.of(tree.mountCommand(point, "--daemon"))
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" ", "'" + program() + "' ", "\n"))
            + "kill -HUP -- -$$\n");
    // script makes a terminal and a session on it; both end with the signal.
    new Launcher(temp)
        .program(Path.of("script"))
        .through("env", "--default-signal=HUP")
        .with("SHELL", "/bin/sh")
        .run("-qec", "exec sh " + commands, "/dev/null");
    final FlatJson list = FlatJson.parse(launcher.run("list", "--json").assertOk().out());
    assertEquals("answering", list.text(pointerTo(point, list) + "/state"));
    tree.assertServedAt(point);
    launcher.run("unmount", point.toString()).assertOk();
  }

  @Test
  void shouldWorkWithNamesOutsideAsciiInTheCLocale() throws Exception {
    launcher.with("LC_ALL", "C").with("LANG", "C");
    final Path odd = Files.createDirectory(temp.resolve(SmallTree.ODD_NAME));
    final Launcher.Started mount = tree.mountAt(odd);
    tree.assertServedAt(odd);
    final String table = launcher.run("list").assertOk().out();
    assertTrue(table.contains(" " + odd + " "), table);
    final FlatJson stats =
        FlatJson.parse(launcher.run("stats", odd.toString(), "--json").assertOk().out());
    assertEquals(odd.toString(), stats.text("/mountpoint"));
    launcher.run("unmount", odd.toString()).assertOk();
    mount.awaitEnd().assertOk();
  }

  @Test
  void shouldRefuseATimeoutThatIsNone() {
    for (final String timeout : List.of("-1", "x", "1.5", "99999999")) {
      launcher
          .run("unmount", point.toString(), "--timeout=" + timeout)
          .assertFailed(
              ExitCode.USAGE,
              "'" + timeout + "' is not a whole number of seconds from 0 to 1000000;");
    }
  }

  /** The lines of the list that are about this test; others may have mounts meanwhile. */
  private String listed() {
    return launcher
        .run("list")
        .assertOk()
        .out()
        .lines()
        .filter(line -> line.contains(" " + temp + "/"))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  /** Where in the JSON of the list a mount is. */
  private static String pointerTo(final Path mountpoint, final FlatJson list) {
    return list.values().entrySet().stream()
        .filter(field -> field.getValue().equals(mountpoint.toString()))
        .map(field -> field.getKey().replaceFirst("/mountpoint$", ""))
        .findFirst()
        .orElseThrow(() -> new AssertionError(mountpoint + " is not in " + list));
  }

  private static String program() {
    return Launcher.DISTRIBUTION.resolve("bin/slabmount").toString();
  }

  private static void kill(final long pid) {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    Await.until(
        () -> {
          try {
            return Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1)
                .contains(") Z ");
          } catch (final IOException _) {
            return true;
          }
        },
        () -> "process " + pid + " cannot be killed");
  }

  private List<Path> controlFiles() throws IOException {
    final Path folder = temp.resolve("slabmount");
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private List<String> controlFilesModes() throws IOException {
    return controlFiles().stream()
        .map(file -> {
          try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
          } catch (final IOException e) {
            return e.toString();
          }
        })
        .toList();
  }
}
