package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.content.ContentHash;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of {@code files} while it is read: which keys were there, and what they said. Reused from
 * row to row.
 */
final class FileRow {

  @Nullable String path;
  @Nullable ContentHash hash;
  @Nullable String target;
  final List<ContentHash> chunkHashes = new ArrayList<>();
  boolean chunked;
  boolean hasSize;
  long size;
  boolean hasMtime;
  long mtimeMicros;
  boolean runnable;
  boolean deleted;

  void clear() {
    path = null;
    hash = null;
    target = null;
    chunkHashes.clear();
    chunked = false;
    hasSize = false;
    size = 0;
    hasMtime = false;
    mtimeMicros = 0;
    runnable = false;
    deleted = false;
  }

  /**
   * The entry that the row describes.
   *
   * @param directories the rows of {@code dirs}, spelled out
   * @param row the number of this row, for errors
   * @throws ManifestException if keys are missing or contradict each other
   */
  ManifestEntry toEntry(final List<String> directories, final int row) throws ManifestException {
    if (path == null) {
      throw error(row, "", "a row of 'files' needs 'path'");
    }
    if (deleted) {
      throw error(row, "/deleted", "a snapshot lists what is there, so nothing in it is deleted");
    }
    final int kinds = (hash == null ? 0 : 1) + (chunked ? 1 : 0) + (target == null ? 0 : 1);
    if (kinds != 1) {
      throw error(
          row, "", "needs exactly one of 'hash', 'chunkhashes' and 'symlink', has " + kinds);
    }
    final String full = spelledOut(path, directories, row, "/path");
    if (target != null) {
      return new SymlinkEntry(full, spelledOut(target, directories, row, "/symlink/target"));
    }
    if (!hasSize) {
      throw error(row, "", "a file needs 'size'");
    }
    if (!hasMtime) {
      throw error(row, "", "a file needs 'mtime'");
    }
    if (hash != null) {
      return new FileEntry(full, size, mtimeMicros, runnable, List.of(hash));
    }
    final ManifestValidator.Defect defect =
        ManifestValidator.chunkCountDefect(full, size, chunkHashes.size());
    if (defect != null) {
      throw new ManifestException(pointer(row) + defect.field(), defect.reason());
    }
    return new FileEntry(full, size, mtimeMicros, runnable, chunkHashes);
  }

  private static String spelledOut(
      final String text, final List<String> directories, final int row, final String field)
      throws ManifestException {
    try {
      return IndexedPath.decode(text, directories);
    } catch (final IllegalArgumentException e) {
      throw new ManifestException(pointer(row) + field, String.valueOf(e.getMessage()));
    }
  }

  private ManifestException error(final int row, final String field, final String reason) {
    final String of = path == null ? "" : " (" + ManifestException.quote(path) + ")";
    return new ManifestException(pointer(row) + field, reason + of);
  }

  private static String pointer(final int row) {
    return "/files/" + row;
  }
}
