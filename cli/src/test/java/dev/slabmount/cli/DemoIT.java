package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the demo: on the JDK's own folder, on an awkward tree, with a difference, and interrupted.
 */
@Timeout(300)
class DemoIT {
  private static final Path SCRIPT = Path.of("../scripts/demo.sh").toAbsolutePath().normalize();

  @TempDir private Path temp;
  private Launcher demo;
  private Path work;

  @BeforeEach
  void makeFolderForTheDemo() throws IOException {
    work = Files.createDirectory(temp.resolve("work"));
    demo = new Launcher(temp).program(SCRIPT).with("TMPDIR", work.toString()).within(240);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    demo.assertNothingLeft();
    try (Stream<Path> files = Files.list(work)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void shouldServeTheRunningJdkThroughASmallPool() {
    final String out = demo.run().assertOk().out();
    assertTrue(out.contains("\nequal: "), out);
    assertTrue(out.contains(", read by 4 at once\n"), out);
    assertTrue(out.contains("\npool     limit 64.0 MiB: "), out);
    assertTrue(out.endsWith("\ndemo: passed\n"), out);
  }

  @Test
  void shouldServeAnAwkwardTreeButForWhatASnapshotLeavesOut() throws IOException {
    final Path tree = Files.createDirectory(temp.resolve("a tree"));
    final Launcher.Result made =
        new Launcher(temp)
            .program(Path.of("/bin/bash"))
            .in(tree)
            .run(
                "-ec",
                """
                mkdir -p deep/er/still empty $'new\\nline' $'\\xff'
                mkfifo fifo deep/fifo
                echo x >$'\\xfe'; echo y >$'\\xff/below'; echo z >$'new\\nline/ '
                ln -s nowhere dangling; ln -s /nowhere/at/all up; ln -s ../../outside deep/er/out; ln -s '$1/x' dollar
                : >deep/er/still/nothing; head -c 3000000 /dev/zero >zeros; chmod 755 zeros
                touch -d '1960-01-01 00:00:00.123456789' old; touch -d '2500-01-01' new
                printf -v name '%0200d' 0
                for ((i = 0; i < 30; i++)); do mkdir $name; cd $name; echo x >file; done
                """);
    try {
      made.assertOk();
      final String out = demo.with("DEMO_DIR", tree.toString()).run().assertOk().out();
      assertTrue(out.endsWith("\ndemo: passed\n"), out);
    } finally {
      run("rm -r '" + tree + "'"); // it has paths too long for Java
    }
  }

  @Test
  void shouldFailOnADifference() throws IOException {
    // A checksum program that lies about the copy: the demo cannot tell it from bytes that differ.
    final Launcher.Result result = withChecksums("b2sum", "sed -z s/^./x/").run();
    assertEquals(1, result.exitCode(), result.toString());
    assertTrue(result.out().contains("content:  file\n"), result.out());
    assertEquals("demo: FAILED\n", result.err());
  }

  @Test
  void shouldFailWhenAReaderDies() throws IOException {
    final Launcher.Result result = withChecksums("exit 1", "cat").run();
    assertEquals(1, result.exitCode(), result.toString());
  }

  @Test
  void shouldCleanUpWhenItIsInterrupted() throws IOException {
    final Path reading = temp.resolve("reading");
    final Launcher.Started started =
        withChecksums("touch " + reading + "; sleep 100; exit 1", "cat").through("setsid").start();
    Await.until(() -> Files.exists(reading), () -> "the demo reads nothing: " + started);
    assertEquals(0, run("kill -s TERM -- -" + started.process().pid()));
    assertNotEquals(0, started.awaitEnd().exitCode());
  }

  @Test
  void shouldRefuseATreeThatHoldsItsOwnStore() {
    final Launcher.Result result = demo.with("DEMO_DIR", temp.toString()).run();
    result.assertFailed(ExitCode.UNEXPECTED, "set TMPDIR to a folder outside it");
  }

  @Test
  void shouldRefuseATreeThatIsNotThere() {
    final Launcher.Result result = demo.with("DEMO_DIR", temp + "/none").run();
    result.assertFailed(ExitCode.UNEXPECTED, "DEMO_DIR=" + temp + "/none is not a folder");
  }

  /** The demo on a small tree, with another program for checksums when the mount is read. */
  private Launcher withChecksums(final String ofCopy, final String filter) throws IOException {
    final Path tree = Files.createDirectory(temp.resolve("tree"));
    Files.writeString(tree.resolve("file"), "content");
    final Path bin = Files.createDirectory(temp.resolve("bin"));
    final Path program = bin.resolve("b2sum");
    Files.writeString(
        program,
        "#!/bin/bash\nPATH=${PATH#*:}\ncase $PWD in\n  */mnt) { "
            + ofCopy
            + " \"$@\"; } | "
            + filter
            + " ;;\n  *) exec b2sum \"$@\" ;;\nesac\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return demo.with("DEMO_DIR", tree.toString()).with("PATH", bin + ":" + System.getenv("PATH"));
  }

  private int run(final String script) {
    return new Launcher(temp).program(Path.of("/bin/bash")).run("-c", script).exitCode();
  }
}
