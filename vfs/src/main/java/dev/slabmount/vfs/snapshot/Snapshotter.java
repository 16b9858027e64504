package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.manifest.DirectoryEntry;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Losses;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestException;
import dev.slabmount.vfs.manifest.ManifestWriter;
import dev.slabmount.vfs.manifest.SymlinkEntry;
import dev.slabmount.vfs.snapshot.ScannedTree.Problem;
import dev.slabmount.vfs.snapshot.SnapshotException.Fault;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes one snapshot: reads a folder, stores its files' content and writes the manifest.
 *
 * <p>It goes in this order, and stops at the first step that fails:
 *
 * <ol>
 *   <li>look at every entry; if one cannot be looked at, if the form has no words for one and the
 *       request is not lossy, or if it is strict and something cannot be said, nothing is written
 *       at all;
 *   <li>read every file that an earlier snapshot does not vouch for, and store what the store
 *       lacks; a file that cannot be read, or that changes each time it is read, fails the snapshot
 *       once all others were read, so that all such files are known;
 *   <li>make the objects survive a loss of power;
 *   <li>write the manifest.
 * </ol>
 *
 * So a manifest exists only if everything that it names is in the store: written by this snapshot,
 * or found there under its name and with its length. What was found is not read, so a damaged
 * object of the right length goes unnoticed here; whoever reads it later notices. What a failed
 * snapshot stored stays there and is found by the next one; it is whole, and harmless.
 *
 * <p>An entry that vanishes meanwhile is left out and reported: the tree without it is as true a
 * state as the one with it.
 *
 * <p><b>Threads:</b> {@link #run} once, by one thread; {@link #cancel} by any.
 */
public final class Snapshotter {

  private final SnapshotRequest request;
  private final SnapshotProgress progress;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Instant began = Instant.now();
  private volatile boolean cancelled;

  /**
   * Prepares a snapshot.
   *
   * @param progress is told how far it has come
   */
  public Snapshotter(final SnapshotRequest request, final SnapshotProgress progress) {
    this.request = request;
    this.progress = progress;
  }

  /**
   * Takes it. Blocks until all is written or nothing more will be, and leaves no temporary files.
   *
   * @throws UnsayableException if it is strict and something is named that a manifest cannot say
   * @throws SnapshotException if it fails or is cancelled; no manifest was written
   */
  public SnapshotReport run() throws SnapshotException {
    try {
      final SnapshotPlaces places = SnapshotPlaces.of(request);
      final ScannedTree tree = scan(places);
      progress.startStoring(
          tree.files.size(), tree.files.stream().mapToLong(ScannedTree.ScannedFile::length).sum());
      final List<FileEntry> files = store(places, tree);
      progress.startPublishing();
      return publish(places, tree, files);
    } finally {
      ended.countDown();
    }
  }

  /**
   * Asks {@link #run} to stop, and waits until it has cleaned up, so that the process may end.
   *
   * @param patience how long to wait
   * @return whether it has ended
   */
  public boolean cancel(final Duration patience) throws InterruptedException {
    cancelled = true;
    return ended.await(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  private boolean isCancelled() {
    return cancelled;
  }

  private void requireNotCancelled() throws SnapshotException {
    if (cancelled) {
      throw new SnapshotException(Fault.CANCELLED, "cancelled; no manifest was written");
    }
  }

  private ScannedTree scan(final SnapshotPlaces places) throws SnapshotException {
    final ScannedTree tree;
    try {
      tree =
          TreeScanner.scan(
              places.folder(), request.writeOptions().form(), progress, this::isCancelled);
    } catch (final IOException e) {
      throw unreadable(e);
    }
    requireNotCancelled();
    requireNoProblems(tree.problems);
    if (!request.writeOptions().lossy()) {
      requireNothingToLeaveOut(tree);
    }
    if (request.strict() && !tree.unsayable.isEmpty()) {
      throw new UnsayableException(List.copyOf(tree.unsayable));
    }
    return tree;
  }

  private List<FileEntry> store(final SnapshotPlaces places, final ScannedTree tree)
      throws SnapshotException {
    try (LocalContentStore store = LocalContentStore.create(places.store());
        ObjectWriter writer = store.startWriting()) {
      final IndexPlace index = indexPlace(places);
      final KnownFiles known = new KnownFiles(earlierFiles(index), writer, began);
      final StoringRun run = new StoringRun(tree, writer, known, progress, this::isCancelled);
      final List<FileEntry> files = run.run(request.jobs());
      writer.sync();
      if (index != null) {
        index.save(cancelled ? known.foundAndKnown() : known.found());
      }
      requireNotCancelled();
      requireNoProblems(run.problems());
      tree.vanished.addAll(run.vanished());
      return files;
    } catch (final ContentStoreException e) {
      throw new SnapshotException(Fault.DESTINATION, String.valueOf(e.getMessage()), e);
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SnapshotException(Fault.CANCELLED, "interrupted; no manifest was written", e);
    }
  }

  private @Nullable IndexPlace indexPlace(final SnapshotPlaces places) throws SnapshotException {
    final SnapshotRequest.Index index = request.index();
    try {
      return index == null ? null : IndexPlace.of(index.folder(), places.folder(), cutting());
    } catch (final IOException e) {
      throw unreadable(e);
    }
  }

  private FileIndex earlierFiles(final @Nullable IndexPlace place) {
    final SnapshotRequest.Index index = request.index();
    return place == null || index == null || index.rehash()
        ? FileIndex.empty(cutting())
        : place.read();
  }

  private Cutting cutting() {
    return Cutting.of(request.writeOptions().form());
  }

  private SnapshotException unreadable(final IOException failure) {
    return new SnapshotException(
        Fault.SOURCE,
        "cannot read " + request.folder() + ": " + ContentStoreException.reasonOf(failure),
        failure);
  }

  private SnapshotReport publish(
      final SnapshotPlaces places, final ScannedTree tree, final List<FileEntry> files)
      throws SnapshotException {
    final Manifest manifest;
    try {
      final Manifest.Builder builder = new Manifest.Builder();
      for (final String directory : tree.directories) {
        builder.add(new DirectoryEntry(directory));
      }
      for (final FileEntry file : files) {
        builder.add(file);
      }
      for (final Map.Entry<String, String> link : tree.linkTargets.entrySet()) {
        builder.add(new SymlinkEntry(link.getKey(), link.getValue()));
      }
      manifest = builder.build();
    } catch (final ManifestException e) {
      throw new SnapshotException(
          Fault.SOURCE, "a manifest cannot hold this tree: " + e.getMessage(), e);
    }
    try {
      // What the form has no words for was refused or named before anything was stored. A folder
      // all of whose files have vanished since goes with them, and they are named.
      ManifestWriter.write(manifest, places.manifest(), request.writeOptions().lossily());
    } catch (final ManifestException e) {
      throw new SnapshotException(
          Fault.SOURCE, "a manifest cannot hold this tree: " + e.getMessage(), e);
    } catch (final IOException e) {
      throw new SnapshotException(
          Fault.DESTINATION,
          "cannot write manifest %s: %s"
              .formatted(request.manifest(), ContentStoreException.reasonOf(e)),
          e);
    }
    return report(tree, files, manifest.totalSize());
  }

  private SnapshotReport report(
      final ScannedTree tree, final List<FileEntry> files, final long bytes) {
    Collections.sort(tree.vanished);
    return new SnapshotReport(
        files.size(),
        tree.directories.size(),
        tree.linkTargets.size(),
        bytes,
        progress.filesRead(),
        progress.bytesRead(),
        progress.objectsWritten(),
        progress.objectsPresent(),
        progress.bytesWritten(),
        List.copyOf(tree.vanished),
        List.copyOf(tree.unsayable),
        Collections.unmodifiableMap(tree.unsayableCounts));
  }

  private void requireNothingToLeaveOut(final ScannedTree tree) throws SnapshotException {
    final List<Unsayable> refused =
        tree.unsayable.stream().filter(each -> each.kind().isRefusedUnlessLossy()).toList();
    if (!refused.isEmpty()) {
      final Losses losses =
          new Losses(
              tree.unsayableCounts.getOrDefault(UnsayableKind.LINK, 0L),
              tree.unsayableCounts.getOrDefault(UnsayableKind.EMPTY_FOLDER, 0L),
              0,
              refused.getFirst().path().text(),
              "");
      throw new SnapshotException(
          Fault.SOURCE,
          "'%s' has no words for %s; nothing was stored; --lossy leaves that out"
              .formatted(request.writeOptions().form().text(), losses.describeEntries()));
    }
  }

  private static void requireNoProblems(final List<Problem> problems) throws SnapshotException {
    if (problems.isEmpty()) {
      return;
    }
    final List<Problem> sorted = new ArrayList<>(problems);
    Collections.sort(sorted);
    final Problem first = sorted.getFirst();
    final int others = sorted.size() - 1;
    throw new SnapshotException(
        Fault.SOURCE,
        "cannot read %s: %s%s; no manifest was written"
            .formatted(
                first.path(), first.reason(), others == 0 ? "" : " (and " + others + " others)"));
  }
}
