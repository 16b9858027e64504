package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ExitCodeTest {
  private static final Path TABLE = Path.of("../docs/CLI.md");
  private static final Path LAUNCHER = Path.of("src/main/dist/bin/slabmount");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| (\\d+) \\| `(\\w+)` \\| .{10,} \\|$");

  @Test
  void shouldBeTheTableOfTheDocumentation() throws IOException {
    final Map<String, Integer> documented = new LinkedHashMap<>();
    final Matcher rows = ROW.matcher(Files.readString(TABLE));
    while (rows.find()) {
      documented.put(rows.group(2), Integer.valueOf(rows.group(1)));
    }
    final Map<String, Integer> defined = new LinkedHashMap<>();
    for (final ExitCode exitCode : ExitCode.values()) {
      defined.put(exitCode.name(), exitCode.code());
    }
    assertEquals(defined, documented);
  }

  @Test
  void shouldBeWhatTheLauncherReturns() throws IOException {
    final String line =
        "\nprerequisite=" + ExitCode.PREREQUISITE.code() + " # ExitCode.PREREQUISITE\n";
    assertTrue(Files.readString(LAUNCHER).contains(line), line.strip() + " is not in " + LAUNCHER);
  }

  @Test
  void shouldTellEveryEndApart() {
    final long distinct =
        Arrays.stream(ExitCode.values()).mapToInt(ExitCode::code).distinct().count();
    assertEquals(ExitCode.values().length, distinct);
  }
}
