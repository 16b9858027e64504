package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.manifest.WriteOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a snapshot is taken of, and where it goes.
 *
 * @param folder the tree; may be reached through symbolic links, but none inside it is followed
 * @param store folder of the content store; made if it is missing. Must not lie in the tree
 * @param manifest the file to write; replaced if it is there. Must not lie in the tree
 * @param jobs how many threads read files, at least 1
 * @param strict whether anything that is named because a manifest cannot say it is an error, found
 *     before the store is touched; what {@linkplain UnsayableKind#isOnlyCounted is only counted} is
 *     accepted
 * @param index where snapshots keep what they found in files, so that the next one of the same tree
 *     need not read them again; null to read every file and keep nothing
 * @param writeOptions the form in which the manifest is written; also decides whether long files
 *     are cut, and whether a tree with anything that the form {@linkplain
 *     UnsayableKind#isRefusedUnlessLossy cannot hold} is refused, before the store is touched
 */
public record SnapshotRequest(
    Path folder,
    Path store,
    Path manifest,
    int jobs,
    boolean strict,
    @Nullable Index index,
    WriteOptions writeOptions) {

  /**
   * The index of known files.
   *
   * @param folder of the indices of all trees, this user's own; made if it is missing
   * @param rehash whether to read every file all the same, and only keep what was found
   */
  public record Index(Path folder, boolean rehash) {}

  /** Checks the number of jobs. */
  public SnapshotRequest {
    if (jobs < 1) {
      throw new IllegalArgumentException("jobs: " + jobs + ", need at least 1");
    }
  }

  /** A request for a snapshot that reads every file, for a manifest of today's form. */
  public SnapshotRequest(
      final Path folder,
      final Path store,
      final Path manifest,
      final int jobs,
      final boolean strict) {
    this(folder, store, manifest, jobs, strict, null, WriteOptions.defaults());
  }

  /** The same with an index. */
  public SnapshotRequest withIndex(final Path indexFolder, final boolean rehash) {
    return new SnapshotRequest(
        folder, store, manifest, jobs, strict, new Index(indexFolder, rehash), writeOptions);
  }

  /** The same for a manifest of another form. */
  public SnapshotRequest withWriteOptions(final WriteOptions other) {
    return new SnapshotRequest(folder, store, manifest, jobs, strict, index, other);
  }
}
