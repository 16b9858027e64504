package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParseResult;

/** What a daemon is started with. */
class DaemonTest {
  private static final String MOUNT = "mount m.json mnt --store=s --daemon -o ro,noexec";

  @Test
  void shouldMakePathsAbsoluteAndKeepTheRest() {
    assertEquals(
        List.of(
            "mount",
            "--store=" + absolute("s"),
            "--daemon",
            "-o=ro",
            "-o=noexec",
            absolute("m.json"),
            absolute("mnt")),
        arguments(MOUNT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--debug " + MOUNT, MOUNT + " --debug"})
  void shouldKeepAnOptionOnEitherSideOfTheCommand(final String line) {
    final List<String> arguments = arguments(line);
    assertEquals(1, arguments.stream().filter("--debug"::equals).count(), arguments.toString());
    assertEquals(arguments(MOUNT).size() + 1, arguments.size(), arguments.toString());
  }

  @Test
  void shouldNameALogAfterAMountpointHoweverDeep() {
    assertEquals("mnt-a.log", nameOfLog(Path.of("/mnt/a")));
    final String deep = "/" + "\u6f22\ud83d\ude00/".repeat(300);
    final String name = nameOfLog(Path.of(deep + "a"));
    assertTrue(name.getBytes(StandardCharsets.UTF_8).length < 255, name);
    assertFalse(name.contains("?"), name);
    assertNotEquals(name, nameOfLog(Path.of("/other" + deep + "a")));
  }

  private static String nameOfLog(final Path mountpoint) {
    return Daemon.defaultLog(mountpoint).getFileName().toString();
  }

  private static List<String> arguments(final String line) {
    final ParseResult parsed = Slabmount.commandLine().parseArgs(line.split(" ", -1));
    return Daemon.arguments(parsed.subcommand());
  }

  private static String absolute(final String path) {
    return Path.of(path).toAbsolutePath().toString();
  }
}
