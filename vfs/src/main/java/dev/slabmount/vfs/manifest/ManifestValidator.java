package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.content.ContentHash;
import org.jspecify.annotations.Nullable;

/**
 * The rules that one entry must keep, whatever the other entries are. What entries must keep among
 * each other (no path twice, no file that is also a directory) is seen by {@link Manifest.Builder},
 * which has them all.
 *
 * <p>Methods return null when all is well, so that the good case builds no text.
 */
final class ManifestValidator {

  /**
   * A broken rule.
   *
   * @param field where, as a JSON pointer relative to the entry
   * @param reason what is wrong
   */
  record Defect(String field, String reason) {}

  private ManifestValidator() {}

  /** The rules for an entry of a tree. */
  static @Nullable Defect defectOf(final ManifestEntry entry) {
    final Defect pathDefect = pathDefect(entry.path(), false);
    return pathDefect == null ? contentDefect(entry) : pathDefect;
  }

  /** The rules for a path, below the root of a tree or of a machine. */
  static @Nullable Defect pathDefect(final String path, final boolean absolute) {
    final String defect = absolute ? PathRules.absoluteDefect(path) : PathRules.defect(path);
    return defect == null ? null : new Defect("/path", "the path " + defect + ": " + quote(path));
  }

  /** The rules for everything but the path. */
  static @Nullable Defect contentDefect(final ManifestEntry entry) {
    return switch (entry) {
      case DirectoryEntry _ -> null;
      case SymlinkEntry link -> targetDefect(link);
      case FileEntry file -> fileDefect(file);
    };
  }

  private static @Nullable Defect targetDefect(final SymlinkEntry link) {
    final String defect = SymlinkTarget.defect(link.target());
    return defect == null
        ? null
        : new Defect(
            "/symlink/target",
            "the target " + defect + ": " + quote(link.target()) + of(link.path()));
  }

  private static @Nullable Defect fileDefect(final FileEntry file) {
    if (file.size() < 0) {
      return new Defect("/size", "negative size " + file.size() + of(file.path()));
    }
    if (file.hashes().size() != 1) {
      return chunkDefect(file);
    }
    final boolean emptyHash = file.hashes().getFirst().equals(ContentHash.EMPTY);
    if (file.size() == 0 && !emptyHash) {
      return new Defect(
          "/hash",
          "size 0, but the hash "
              + file.hashes().getFirst()
              + " is not that of empty content ("
              + ContentHash.EMPTY
              + ")"
              + of(file.path()));
    }
    if (file.size() != 0 && emptyHash) {
      return new Defect(
          "/hash",
          "size " + file.size() + ", but the hash is that of empty content" + of(file.path()));
    }
    return null;
  }

  private static @Nullable Defect chunkDefect(final FileEntry file) {
    final Defect countDefect = chunkCountDefect(file.path(), file.size(), file.hashes().size());
    if (countDefect != null) {
      return countDefect;
    }
    final int empty = file.hashes().indexOf(ContentHash.EMPTY);
    return empty < 0
        ? null
        : new Defect(
            "/chunkhashes/" + empty,
            "a chunk is never empty, but this is the hash of empty content");
  }

  /** Checks the number of rows of {@code chunkhashes}. */
  static @Nullable Defect chunkCountDefect(final String path, final long size, final int count) {
    if (size <= Manifest.CHUNK_BYTES) {
      return new Defect(
          "/chunkhashes",
          "a file of "
              + size
              + " bytes has one hash, not a list; only files longer than "
              + Manifest.CHUNK_BYTES
              + " bytes are cut into chunks"
              + of(path));
    }
    final long expected = Manifest.chunkCount(size);
    return expected == count
        ? null
        : new Defect(
            "/chunkhashes",
            "size " + size + " needs " + expected + " chunk hashes, found " + count + of(path));
  }

  /** What is wrong with a text that is no hash of the one kind there is. */
  static String hashDefect(final String text) {
    return "must be " + ContentHash.TEXT_LENGTH + " lower-case hex digits, found " + quote(text);
  }

  private static String of(final String path) {
    return " (file " + quote(path) + ")";
  }

  private static String quote(final String text) {
    return ManifestException.quote(text);
  }
}
