package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slabmount.vfs.content.LocalContentStore;
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
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Everything that stands in the way of a mount: one clear line, the documented exit code, and
 * nothing left behind. Each case also as a daemon, which has to end the same way.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
class MountRefusalIT {
  private static final String VERSION =
      "{\"specificationVersion\":\"relative-manifest-snapshot-beta-2025-12\",";
  private static final String EMPTY_TREE =
      VERSION + "\"dirs\":[],\"files\":[],\"hashAlg\":\"xxh128\",\"totalSize\":0}";

  @TempDir private Path temp;
  private Launcher launcher;
  private Path manifest;
  private Path store;
  private Path point;
  private List<Path> before;

  @BeforeEach
  void makeWhatAMountNeeds() throws IOException {
    launcher = new Launcher(temp);
    manifest = Files.writeString(temp.resolve("tree.json"), EMPTY_TREE);
    store = temp.resolve("store");
    LocalContentStore.create(store).close();
    point = Files.createDirectory(temp.resolve("mnt"));
    before = files();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    launcher.assertNothingLeft();
    assertEquals(before, files());
  }

  @Test
  void shouldMissTheManifest() throws IOException {
    Files.delete(manifest);
    before = files();
    assertRefused(ExitCode.INPUT, "cannot read manifest " + manifest + ": it does not exist");
  }

  @Test
  void shouldNotTakeTheChatterOfAJvmForAMount() throws IOException {
    Files.writeString(manifest, "[]");
    launcher.with("SLABMOUNT_JAVA_OPTS", "-Xlog:gc*:stdout");
    run(List.of("--daemon", "--log-file", temp + "/log"))
        .assertFailed(ExitCode.INPUT, "cannot use manifest " + manifest);
  }

  @Test
  void shouldRefuseAFolderAsManifest() throws IOException {
    Files.delete(manifest);
    Files.createDirectory(manifest);
    assertRefused(ExitCode.INPUT, manifest + " is not a regular file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                     | : it is empty, not a JSON document",
        "not json               | 'not'",
        "{\"dirs\":[],          | manifest",
        "[]                     | manifest",
        VERSION + "\"dirs\":[{\"path\":\"../x\"}],\"files\":[]} | /dirs/0",
        VERSION + "\"dirs\":[],\"files\":[{\"path\":\"a\",\"size\":1,\"mtime\":1}]} | /files/0"
      })
  void shouldRefuseAMalformedManifest(final String text, final String said) throws IOException {
    Files.writeString(manifest, text);
    assertRefused(ExitCode.INPUT, "cannot use manifest " + manifest, said);
  }

  @Test
  void shouldMissTheStore() throws IOException {
    try (Stream<Path> inside = Files.walk(store)) {
      inside.sorted((a, b) -> b.compareTo(a)).forEach(file -> assertTrue(file.toFile().delete()));
    }
    before = files();
    assertRefused(ExitCode.INPUT, store.toString());
  }

  @Test
  void shouldMissTheMountpoint() throws IOException {
    Files.delete(point);
    before = files();
    assertRefused(ExitCode.MOUNTPOINT, "cannot mount on " + point + ": it does not exist");
  }

  @Test
  void shouldRefuseAFileAsMountpoint() throws IOException {
    Files.delete(point);
    Files.createFile(point);
    assertRefused(ExitCode.MOUNTPOINT, "cannot mount on " + point + ": it is not a directory");
  }

  @Test
  void shouldNotHideFiles() throws IOException {
    Files.createFile(point.resolve("precious"));
    before = files();
    assertRefused(ExitCode.MOUNTPOINT, "cannot mount on " + point + ": it is not empty");
  }

  @Test
  void shouldNotMountInTheStore() throws IOException {
    point = Files.createDirectory(store.resolve("mnt"));
    before = files();
    assertRefused(ExitCode.MOUNTPOINT, "lie in one another");
  }

  @Test
  void shouldNotMountOverTheStore() {
    point = temp;
    run(List.of()).assertFailed(ExitCode.MOUNTPOINT, "lie in one another");
  }

  @Test
  void shouldRefuseAMountpointThatMayNotBeLookedAt() throws IOException {
    final Path closed = Files.createDirectory(temp.resolve("closed"));
    point = Files.createDirectory(closed.resolve("mnt"));
    before = files();
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
    try {
      launcher.through("setpriv", "--bounding-set", "-all", "--inh-caps", "-all");
      assertRefused(ExitCode.MOUNTPOINT, "cannot mount on " + point + ": permission denied");
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void shouldRefuseAMountpointThatIsMounted() {
    assumeTrue(Namespace.isPossible(), "needs to make a mount namespace");
    launcher.through(Namespace.command("mount -t tmpfs none " + point + " && exec \"$@\""));
    assertRefused(ExitCode.MOUNTPOINT, "cannot mount on " + point + ": something is mounted there");
  }

  @Test
  void shouldMissTheDevice() {
    assumeTrue(Namespace.isPossible(), "needs to make a mount namespace");
    final String hide = "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && exec \"$@\"";
    launcher.through(Namespace.command(hide));
    assertRefused(ExitCode.PREREQUISITE, "/dev/fuse does not exist", "modprobe fuse");
  }

  @Test
  void shouldMissTheLibrary() {
    launcher.with("SLABMOUNT_LIBFUSE3", temp + "/none.so");
    assertRefused(ExitCode.PREREQUISITE, temp + "/none.so", "does not exist", "unset it");
  }

  @ParameterizedTest
  @CsvSource({
    "--pool-size=1x, 'size'",
    "--block-size=8G, 'at most 256 MiB, not 8 GiB'",
    "--threads=0, 1 to 1024",
    "--threads=100000, 1 to 1024",
    "--threads=many, 'many'",
    "--fetch-timeout=0, 'whole number of seconds from 1 to 86400'",
    "--fetch-timeout=86401, from 1 to 86400",
    "--fetch-timeout=1.5, '''1.5'' is not a whole number'",
    "--fetch-timeout=soon, 'soon'",
    "--transport=carrier-pigeon, only libfuse and dev",
    "--verify=maybe, 'maybe'",
    "--frobnicate, '--frobnicate'"
  })
  void shouldRefuseAnOption(final String option, final String said) {
    assertRefused(ExitCode.USAGE, List.of(option), said);
  }

  @ParameterizedTest
  @CsvSource({
    "--pool-size=512K, pool-size, 'it must hold at least one block of 1 MiB, not 512 KiB; raise it"
        + " or lower --block-size'",
    "--pool-size=1048575, pool-size, 'it must hold at least one block of 1 MiB, not 1048575 bytes;"
        + " raise it or lower --block-size'",
    "--pool-size=5T, pool-size, 'it must be at most 4 TiB, not 5 TiB'",
    "--block-size=1000, block-size, 'it must be a power of two from 4 KiB to 256 MiB, not 1000"
        + " bytes'"
  })
  void shouldRefuseASizeInOneSentence(final String option, final String name, final String why) {
    assertEquals(
        "slabmount: invalid value for option '--%s': %s; see 'slabmount mount --help'\n"
            .formatted(name, why),
        run(List.of(option)).err());
  }

  @Test
  void shouldRefuseAnEmptyMountOption() {
    assertRefused(ExitCode.USAGE, List.of("-o", "ro,,noatime"), "an option is empty");
  }

  @Test
  void shouldRefuseAMountThatCouldBeWrittenTo() {
    assertRefused(ExitCode.USAGE, List.of("-o", "noatime,rw"), "'rw'", "read-only");
  }

  @Test
  void shouldRefuseAMountOptionThatLibfuseDoesNotKnow() {
    assertRefused(ExitCode.USAGE, List.of("-o", "frobnicate=1"), "`-o frobnicate=1'");
  }

  @Test
  void shouldSayThatThePoolIsTooLargeForTheMachine() {
    launcher.through("sh", "-c", "ulimit -v 64000000 && exec \"$@\"", "sh"); // 61 GiB
    assertRefused(
        ExitCode.PREREQUISITE,
        List.of("--pool-size=1T"),
        "cannot make a pool of 1.0 TiB: ",
        "; lower --pool-size");
  }

  @Test
  void shouldRefuseALogFileWithoutADaemon() {
    run(List.of("--log-file", temp + "/log")).assertFailed(ExitCode.USAGE, "--daemon");
  }

  @Test
  void shouldRefuseALogUnderTheMountpoint() throws IOException {
    final Path link = Files.createSymbolicLink(temp.resolve("link"), point);
    before = files();
    for (final Path log : List.of(point.resolve("log"), link.resolve("a/log"), point)) {
      run(List.of("--daemon", "--log-file", log.toString()))
          .assertFailed(ExitCode.USAGE, "'--log-file': " + log + " lies under the mountpoint");
    }
  }

  @Test
  void shouldRefuseAMountpointWhoseNameIsNotUtf8() throws IOException {
    final String script =
        "mkdir \"$1/$(printf 'a\\377b')\" && exec slabmount mount \"$2\""
            + " \"$1/$(printf 'a\\377b')\" --store \"$3\"";
    final Launcher.Result result =
        new Launcher(temp)
            .program(Path.of("/bin/sh"))
            .with("PATH", Launcher.DISTRIBUTION + "/bin:" + System.getenv("PATH"))
            .run("-c", script, "sh", temp.toString(), manifest.toString(), store.toString());
    try {
      result.assertFailed(ExitCode.MOUNTPOINT, "its name is not UTF-8", "rename it");
    } finally {
      new Launcher(temp).program(Path.of("/bin/sh")).run("-c", "rmdir " + temp + "/a?b");
    }
  }

  @Test
  void shouldSayThatALogCannotBeWritten() {
    run(List.of("--daemon", "--log-file", manifest + "/log"))
        .assertFailed(ExitCode.OUTPUT, manifest + "/log");
    run(List.of("--daemon", "--log-file", store.toString()))
        .assertFailed(ExitCode.OUTPUT, store.toString(), "directory");
  }

  @Test
  void shouldLeaveNoFolderOfALogThatSaysNothingNew() {
    point = temp.resolve("missing");
    run(List.of("--daemon", "--log-file", temp + "/a/b/log"))
        .assertFailed(ExitCode.MOUNTPOINT, "does not exist");
    run(List.of("--daemon")).assertFailed(ExitCode.MOUNTPOINT, "does not exist");
  }

  @Test
  void shouldKeepALogThatWasThere() throws IOException {
    final Path log = Files.writeString(temp.resolve("kept"), "older\n");
    before = files();
    point = temp.resolve("missing");
    run(List.of("--daemon", "--log-file", log.toString()))
        .assertFailed(ExitCode.MOUNTPOINT, "does not exist");
    assertTrue(Files.readString(log).startsWith("older\nslabmount: cannot mount on "));
  }

  private void assertRefused(final ExitCode exitCode, final String... said) {
    assertRefused(exitCode, List.of(), said);
  }

  private void assertRefused(
      final ExitCode exitCode, final List<String> options, final String... said) {
    final Launcher.Result result = run(options);
    result.assertFailed(exitCode, said);
    assertTrue(result.err().split("(?i)invalid value", -1).length <= 2, result.err());
    final List<String> daemon =
        Stream.concat(options.stream(), Stream.of("--daemon", "--log-file", temp + "/log"))
            .toList();
    run(daemon).assertFailed(exitCode, said);
  }

  private Launcher.Result run(final List<String> options) {
    final List<String> fixed =
        List.of("mount", manifest.toString(), point.toString(), "--store", store.toString());
    return launcher.run(Stream.concat(fixed.stream(), options.stream()).toArray(String[]::new));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(temp)) {
      return all.sorted().toList();
    }
  }
}
