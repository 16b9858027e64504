package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bin/slabmount} itself: which Java it takes, from where it runs, what it grants. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
class LauncherIT {
  private static final String OLD_JAVA =
      "#!/bin/sh\necho 'openjdk version \"17.0.15\" 2025-04-15' >&2\n";

  @TempDir private Path temp;

  @Test
  void shouldPrintTheVersionOfTheBuild() {
    final Launcher.Result result = launcher().run("--version").assertOk();
    assertTrue(
        result.out().matches("slabmount \\d+\\.\\d+\\.\\d+\\S*\\nJava 2[5-9].*\\n"), result.out());
  }

  @Test
  void shouldRefuseAnOldJavaThatWasAskedFor() throws IOException {
    final Path old = oldJava();
    Files.writeString(old.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.15\"\n");
    launcher()
        .with("SLABMOUNT_JAVA", old.toString())
        .run("--version")
        .assertFailed(ExitCode.PREREQUISITE, old.toString(), "is Java 17", "25 or newer");
  }

  @Test
  void shouldAskAJavaThatHasNoReleaseFile() throws IOException {
    launcher()
        .with("SLABMOUNT_JAVA", oldJava().resolve("bin/java").toString())
        .run("--version")
        .assertFailed(ExitCode.PREREQUISITE, "is Java 17");
  }

  @Test
  void shouldRefuseSomethingThatIsNoJava() {
    launcher()
        .with("SLABMOUNT_JAVA", temp.toString())
        .run("--version")
        .assertFailed(ExitCode.PREREQUISITE, "is neither a Java home nor its bin/java");
  }

  @Test
  void shouldPassOverAnOldJavaForANewOneOnPath() throws IOException {
    final String path = System.getProperty("java.home") + "/bin:" + System.getenv("PATH");
    launcher()
        .with("JAVA_HOME", oldJava().toString())
        .with("PATH", path)
        .run("--version")
        .assertOk();
  }

  @Test
  void shouldSayWhereToGetAJavaWhenThereIsNone() throws IOException {
    final Path empty = Files.createDirectory(temp.resolve("empty"));
    final StringBuilder hide = new StringBuilder("set -e; ");
    for (final String folder : Set.of("/usr/lib/jvm", "/usr/lib64/jvm", "/usr/java", "/opt")) {
      if (Files.isDirectory(Path.of(folder))) {
        hide.append("mount --bind ").append(empty).append(' ').append(folder).append("; ");
      }
    }
    assumeTrue(Namespace.isPossible(), "needs to make a mount namespace");
    assumeTrue(
        Path.of(System.getProperty("java.home")).startsWith("/usr/lib/jvm"), "Java lies elsewhere");
    launcher()
        .with("JAVA_HOME", "")
        .through(Namespace.command(hide + "exec \"$@\""))
        .run("--version")
        .assertFailed(
            ExitCode.PREREQUISITE, "no Java of version 25 or newer", "https://adoptium.net");
  }

  @Test
  void shouldRunFromAnyFolderThroughALinkInAFolderWithBlanks() throws IOException {
    final Path home = temp.resolve("a b/sl ab");
    copy(Launcher.DISTRIBUTION, home);
    final Path link =
        Files.createSymbolicLink(temp.resolve("link"), Path.of("a b/sl ab/bin/slabmount"));
    final Path elsewhere = Files.createDirectory(temp.resolve("else where"));
    launcher().program(link).in(elsewhere).run("--version").assertOk();
  }

  @Test
  void shouldRefuseAFolderThatTheModulePathCannotName() throws IOException {
    final Path home = temp.resolve("a:b");
    copy(Launcher.DISTRIBUTION, home);
    launcher()
        .program(home.resolve("bin/slabmount"))
        .run("--version")
        .assertFailed(ExitCode.PREREQUISITE, "colon");
  }

  @Test
  void shouldReadNamesOutsideAsciiInTheCLocale() throws IOException {
    final Path named = Files.createDirectory(temp.resolve("\u00fc\u6f22"));
    launcher()
        .with("LC_ALL", "C")
        .run("unmount", named.toString())
        .assertFailed(ExitCode.MOUNTPOINT, named + ": no FUSE filesystem is mounted there");
  }

  @Test
  void shouldHandOptionsToTheJvm() {
    final Launcher.Result result =
        launcher().with("SLABMOUNT_JAVA_OPTS", "-Xmx80m -Xlog:gc+init:stdout").run("--version");
    assertTrue(result.out().contains("Heap Max Capacity: 80M"), result.out());
  }

  @ParameterizedTest
  @CsvSource({
    "-XX:Foo, Unrecognized VM option 'Foo'",
    "-Xmx, Invalid maximum heap size",
    "-Xmx99999g, Could not reserve enough space",
    "-XX:+UseZGC, Multiple garbage collectors",
    "-XX:MinHeapFreeRatio=50, MinHeapFreeRatio",
    "-Xlog:gc*:stdout -Xfoo, Unrecognized option: -Xfoo",
    "frobnicate, main class frobnicate",
    "*, main class *"
  })
  void shouldSayInOneLineWhatTheJvmDoesNotLike(final String options, final String said) {
    launcher()
        .with("SLABMOUNT_JAVA_OPTS", options)
        .run("--version")
        .assertFailed(
            ExitCode.USAGE, "SLABMOUNT_JAVA_OPTS='" + options + "' is refused by Java: ", said);
  }

  @Test
  void shouldNotStartAnAgentTwice() {
    final Launcher.Result result =
        launcher()
            .with("SLABMOUNT_JAVA_OPTS", "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n")
            .run("--version")
            .assertOk();
    assertEquals(
        1, result.out().lines().filter(line -> line.contains("dt_socket")).count(), result.out());
  }

  @Test
  void shouldLeaveMostMemoryToThePoolAndTheRestOfTheMachine() {
    final String options = "-XX:MaxRAM=512m -Xlog:gc+init:stdout";
    final Launcher.Result result = launcher().with("SLABMOUNT_JAVA_OPTS", options).run("--version");
    assertTrue(result.out().contains("Heap Max Capacity: 256M"), result.out());
  }

  @Test
  void shouldGrantNativeAccessToModulesByNameOnly() throws IOException {
    final String script = Files.readString(Launcher.DISTRIBUTION.resolve("bin/slabmount"));
    final Matcher granted = Pattern.compile("--enable-native-access=(\\S+)").matcher(script);
    assertTrue(granted.find(), script);
    final Set<String> modules = new TreeSet<>(Set.of(granted.group(1).split(",", -1)));
    assertFalse(granted.find(), "granted twice");
    assertEquals(
        Set.of("dev.slabmount.core", "dev.slabmount.fuse", "dev.slabmount.nativebindings"),
        modules);
    assertFalse(script.contains("ALL-UNNAMED"), script);
    assertTrue(script.contains("--illegal-native-access=deny"), script);
    assertTrue(script.contains("--sun-misc-unsafe-memory-access=deny"), script);
    for (final String flag : Set.of("--add-opens", "--add-exports", "--class-path", "-cp ")) {
      assertFalse(script.contains(flag), flag);
    }
  }

  @Test
  void shouldFindEveryModuleThatIsGrantedNativeAccess() {
    // The JVM warns of a name in --enable-native-access that is no module.
    launcher().run("--version").assertOk();
  }

  private Launcher launcher() {
    return new Launcher(temp);
  }

  /** A home whose java can only say that it is old. */
  private Path oldJava() throws IOException {
    final Path home = temp.resolve("jdk-17");
    final Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(java, OLD_JAVA);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }

  private static void copy(final Path from, final Path to) throws IOException {
    Files.createDirectories(to.getParent());
    try (Stream<Path> files = Files.walk(from)) {
      for (final Path file : files.toList()) {
        Files.copy(
            file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
