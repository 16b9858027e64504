package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.cli.control.ProcessStatus;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * Mount, read, unmount, over and over, on both transports; in fresh processes in the foreground and
 * as daemons, ended by a signal and by a command. Nothing may be left of a cycle. As many as the
 * property {@code slabmount.cycles} says, 20 without it; fresh ones as {@code
 * slabmount.cycles.fresh} says.
 */
@Timeout(3000) // of 5000 cycles; make test ends its JVM sooner
class CyclesIT {
  private static final int CYCLES = Integer.getInteger("slabmount.cycles", 20);
  private static final int FRESH_CYCLES = Integer.getInteger("slabmount.cycles.fresh", CYCLES);

  /** Classes are loaded and code is compiled in the first ones. */
  private static final int WARM_UP = 5;

  /** Fewer than this come and go with the JVM; ten cycles, each of which leaves one, leave more. */
  private static final int NOISE = 8;

  @TempDir private Path temp;
  private Launcher launcher;
  private SmallTree tree;

  @BeforeEach
  void makeTree() throws IOException {
    launcher = new Launcher(temp);
    tree = new SmallTree(launcher, temp);
    final Path runtimeFolder = Path.of(System.getenv("XDG_RUNTIME_DIR")); // of this process
    Files.createDirectories(
        runtimeFolder,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    launcher.assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"libfuse", "dev"})
  void shouldLeaveNothingOfManyMountsInOneProcess(final String transport) throws Exception {
    for (int i = 0; i < WARM_UP; i++) {
      mountReadUnmountHere(transport);
    }
    final Holdings before = Holdings.now(temp);
    Holdings middle = before;
    for (int i = 0; i < CYCLES; i++) {
      middle = i == CYCLES / 2 ? Holdings.now(temp) : middle;
      mountReadUnmountHere(transport);
    }
    final Holdings half = middle;
    Await.until(
        () -> Holdings.now(temp).threads() <= before.threads(),
        () -> "threads left: " + Thread.getAllStackTraces().keySet());
    // The JVM maps memory and starts threads of its own now and then, and ends them again.
    Await.until(
        () -> Holdings.now(temp).isFlatSince(half),
        () -> "half way " + half + ", after " + Holdings.now(temp));
    final Holdings after = Holdings.now(temp);
    final String both = "before " + before + ", half way " + half + ", after " + after;
    System.out.println("after %d cycles on %s: %s".formatted(CYCLES, transport, both));
    assertEquals(0, after.mounts(), both);
    assertTrue(after.descriptors() - before.descriptors() < 3, both); // The JVM may open one.
    assertEquals(before.files(), after.files(), both);
  }

  private void mountReadUnmountHere(final String transport) throws Exception {
    final CommandLine command =
        Slabmount.commandLine().setOut(new PrintWriter(Writer.nullWriter()));
    final FutureTask<Integer> served =
        new FutureTask<>(() ->
            command.execute(
                tree.mountCommand(
                    tree.point, "--transport", transport, "--pool-size=8M", "--threads=2")));
    Thread.ofPlatform().name("mount-under-test").start(served);
    Await.until(
        () -> served.isDone() || hasSocket(), () -> "no mount by " + transport + " in time");
    tree.assertServedAt(tree.point);
    Await.until( // The kernel may still be busy with what was closed just now.
        () -> Unmounter.unmount(tree.point, false).outcome() == Unmounter.Outcome.DONE,
        () -> "cannot unmount: " + Unmounter.unmount(tree.point, false));
    assertEquals(0, served.get(60, TimeUnit.SECONDS));
  }

  /** Whether this process has announced a mount, which is the last thing before it is served. */
  private static boolean hasSocket() {
    final String record = ProcessHandle.current().pid() + ".json";
    return Files.exists(Path.of(System.getenv("XDG_RUNTIME_DIR"), "slabmount", record));
  }

  @Test
  void shouldLeaveNothingOfManyMountsInFreshProcesses() throws Exception {
    final long filesBefore = filesIn(temp);
    final Path log = temp.resolve("daemons.log");
    for (int i = 0; i < FRESH_CYCLES; i++) {
      final String transport = i % 2 == 0 ? "libfuse" : "dev";
      if (i / 2 % 2 == 0) {
        serveInTheForeground("--transport", transport, "--pool-size=8M");
      } else {
        serveAsADaemon("--transport", transport, "--pool-size=8M", "--log-file=" + log);
      }
      assertTrue(MountTable.at(tree.point).isEmpty());
    }
    launcher.assertNoProcessLeft();
    final String logged = Files.readString(log);
    assertFalse(logged.contains(" WARN ") || logged.contains(" ERROR "), logged);
    final Path runtimeFolder = temp.resolve("slabmount");
    assertEquals(1, filesIn(runtimeFolder), "sockets or records are left");
    assertEquals(filesBefore + 2, filesIn(temp), "more than that folder and the log is left");
  }

  private void serveInTheForeground(final String... options) throws Exception {
    final Launcher.Started mount = tree.mount(options);
    tree.assertServedAt(tree.point);
    mount.process().destroy();
    mount.awaitEnd().assertOk();
  }

  private void serveAsADaemon(final String... options) throws Exception {
    final long daemon = tree.mountAsDaemon(options);
    tree.assertServedAt(tree.point);
    launcher.run("unmount", tree.point.toString()).assertOk();
    Await.until(
        () -> ProcessHandle.of(daemon).isEmpty(), () -> "process " + daemon + " goes on serving");
  }

  private static long filesIn(final Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.count();
    }
  }

  /**
   * What this process can leak, counted.
   *
   * @param threads of Java, but those with which the JDK waits for processes
   * @param tasks all threads, those of the JVM included, which come and go
   * @param descriptors open files
   * @param mappings ranges of memory
   * @param mounts below the test's folder
   * @param files there and in the runtime folder
   */
  private record Holdings(
      long threads, long tasks, long descriptors, long mappings, long mounts, long files) {
    boolean isFlatSince(final Holdings earlier) {
      return mappings - earlier.mappings < NOISE && tasks - earlier.tasks < NOISE;
    }

    static Holdings now(final Path folder) {
      try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
        return new Holdings(
            Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("process reaper"))
                .count(),
            ProcessStatus.threads(),
            ProcessStatus.descriptors(),
            maps.count(),
            MountTable.read().stream().filter(m -> m.mountPoint().startsWith(folder)).count(),
            filesIn(folder) + filesIn(Path.of(System.getenv("XDG_RUNTIME_DIR"))));
      } catch (final IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
