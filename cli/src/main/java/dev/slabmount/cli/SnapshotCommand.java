package dev.slabmount.cli;

import dev.slabmount.vfs.manifest.ManifestForm;
import dev.slabmount.vfs.manifest.TextConvention;
import dev.slabmount.vfs.manifest.WriteOptions;
import dev.slabmount.vfs.snapshot.SnapshotException;
import dev.slabmount.vfs.snapshot.SnapshotProgress;
import dev.slabmount.vfs.snapshot.SnapshotReport;
import dev.slabmount.vfs.snapshot.SnapshotRequest;
import dev.slabmount.vfs.snapshot.Snapshotter;
import dev.slabmount.vfs.snapshot.Unsayable;
import dev.slabmount.vfs.snapshot.UnsayableException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a snapshot of a folder, shows how far it has come, and says what is in it. */
@Command(
    name = "snapshot",
    description = {
      "Stores the files of a folder and writes a manifest that can be mounted.",
      "Symbolic links are kept and never followed. What a manifest cannot say is counted and named;"
          + " times of folders and links are only counted."
    })
final class SnapshotCommand implements Callable<Integer> {

  /** Removing what is unfinished takes milliseconds; but a disk may be slow to answer. */
  private static final Duration CLEAN_UP_PATIENCE = Duration.ofSeconds(30);

  private static final String CURRENT_FORM = "2025-12";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "DIR", description = "The folder.")
  private Path folder = Path.of("");

  @Option(
      names = "--store",
      required = true,
      paramLabel = "STORE",
      description = "The content store's folder; made if it is missing.")
  private Path store = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "MANIFEST",
      description = "The manifest to write, last of all and all at once.")
  private Path manifest = Path.of("");

  @Option(
      names = "--jobs",
      paramLabel = "N",
      converter = WholeNumber.Threads.class,
      description = "How many files are read at once, 1 to 1024; one for each CPU by default.")
  private int jobs = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--strict",
      description =
          "Anything that is named is an error, and nothing is written;"
              + " what is only counted is accepted.")
  private boolean strict;

  @Option(
      names = "--left-out",
      paramLabel = "FILE",
      description = "Write the paths that the manifest lacks to FILE, each ended by a NUL.")
  private Path leftOut = Path.of("");

  @Option(
      names = "--rehash",
      description =
          "Read every file, also those that look as they did at the last snapshot of this folder.")
  private boolean rehash;

  @Option(
      names = "--form",
      paramLabel = "FORM",
      description = "Write a manifest of the form 2023-03-03 or 2025-12; 2025-12 by default.")
  private String form = CURRENT_FORM;

  @Option(names = "--utf8", description = "Write text as UTF-8 instead of escaped ASCII.")
  private boolean utf8;

  @Option(
      names = "--lossy",
      description = {
        "With --form 2023-03-03: leave out what that form has no words for;",
        "otherwise it is an error."
      })
  private boolean lossy;

  @Option(names = "--json", description = "Print one JSON object, for programs.")
  private boolean json;

  @Override
  public Integer call() throws CommandFailure {
    final PrintWriter out = spec.commandLine().getOut();
    try {
      final SnapshotReport report =
          take(
              new SnapshotRequest(folder, store, manifest, jobs, strict)
                  .withIndex(UserFolders.ofThisUser().cache().resolve("index"), rehash)
                  .withWriteOptions(writeOptions()));
      final SnapshotSummary summary = new SnapshotSummary(folder, store, manifest, report);
      out.print(json ? summary.toJson() : summary.toText());
      out.flush();
      writeLeftOut(report.unsayable());
    } catch (final UnsayableException e) {
      if (json) {
        out.print(SnapshotSummary.toJson(e.unsayable()));
        out.flush();
      }
      throw new CommandFailure(
          ExitCode.INPUT, e.getMessage() + "; leave out --strict to accept that", e);
    } catch (final SnapshotException e) {
      throw new CommandFailure(exitCode(e), String.valueOf(e.getMessage()), e);
    }
    return ExitCode.OK.code();
  }

  private WriteOptions writeOptions() {
    final ManifestForm written =
        switch (form) {
          case CURRENT_FORM -> ManifestForm.RELATIVE_SNAPSHOT;
          case "2023-03-03" -> ManifestForm.LEGACY_2023;
          default ->
              throw new ParameterException(
                  spec.commandLine(),
                  "Invalid value for option '--form': '"
                      + form
                      + "' is neither 2023-03-03 nor 2025-12");
        };
    if (lossy && written != ManifestForm.LEGACY_2023) {
      throw new ParameterException(
          spec.commandLine(), "Invalid option '--lossy': it goes with --form 2023-03-03 only");
    }
    return new WriteOptions(written, utf8 ? TextConvention.UTF8 : TextConvention.ASCII, lossy);
  }

  private static ExitCode exitCode(final SnapshotException failure) {
    return switch (failure.fault()) {
      case SOURCE -> ExitCode.INPUT;
      case DESTINATION -> ExitCode.OUTPUT;
      case CANCELLED -> ExitCode.ABORTED;
    };
  }

  private static SnapshotReport take(final SnapshotRequest request) throws SnapshotException {
    final SnapshotProgress progress = new SnapshotProgress();
    final Snapshotter snapshotter = new Snapshotter(request, progress);
    final Thread onSignal = ExitGate.onSignal(() -> cancel(snapshotter));
    try (ProgressBar _ = ProgressBar.onTerminal(progress)) {
      return snapshotter.run();
    } finally {
      ExitGate.remove(onSignal);
    }
  }

  private static void cancel(final Snapshotter snapshotter) {
    try {
      snapshotter.cancel(CLEAN_UP_PATIENCE);
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeLeftOut(final List<Unsayable> unsayable) throws CommandFailure {
    if (leftOut.toString().isEmpty()) {
      return;
    }
    try (OutputStream list = Files.newOutputStream(leftOut)) {
      for (final Unsayable each : unsayable) {
        if (each.kind().isLeftOut()) {
          list.write(each.path().bytes());
          list.write(0);
        }
      }
    } catch (final IOException e) {
      throw new CommandFailure(
          ExitCode.OUTPUT, "cannot write " + leftOut + ": " + FailureReport.reason(e), e);
    }
  }
}
