package dev.slabmount.cli;

import dev.slabmount.vfs.content.ContentStore;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.scrub.ScrubCancelledException;
import dev.slabmount.vfs.scrub.ScrubProgress;
import dev.slabmount.vfs.scrub.ScrubReport;
import dev.slabmount.vfs.scrub.Scrubber;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks whether a store has everything that a manifest needs, whole. */
@Command(
    name = "verify",
    description = {
      "Reads every object that a manifest names and compares it with its hash.",
      "Changes nothing; says what is wrong, which files need it, and how to repair it."
    })
final class VerifyCommand implements Callable<Integer> {

  /** A thread that is told to end does so after its piece of 256 KiB. */
  private static final Duration CANCEL_PATIENCE = Duration.ofSeconds(10);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MANIFEST", description = "What 'snapshot' wrote.")
  private Path manifest = Path.of("");

  @Option(
      names = "--store",
      required = true,
      paramLabel = "STORE",
      description = "The content store's folder.")
  private Path store = Path.of("");

  @Option(
      names = "--jobs",
      paramLabel = "N",
      converter = WholeNumber.Threads.class,
      description = "How many objects are read at once, 1 to 1024; one for each CPU by default.")
  private int jobs = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--quick",
      description = "Read nothing: only look whether objects are there and how long they are.")
  private boolean quick;

  @Option(names = "--json", description = "Print one JSON object, for programs.")
  private boolean json;

  @Override
  public Integer call() throws CommandFailure {
    final Manifest tree = readManifest();
    try (ContentStore opened = LocalContentStore.open(store)) {
      final ScrubReport report = scrub(tree, opened);
      print(new VerifySummary(manifest, store, !quick, report));
      if (!report.defects().isEmpty()) {
        throw new CommandFailure(
            ExitCode.DAMAGED,
            "%d of %d objects that %s needs are not whole in %s; the report on stdout names them"
                .formatted(report.defects().size(), report.objects(), manifest, store));
      }
    } catch (final ContentStoreException e) {
      throw new CommandFailure(ExitCode.INPUT, String.valueOf(e.getMessage()), e);
    }
    return ExitCode.OK.code();
  }

  private Manifest readManifest() throws CommandFailure {
    return ManifestFile.read(manifest, MountSession.HEAP_FACTOR, ManifestReader::read);
  }

  private ScrubReport scrub(final Manifest tree, final ContentStore opened) throws CommandFailure {
    final ScrubProgress progress = new ScrubProgress();
    final Scrubber scrubber = new Scrubber(tree, opened, jobs, !quick, progress);
    final Thread onSignal = ExitGate.onSignal(() -> cancel(scrubber));
    try (ProgressBar _ = ProgressBar.onTerminal(seconds -> line(progress, seconds))) {
      return scrubber.run();
    } catch (final ScrubCancelledException e) {
      throw new CommandFailure(ExitCode.ABORTED, String.valueOf(e.getMessage()), e);
    } finally {
      ExitGate.remove(onSignal);
    }
  }

  /** What the progress bar shows. */
  static String line(final ScrubProgress progress, final double seconds) {
    final long objects = progress.objectsTotal();
    return ProgressBar.bar(
            progress.objectsDone(),
            objects,
            "objects",
            progress.bytesDone(),
            progress.bytesTotal(),
            seconds)
        + (progress.defects() == 0 ? "" : ", " + progress.defects() + " bad");
  }

  private static void cancel(final Scrubber scrubber) {
    try {
      scrubber.cancel(CANCEL_PATIENCE);
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void print(final VerifySummary summary) throws CommandFailure {
    final PrintWriter out = spec.commandLine().getOut();
    try {
      if (json) {
        summary.writeJson(out);
      } else {
        summary.writeText(out);
      }
    } catch (final IOException e) {
      throw new CommandFailure(
          ExitCode.OUTPUT, "cannot write the report: " + FailureReport.reason(e), e);
    }
    out.flush();
  }
}
