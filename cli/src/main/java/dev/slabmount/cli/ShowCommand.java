package dev.slabmount.cli;

import dev.slabmount.vfs.manifest.ManifestDocument;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is in a manifest of any form, and what is wrong with it. */
@Command(
    name = "show",
    description = {
      "Says what is in a manifest of any form, and what is wrong with it.",
      "Needs no store and changes nothing."
    })
final class ShowCommand implements Callable<Integer> {

  /** Heap for each byte of text, when rows are kept as they are. */
  static final int HEAP_FACTOR = 6;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MANIFEST", description = "The manifest.")
  private Path manifest = Path.of("");

  @Option(
      names = {"-l", "--list"},
      description = "List all entries too.")
  private boolean list;

  @Option(names = "--json", description = "Print one JSON object, for programs.")
  private boolean json;

  @Option(
      names = "--strict",
      description = "Fail if the manifest breaks any rule, or has links that lead out of its tree.")
  private boolean strict;

  @Override
  public Integer call() throws CommandFailure {
    final ManifestSummary summary = ManifestFile.read(manifest, HEAP_FACTOR, ManifestSummary::of);
    if (json) {
      summary.writeJson(spec.commandLine().getOut(), list);
    } else {
      summary.writeText(spec.commandLine().getOut(), list);
    }
    spec.commandLine().getOut().flush();
    if (strict) {
      requireNothingFound(summary.document());
    }
    return ExitCode.OK.code();
  }

  private void requireNothingFound(final ManifestDocument document) throws CommandFailure {
    final int count = document.defects().size() + document.notes().size();
    if (count > 0) {
      final ManifestDocument.Finding first =
          document.defects().isEmpty()
              ? document.notes().getFirst()
              : document.defects().getFirst();
      throw new CommandFailure(
          ExitCode.INPUT,
          "manifest "
              + manifest
              + " is not strictly right: "
              + first.message()
              + (count == 1 ? "" : " (and " + (count - 1) + " more)"));
    }
  }
}
