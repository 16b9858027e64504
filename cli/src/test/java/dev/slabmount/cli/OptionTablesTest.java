package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The tables of docs/CLI.md have a row for each option of each command, and no other rows. */
class OptionTablesTest {
  /** What every command has; the document says it once, for all. */
  private static final Set<String> COMMON = Set.of("--debug", "--help", "-h", "--version", "-V");

  private static final Pattern SECTION = Pattern.compile("(?ms)^## (\\w+)$(.*?)(?=^## |\\z)");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`-.*?`) \\|");
  private static final Pattern NAME = Pattern.compile("(?<![\\w-])(--?[a-z][a-z0-9-]*)");

  @Test
  void shouldBeTheOptionsOfTheCommands() throws IOException {
    final Map<String, String> sections =
        SECTION
            .matcher(Files.readString(Path.of("../docs/CLI.md")))
            .results()
            .collect(Collectors.toMap(section -> section.group(1), section -> section.group(2)));
    final Map<String, CommandLine> commands = Slabmount.commandLine().getSubcommands();
    assertTrue(commands.size() >= 9, commands.toString());
    commands.forEach((name, command) -> {
      final String section = sections.getOrDefault(name, "");
      final Set<String> documented = new TreeSet<>();
      final Matcher rows = ROW.matcher(section);
      while (rows.find()) {
        NAME.matcher(rows.group(1)).results().forEach(option -> documented.add(option.group(1)));
      }
      final Set<String> options = new TreeSet<>();
      for (final OptionSpec option : command.getCommandSpec().options()) {
        Arrays.stream(option.names()).filter(each -> !COMMON.contains(each)).forEach(options::add);
      }
      if (documented.isEmpty()) { // A command of few options says them in a sentence.
        options.removeIf(option ->
            section.contains("slabmount " + name) && section.contains("[" + option + "]"));
      }
      assertEquals(options, documented, "options of " + name);
    });
  }
}
