package dev.slabmount.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.slabmount.fuse.FuseLibrary;
import dev.slabmount.fuse.FuseSupport;
import dev.slabmount.fuse.MountException;
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

/** Says what this machine lacks for mounting, and the command that mends each lack. */
@Command(
    name = "doctor",
    description = "Says what this machine lacks for mounting, and how to mend it.")
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "Print one JSON object, for programs.")
  private boolean json;

  @Override
  public Integer call() throws CommandFailure {
    final MachineChecks checks = MachineChecks.ofThisMachine();
    final List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok("Java", Runtime.version() + ", " + System.getProperty("java.home")));
    findings.add(library(checks));
    findings.addAll(whatTheLibraryLacks());
    findings.addAll(checks.all());
    final long missing =
        findings.stream().filter(finding -> finding.status() == Finding.Status.MISSING).count();
    final PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(toJson(findings, missing == 0));
    } else {
      findings.forEach(finding -> out.println(line(finding)));
    }
    out.flush();
    if (missing > 0) {
      throw new CommandFailure(
          ExitCode.PREREQUISITE,
          "this machine cannot mount yet: "
              + missing
              + " needed "
              + (missing == 1 ? "thing is" : "things are")
              + " missing");
    }
    return ExitCode.OK.code();
  }

  /** Loads the library: that is what mounting would do. */
  private static Finding library(final MachineChecks checks) {
    try {
      return Finding.ok("libfuse3", FuseLibrary.describe());
    } catch (final MountException e) {
      final String named = System.getenv("SLABMOUNT_LIBFUSE3");
      final boolean isNamed = named != null && !named.isEmpty();
      return Finding.missing(
          "libfuse3",
          String.valueOf(e.getMessage()),
          isNamed ? "unset SLABMOUNT_LIBFUSE3" : checks.install());
    }
  }

  /** Nothing if there is no library: that is said already. */
  private static List<Finding> whatTheLibraryLacks() {
    try {
      return List.of(libraryFeatures(FuseSupport.lackingInLibfuse()));
    } catch (final MountException _) {
      return List.of();
    }
  }

  static Finding libraryFeatures(final List<String> lacking) {
    return lacking.isEmpty()
        ? Finding.ok("with libfuse", "everything can be had")
        : Finding.note(
            "with libfuse",
            "cannot be had with --transport libfuse: " + String.join(", ", lacking),
            "take --transport dev, the default, or a newer libfuse");
  }

  static String line(final Finding finding) {
    final String status = finding.status().name().toLowerCase(Locale.ROOT);
    final String remedy = finding.remedy().isEmpty() ? "" : "; mend: " + finding.remedy();
    return String.format(
        Locale.ROOT, "%-8s %-14s %s%s", status, finding.name(), finding.detail(), remedy);
  }

  static String toJson(final List<Finding> findings, final boolean ready) {
    final StringWriter text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      generator.writeStartObject();
      generator.writeBooleanField("ready", ready);
      generator.writeArrayFieldStart("checks");
      for (final Finding finding : findings) {
        generator.writeStartObject();
        generator.writeStringField("name", finding.name());
        generator.writeStringField("status", finding.status().name().toLowerCase(Locale.ROOT));
        generator.writeStringField("detail", finding.detail());
        generator.writeStringField("remedy", finding.remedy());
        generator.writeEndObject();
      }
      generator.writeEndArray();
      generator.writeEndObject();
    } catch (final IOException e) {
      throw new AssertionError("a string takes everything", e);
    }
    return text.toString();
  }
}
