package dev.slabmount.vfs.snapshot;

import java.nio.file.Path;

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
 */
public record SnapshotRequest(Path folder, Path store, Path manifest, int jobs, boolean strict) {

  /** Checks the number of jobs. */
  public SnapshotRequest {
    if (jobs < 1) {
      throw new IllegalArgumentException("jobs: " + jobs + ", need at least 1");
    }
  }
}
