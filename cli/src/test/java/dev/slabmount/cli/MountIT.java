package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.vfs.content.Xxh128;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mounts a small tree with the built command, as a user would, and ends it in every way. */
@Timeout(120)
class MountIT {
  private static final int BIG_BYTES = 5_000_001;

  @TempDir private Path temp;
  private Launcher launcher;
  private Path tree;
  private Path store;
  private Path manifest;
  private Path point;

  @BeforeEach
  void makeTreeAndSnapshot() throws IOException {
    launcher = new Launcher(temp);
    tree = temp.resolve("tree");
    Files.createDirectories(tree.resolve("folder/deep"));
    Files.createDirectory(tree.resolve("empty"));
    final byte[] big = new byte[BIG_BYTES];
    new Random(1).nextBytes(big);
    Files.write(tree.resolve("big"), big);
    Files.writeString(tree.resolve("small"), "small\n");
    Files.createFile(tree.resolve("nothing"));
    Files.writeString(tree.resolve("folder/run"), "#!/bin/sh\necho hi\n");
    assertTrue(tree.resolve("folder/run").toFile().setExecutable(true));
    Files.writeString(tree.resolve("folder/deep/\u00fc\n\u6f22"), "odd name");
    Files.createSymbolicLink(tree.resolve("link"), Path.of("folder/run"));
    store = temp.resolve("store");
    manifest = temp.resolve("tree.json");
    point = Files.createDirectory(temp.resolve("mnt"));
    final Launcher.Result snapshot =
        launcher.run(
            "snapshot", tree.toString(), "--store", store.toString(), "--out", manifest.toString());
    assertEquals(0, snapshot.exitCode(), snapshot.toString());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    launcher.assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"libfuse", "dev"})
  void shouldServeTheTreeByteForByte(final String transport) throws Exception {
    final Launcher.Started mount =
        mount("--transport", transport, "--pool-size", "2M", "--block-size", "64K");
    assertEqualToTree();
    end(mount);
  }

  @Test
  void shouldServeNamesOutsideAsciiInTheCLocale() throws Exception {
    launcher.with("LC_ALL", "C");
    final Launcher.Started mount = mount();
    assertEqualToTree();
    end(mount);
  }

  @ParameterizedTest
  @CsvSource({
    "libfuse, kill -TERM $PID",
    "libfuse, kill -INT $PID",
    "libfuse, kill -HUP $PID",
    "libfuse, fusermount3 -u $POINT",
    "dev, kill -TERM $PID",
    "dev, kill -INT $PID",
    "dev, kill -HUP $PID",
    "dev, fusermount3 -u $POINT",
  })
  void shouldEndInGoodOrder(final String transport, final String command) throws Exception {
    launcher.through("env", "--default-signal=INT,HUP"); // in case the tests run in the background
    final Launcher.Started mount = mount("--transport", transport);
    Files.readAllBytes(point.resolve("big"));
    assertEquals(0, sh(command, mount).exitCode());
    mount.awaitEnd().assertOk();
    assertTrue(MountTable.at(point).isEmpty());
  }

  @Test
  void shouldEndWhenItIsUnmounted() throws Exception {
    final Launcher.Started mount = mount();
    assertEquals("", launcher.run("unmount", point.toString()).assertOk().out());
    mount.awaitEnd().assertOk();
    launcher
        .run("unmount", point.toString())
        .assertFailed(ExitCode.MOUNTPOINT, "no FUSE filesystem");
  }

  @Test
  void shouldNotUnmountUnderAnOpenFile() throws Exception {
    final Launcher.Started mount = mount();
    try (InputStream file = Files.newInputStream(point.resolve("big"))) {
      launcher
          .run("unmount", point.toString())
          .assertFailed(ExitCode.BUSY, "in use", "fuser -vm " + point);
      assertEquals(BIG_BYTES, file.readAllBytes().length);
    }
    end(mount);
  }

  @Test
  void shouldAnswerEioForAMissingObjectAndServeTheRest() throws Exception {
    Files.delete(objectOf("small"));
    final Launcher.Started mount = mount();
    assertEquals("cat: " + point + "/small: Input/output error\n", cat("small").err());
    assertEquals("#!/bin/sh\necho hi\n", cat("link").out());
    endAfterComplaint(mount, "is missing");
  }

  @Test
  void shouldAnswerEioForAFlippedBitAndServeTheRest() throws Exception {
    final Path object = objectOf("big");
    final byte[] bytes = Files.readAllBytes(object);
    bytes[BIG_BYTES - 7] ^= 0x10;
    Files.write(object, bytes);
    final Launcher.Started mount = mount("--verify=strict");
    final Launcher.Result failed = cat("big");
    assertEquals("cat: " + point + "/big: Input/output error\n", failed.err());
    assertEquals("", failed.out(), "bytes of a damaged object were served");
    assertEquals("small\n", cat("small").out());
    endAfterComplaint(mount, object.getFileName().toString().substring(0, 32) + " is damaged");
  }

  @Test
  void shouldTakeBackWhatItServedBeforeItFoundAFlippedBit() throws Exception {
    final Path object = objectOf("big");
    final byte[] bytes = Files.readAllBytes(object);
    bytes[BIG_BYTES - 7] ^= 0x10;
    Files.write(object, bytes);
    final Launcher.Started mount = mount();
    final Launcher.Result last =
        sh("while cat $POINT/big >/dev/null 2>&1; do sleep 0.01; done; cat $POINT/big", mount);
    assertEquals("", last.out(), "bytes of a damaged object were served from the kernel's cache");
    assertEquals("cat: " + point + "/big: Input/output error\n", last.err());
    assertEquals("small\n", cat("small").out());
    final String hash = object.getFileName().toString().substring(0, 32);
    assertEquals(0, sh("kill $PID", mount).exitCode());
    final Launcher.Result result = mount.awaitEnd();
    assertEquals(0, result.exitCode(), result.toString());
    assertEquals(
        1,
        result
            .err()
            .lines()
            .filter(line -> line.contains("VerifyingReader - object " + hash))
            .count(),
        "lines of the check itself: " + result.err());
    assertTrue(result.err().contains("its bytes hash to " + Xxh128.hash(bytes)), result.toString());
  }

  @Test
  void shouldServeWhateverThereIsIfNotToVerify() throws Exception {
    final Path object = objectOf("small");
    Files.writeString(object, "SMALL\n");
    final Launcher.Started mount = mount("--verify=off");
    assertEquals("SMALL\n", cat("small").out());
    end(mount);
  }

  @Test
  void shouldRefuseToWrite() throws Exception {
    final Launcher.Started mount = mount();
    final Launcher.Result refused =
        sh("echo x >$POINT/small; rm -f $POINT/small; ls $POINT/small", mount);
    assertEquals(point + "/small\n", refused.out());
    assertTrue(refused.err().contains("Read-only file system"), refused.err());
    end(mount);
  }

  @Test
  void shouldPassOptionsOn() throws Exception {
    final Launcher.Started mount = mount("--threads", "3", "--allow-other", "-o", "noexec,nosuid");
    final String line =
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .filter(mounted -> mounted.contains(" " + point + " "))
            .findFirst()
            .orElseThrow();
    for (final String option :
        List.of("noexec", "allow_other", "nosuid", "ro,", "fuse.slabmount " + manifest)) {
      assertTrue(line.contains(option), option + " is not in " + line);
    }
    assertEquals("3\n", sh("cat /proc/$PID/task/*/comm | grep -c '^fuse-worker'", mount).out());
    end(mount);
  }

  @ParameterizedTest
  @ValueSource(strings = {"libfuse", "dev"})
  void shouldLogWhatItDoesWithoutAndWhy(final String transport) throws Exception {
    final Launcher.Started mount =
        mount(
            "--debug", "--transport", transport, "--prefetch=eager", "--kernel-cache=opens,pages");
    assertEquals(0, sh("kill $PID", mount).exitCode());
    final String err = mount.awaitEnd().err();
    final String line =
        err.lines()
            .filter(logged -> logged.contains(" mounted " + point + " with "))
            .findFirst()
            .orElseThrow(() -> new AssertionError(err));
    final String notWanted = line.substring(line.indexOf("; not wanted: "));
    for (final String said :
        List.of(
            " ASYNC_DIO (a killed direct reader would wait for its answer)",
            " READDIRPLUS (without kernel cache of listed-attributes)",
            " CACHE_SYMLINKS (without kernel cache of links)",
            " NO_OPEN_SUPPORT (prefetching has to see files opened)",
            " NO_OPENDIR_SUPPORT (without kernel cache of listings)")) {
      assertTrue(notWanted.contains(said), said + " is not in " + line);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"libfuse", "dev"})
  void shouldDoWithoutWhatIsSwitchedOff(final String transport) throws Exception {
    final Launcher.Started mount =
        mount(
            "--debug",
            "--debug-fuse",
            "--transport",
            transport,
            "--max-background=7",
            "--with=auto-inval-data",
            "--without",
            "MAX_PAGES,NO_OPEN_SUPPORT");
    Files.readAllBytes(point.resolve("big"));
    assertEquals(0, sh("kill $PID", mount).exitCode());
    final String err = mount.awaitEnd().err();
    assertTrue(err.contains(" 7 background requests;"), err);
    assertTrue(err.matches("(?s).* features \\S*\\bAUTO_INVAL_DATA\\b.*"), err);
    assertTrue(err.contains("; not wanted: MAX_PAGES (switched off by an option"), err);
    assertTrue(err.matches("(?s).*> \\d+ open ino .*"), "it is opened: " + err);
    assertTrue(err.matches("(?s).*> \\d+ read [^\n]* length 131072 .*"), err);
    assertFalse(err.matches("(?s).*> \\d+ read [^\n]* length (1[4-9]|[2-9])\\d{5} .*"), err);
  }

  @ParameterizedTest
  @ValueSource(strings = {"libfuse", "dev"})
  void shouldWriteALineForEachRequestIfAskedTo(final String transport) throws Exception {
    final Launcher.Started mount = mount("--debug-fuse", "--transport", transport);
    Files.readAllBytes(point.resolve("small"));
    assertEquals(0, sh("kill $PID", mount).exitCode());
    final Launcher.Result ended = mount.awaitEnd();
    assertEquals(0, ended.exitCode(), ended.toString());
    final String err = ended.err();
    assertTrue(err.matches("(?s).*> \\d+ lookup ino 1 name \"small\" by \\d+:.*"), err);
    assertTrue(err.matches("(?s).*< \\d+ read data 6.*, \\d+ us\n.*"), err);
  }

  @Test
  void shouldSayWhatItDid() throws Exception {
    // Strict: otherwise the object may still wait to be hashed when the mount ends.
    final Launcher.Started mount =
        mount("--stats", "--verify=strict", "--pool-size", "16M", "--block-size", "64K");
    Files.readAllBytes(point.resolve("big"));
    assertEquals(0, sh("kill $PID", mount).exitCode());
    final String out = mount.awaitEnd().assertOk().out();
    assertTrue(out.contains("\nreads    4.8 MiB in "), out);
    assertTrue(out.contains("\npool     limit 16.0 MiB: 77 blocks loaded (4.8 MiB), "), out);
    assertTrue(out.contains("\ncontent  1 objects whole, "), out);
  }

  @Test
  void shouldServeAsADaemon() throws Exception {
    final Path log = temp.resolve("logs/mnt.log");
    final Launcher.Result started =
        launcher
            .in(temp)
            .run(
                "mount",
                "tree.json",
                "mnt",
                "--store=store",
                "--stats",
                "--daemon",
                "--log-file=logs/mnt.log")
            .assertOk();
    final Matcher line =
        Pattern.compile("mounted tree.json on mnt; process (\\d+), log (.*)\n")
            .matcher(started.out());
    assertTrue(line.matches(), started.out());
    assertEquals(log.toString(), line.group(2));
    assertEqualToTree();
    final String pid = line.group(1);
    assertEquals(
        pid,
        sh("cut -d ' ' -f 6 /proc/" + pid + "/stat", null).out().strip(),
        "no session of its own");
    assertEquals("/", sh("readlink /proc/" + pid + "/cwd", null).out().strip());
    launcher.run("unmount", point.toString()).assertOk();
    launcher.assertNoProcessLeft();
    final String logged = Files.readString(log);
    assertTrue(logged.contains(" INFO "), logged);
    assertTrue(logged.contains("\nreads "), logged);
  }

  @ParameterizedTest
  @ValueSource(strings = {"libfuse", "dev"})
  void shouldUnmountWhatAKilledServerLeftBehind(final String transport) throws Exception {
    final Launcher.Started mount = mount("--transport", transport);
    assertEquals(0, sh("kill -KILL $PID", mount).exitCode());
    assertTrue(mount.process().waitFor(20, TimeUnit.SECONDS));
    launcher.run("unmount", point.toString()).assertOk();
    assertTrue(MountTable.at(point).isEmpty());
  }

  @Test
  void shouldMountOverWhatAKilledServerLeftBehind() throws Exception {
    final Launcher.Started killed = mount();
    assertEquals(0, sh("kill -KILL $PID", killed).exitCode());
    assertTrue(killed.process().waitFor(20, TimeUnit.SECONDS));
    final Launcher.Started mount = mount();
    assertEqualToTree();
    endAfterComplaint(mount, "dead mount");
  }

  private Launcher.Started mount(final String... options) {
    final Stream<String> fixed =
        Stream.of("mount", manifest.toString(), point.toString(), "--store", store.toString());
    final Launcher.Started started =
        launcher.start(Stream.concat(fixed, Stream.of(options)).toArray(String[]::new));
    started.awaitLine("mounted " + manifest + " on " + point);
    return started;
  }

  /** Ends a mount with SIGTERM, which is to complain of nothing. */
  private void end(final Launcher.Started mount) throws Exception {
    assertEquals(0, sh("kill $PID", mount).exitCode());
    mount.awaitEnd().assertOk();
  }

  /** Ends a mount with SIGTERM; it has complained, and every line says this. */
  private void endAfterComplaint(final Launcher.Started mount, final String said) throws Exception {
    assertEquals(0, sh("kill $PID", mount).exitCode());
    final Launcher.Result result = mount.awaitEnd();
    assertEquals(0, result.exitCode(), result.toString());
    assertFalse(result.err().isEmpty());
    assertTrue(result.err().lines().allMatch(line -> line.contains(said)), result.toString());
  }

  private void assertEqualToTree() throws Exception {
    final Launcher.Result verdict =
        sh("bash ../scripts/compare-trees.sh -r 4 " + tree + " " + point, null);
    assertEquals(0, verdict.exitCode(), verdict.toString());
  }

  private Launcher.Result cat(final String file) throws Exception {
    return sh("cat " + point + "/" + file, null);
  }

  private Path objectOf(final String file) throws Exception {
    final Launcher.Started mount = mount();
    final byte[] hash = (byte[]) Files.getAttribute(point.resolve(file), "user:slabmount.hash");
    end(mount);
    return store.resolve("Data").resolve(new String(hash, StandardCharsets.US_ASCII) + ".xxh128");
  }

  private Launcher.Result sh(final String script, final Launcher.Started mount) throws Exception {
    final ProcessBuilder builder = new ProcessBuilder("sh", "-c", script);
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("POINT", point.toString());
    builder.environment().put("TMPDIR", temp.toString());
    if (mount != null) {
      builder.environment().put("PID", Long.toString(mount.process().pid()));
    }
    final Path err = Files.createTempFile(temp, "sh", "");
    final Process process = builder.redirectError(err.toFile()).start();
    final String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Launcher.Result(process.waitFor(), out, Files.readString(err));
  }
}
