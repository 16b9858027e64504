package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.snapshot.SnapshotException.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Finds out where a snapshot really reads and writes, and refuses what would bite its own tail: a
 * store or manifest inside the tree would change the tree while it is read, and a tree inside the
 * store's objects would grow for ever.
 */
record SnapshotPlaces(Path folder, Path store, Path manifest) {

  /**
   * Resolves symbolic links in all three; store and manifest need not exist yet.
   *
   * @throws SnapshotException if one of them cannot be used
   */
  static SnapshotPlaces of(final SnapshotRequest request) throws SnapshotException {
    final Path folder = realFolder(request.folder());
    final Path store = realOrFuture(request.store());
    if (store.startsWith(folder)) {
      throw new SnapshotException(
          Fault.SOURCE,
          "the store %s lies inside the folder %s; use a store elsewhere"
              .formatted(request.store(), request.folder()));
    }
    if (folder.startsWith(store.resolve(LocalContentStore.DATA_FOLDER))) {
      throw new SnapshotException(
          Fault.SOURCE,
          "the folder %s lies among the objects of the store %s; use a store elsewhere"
              .formatted(request.folder(), request.store()));
    }
    return new SnapshotPlaces(folder, store, manifest(request, folder));
  }

  private static Path realFolder(final Path folder) throws SnapshotException {
    final Path real;
    try {
      real = folder.toRealPath();
    } catch (final IOException e) {
      throw new SnapshotException(
          Fault.SOURCE,
          "cannot take a snapshot of " + folder + ": " + ContentStoreException.reasonOf(e),
          e);
    }
    if (!Files.isDirectory(real)) {
      throw new SnapshotException(
          Fault.SOURCE, "cannot take a snapshot of " + folder + ": it is not a folder");
    }
    return real;
  }

  private static Path manifest(final SnapshotRequest request, final Path folder)
      throws SnapshotException {
    final Path manifest = request.manifest();
    final Path absolute = manifest.toAbsolutePath().normalize();
    final Path parent = absolute.getParent();
    final Path name = absolute.getFileName();
    if (parent == null || name == null || !Files.isDirectory(parent)) {
      throw unwritable(manifest, "there is no folder " + parent);
    }
    if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(absolute, LinkOption.NOFOLLOW_LINKS)) {
      throw unwritable(manifest, "something is there that is not a plain file");
    }
    final Path real = realOrFuture(parent).resolve(name);
    if (real.startsWith(folder)) {
      throw new SnapshotException(
          Fault.SOURCE,
          "the manifest %s would lie inside the folder %s; write it elsewhere"
              .formatted(manifest, request.folder()));
    }
    return real;
  }

  private static SnapshotException unwritable(final Path manifest, final String reason) {
    return new SnapshotException(
        Fault.DESTINATION, "cannot write manifest " + manifest + ": " + reason);
  }

  /** Where a path leads, through the links of that part of it that exists. */
  private static Path realOrFuture(final Path path) {
    final Path absolute = path.toAbsolutePath().normalize();
    for (Path present = absolute; present != null; present = present.getParent()) {
      try {
        return present.toRealPath().resolve(present.relativize(absolute));
      } catch (final IOException e) {
        // Not there, or not to be entered: whoever makes it says so. Try the folder above.
      }
    }
    return absolute;
  }
}
