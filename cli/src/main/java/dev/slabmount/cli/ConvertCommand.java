package dev.slabmount.cli;

import dev.slabmount.vfs.manifest.Losses;
import dev.slabmount.vfs.manifest.ManifestDocument;
import dev.slabmount.vfs.manifest.ManifestException;
import dev.slabmount.vfs.manifest.ManifestForm;
import dev.slabmount.vfs.manifest.ManifestView;
import dev.slabmount.vfs.manifest.ManifestWriter;
import dev.slabmount.vfs.manifest.TextConvention;
import dev.slabmount.vfs.manifest.WriteOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a manifest in another form, or in the canonical spelling of its own. */
@Command(
    name = "convert",
    description = {
      "Writes a manifest in another form, or in the canonical spelling of its own.",
      "A tree stays a tree and changes stay changes; content is not looked at."
    })
final class ConvertCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MANIFEST", description = "The manifest, of any form.")
  private Path manifest = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The manifest to write, all at once.")
  private Path out = Path.of("");

  @Option(
      names = "--to",
      paramLabel = "FORM",
      description = {
        "2023-03-03, relative-snapshot (or 2025-12), relative-diff, absolute-snapshot",
        "or absolute-diff.",
        "Default: its own form; for the draft 2025-12-04-beta the one that replaced it."
      })
  private @Nullable String to;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = {
        "Where the tree lies on a machine, an absolute path: put before relative paths,",
        "or taken from absolute ones."
      })
  private @Nullable String root;

  @Option(names = "--utf8", description = "Write text as UTF-8 instead of escaped ASCII.")
  private boolean utf8;

  @Option(
      names = "--links-from-root",
      description = {
        "The targets of links are meant from the root of the tree:",
        "make them relative to the folders of their links, as readlink has to return them."
      })
  private boolean linksFromRoot;

  @Option(
      names = "--lossy",
      description = "Leave out links and empty folders if the form has none.")
  private boolean lossy;

  @Override
  public Integer call() throws CommandFailure {
    final TextConvention convention = utf8 ? TextConvention.UTF8 : TextConvention.ASCII;
    final ManifestForm wanted = wanted();
    final ManifestDocument source =
        ManifestFile.read(manifest, ShowCommand.HEAP_FACTOR, ManifestDocument::read);
    final ManifestForm target = wanted == null ? replacement(source.form()) : wanted;
    final Losses losses = write(convert(source, target), target, convention);
    final PrintWriter print = spec.commandLine().getOut();
    print.print("wrote " + FailureReport.oneLine(out.toString()) + ": " + target.text() + "\n");
    if (losses.hasEntries()) {
      print.print("left out: " + losses.describeEntries() + "\n");
    }
    if (losses.executeBits() > 0) {
      print.print("this form does not say: " + losses.describeExecuteBits() + "\n");
    }
    print.flush();
    return ExitCode.OK.code();
  }

  private @Nullable ManifestForm wanted() {
    final ManifestForm form =
        switch (to) {
          case null -> null;
          case "2023-03-03" -> ManifestForm.LEGACY_2023;
          case "relative-snapshot", "2025-12" -> ManifestForm.RELATIVE_SNAPSHOT;
          case "relative-diff" -> ManifestForm.RELATIVE_DIFF;
          case "absolute-snapshot" -> ManifestForm.ABSOLUTE_SNAPSHOT;
          case "absolute-diff" -> ManifestForm.ABSOLUTE_DIFF;
          default ->
              throw usage(
                  "Invalid value for option '--to': '" + to + "' is no form that is written");
        };
    if (lossy && form != ManifestForm.LEGACY_2023) {
      throw usage("Invalid option '--lossy': it goes with --to 2023-03-03 only");
    }
    return form;
  }

  /** The form of today for the one that a document has; its own if that is written. */
  private static ManifestForm replacement(final ManifestForm form) {
    if (form.isWritable()) {
      return form;
    }
    return form.isDiff() ? ManifestForm.RELATIVE_DIFF : ManifestForm.RELATIVE_SNAPSHOT;
  }

  private ManifestDocument convert(final ManifestDocument source, final ManifestForm target)
      throws CommandFailure {
    if (source.form().isDiff() != target.isDiff()) {
      throw new CommandFailure(
          ExitCode.INPUT,
          "cannot convert "
              + manifest
              + " to "
              + target.text()
              + ": it "
              + (source.form().isDiff()
                  ? "lists changes, and a tree is made of its parent too"
                  : "is a whole tree, and changes are made of two"));
    }
    final boolean moves = source.form().isAbsolute() != target.isAbsolute();
    if (moves != (root != null)) {
      throw usage(
          moves
              ? "Missing option '--root': " + manifest + " has other paths than " + target.text()
              : "Invalid option '--root': paths stay "
                  + (target.isAbsolute() ? "absolute" : "relative"));
    }
    try {
      source.requireSound();
      final ManifestDocument linked = linksFromRoot ? source.withLinksFromRoot() : source;
      final ManifestDocument moved = root == null ? linked : moved(linked.view(), root);
      return moved.as(target == ManifestForm.LEGACY_2023 ? ManifestForm.RELATIVE_SNAPSHOT : target);
    } catch (final ManifestException e) {
      throw new CommandFailure(
          ExitCode.INPUT, "cannot convert " + manifest + ": " + ManifestFile.why(e), e);
    }
  }

  private static ManifestDocument moved(final ManifestView view, final String root)
      throws ManifestException {
    final ManifestView moved =
        switch (view) {
          case ManifestView.Snapshot tree -> tree.under(root);
          case ManifestView.SnapshotDiff changes -> changes.under(root);
          case ManifestView.AbsoluteSnapshot files -> files.below(root);
          case ManifestView.AbsoluteSnapshotDiff changes -> changes.below(root);
        };
    return moved.document();
  }

  private Losses write(
      final ManifestDocument document, final ManifestForm target, final TextConvention convention)
      throws CommandFailure {
    try {
      if (target == ManifestForm.LEGACY_2023) {
        return ManifestWriter.write(
            document.toManifest(), out, new WriteOptions(target, convention, lossy));
      }
      ManifestWriter.write(document, out, convention);
      return Losses.NONE;
    } catch (final ManifestException e) {
      throw new CommandFailure(
          ExitCode.INPUT, "cannot convert " + manifest + ": " + ManifestFile.why(e), e);
    } catch (final IOException e) {
      throw new CommandFailure(ExitCode.OUTPUT, "cannot write " + out + ": " + whyUnwritable(e), e);
    }
  }

  private String whyUnwritable(final IOException e) {
    final Path folder = out.toAbsolutePath().getParent();
    return folder != null && Files.notExists(folder)
        ? "there is no folder " + folder
        : FailureReport.reason(e);
  }

  private ParameterException usage(final String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
