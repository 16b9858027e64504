package dev.slabmount.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.slabmount.cli.control.Registry;
import dev.slabmount.cli.control.RuntimeFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the mounts of this user, and cleans up after those that were killed. */
@Command(
    name = "list",
    description = {
      "Lists the mounts of this user: who serves them, since when, and whether they answer.",
      "A stale one was left by a killed process; 'slabmount unmount' takes it away."
    })
final class ListCommand implements Callable<Integer> {
  private static final List<String> HEADINGS =
      List.of("STATE", "PROCESS", "SINCE", "MOUNTPOINT", "MANIFEST", "STORE");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "Print one JSON object, for programs.")
  private boolean json;

  @Override
  public Integer call() {
    final List<Registry.Found> mounts = new Registry(RuntimeFolder.choices()).find();
    final PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(toJson(mounts));
    } else if (!mounts.isEmpty()) {
      out.print(toText(mounts));
    }
    out.flush();
    return ExitCode.OK.code();
  }

  /** A table with a line of headings. */
  static String toText(final List<Registry.Found> mounts) {
    final List<List<String>> rows = new ArrayList<>(List.of(HEADINGS));
    for (final Registry.Found each : mounts) {
      rows.add(
          List.of(
              stateOf(each),
              Long.toString(each.mount().pid()),
              each.mount().since().toString().replaceFirst("\\.\\d+Z", "Z"),
              FailureReport.oneLine(each.mount().mountpoint().toString()),
              FailureReport.oneLine(each.mount().manifest().toString()),
              FailureReport.oneLine(each.mount().store().toString())));
    }
    final StringBuilder text = new StringBuilder();
    for (final List<String> row : rows) {
      for (int column = 0; column < row.size() - 1; column++) {
        final int at = column;
        final int width = rows.stream().mapToInt(each -> each.get(at).length()).max().orElse(0);
        text.append(row.get(column)).repeat(' ', width - row.get(column).length() + 2);
      }
      text.append(row.getLast()).append('\n');
    }
    return text.toString();
  }

  /** One line; {@code docs/CLI.md} lists the fields. */
  static String toJson(final List<Registry.Found> mounts) {
    final StringWriter text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      generator.writeStartObject();
      generator.writeArrayFieldStart("mounts");
      for (final Registry.Found each : mounts) {
        generator.writeStartObject();
        each.mount().writeFields(generator);
        generator.writeStringField("state", stateOf(each));
        generator.writeEndObject();
      }
      generator.writeEndArray();
      generator.writeEndObject();
    } catch (final IOException e) {
      throw new AssertionError("a string takes everything", e);
    }
    return text.toString();
  }

  private static String stateOf(final Registry.Found mount) {
    return mount.state().name().toLowerCase(Locale.ROOT);
  }
}
