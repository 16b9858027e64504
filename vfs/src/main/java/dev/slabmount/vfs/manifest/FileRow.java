package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.content.ContentHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One row of the files and links of a document while it is read: which keys were there, and what
 * they said. Reused from row to row.
 */
final class FileRow {

  private final ManifestForm form;
  @Nullable String path;
  @Nullable String hash;
  @Nullable String target;

  /** Where the target stands within the row; two of them if it is said in both ways. */
  String targetField = "";

  int targets;
  final List<String> chunkHashes = new ArrayList<>();
  boolean chunked;
  boolean hasSize;
  long size;
  boolean hasMtime;
  long mtimeMicros;
  boolean runnable;
  boolean deleted;

  /** Whether an error was found in it, and not thrown. */
  boolean broken;

  FileRow(final ManifestForm form) {
    this.form = form;
  }

  void clear() {
    path = null;
    hash = null;
    target = null;
    targetField = "";
    targets = 0;
    chunkHashes.clear();
    chunked = false;
    hasSize = false;
    size = 0;
    hasMtime = false;
    mtimeMicros = 0;
    runnable = false;
    deleted = false;
    broken = false;
  }

  /**
   * The entry that a live row describes.
   *
   * @param directories the rows of {@code dirs}, spelled out
   * @param row the number of this row, for errors
   * @param hashes makes a hash of a text; throws IllegalArgumentException if it is none
   * @throws ManifestException if keys are missing or contradict each other, or a hash is none
   */
  ManifestEntry toEntry(
      final List<String> directories, final int row, final Function<String, ContentHash> hashes)
      throws ManifestException {
    final String full = fullPath(directories, row);
    if (deleted) {
      throw error(
          row,
          "/" + form.deletedKey(),
          "a snapshot lists what is there, so nothing in it is deleted");
    }
    requireOneKind(row);
    if (target != null) {
      return new SymlinkEntry(full, fullTarget(directories, row));
    }
    requireSizeAndTime(row);
    if (hash != null) {
      return new FileEntry(
          full, size, mtimeMicros, runnable, List.of(parse(hash, row, "/hash", hashes)));
    }
    requireChunkCount(row, full);
    final List<ContentHash> chunks = new ArrayList<>(chunkHashes.size());
    for (final String chunk : chunkHashes) {
      chunks.add(parse(chunk, row, "/chunkhashes/" + chunks.size(), hashes));
    }
    return new FileEntry(full, size, mtimeMicros, runnable, chunks);
  }

  private ContentHash parse(
      final String text,
      final int row,
      final String field,
      final Function<String, ContentHash> hashes)
      throws ManifestException {
    try {
      return hashes.apply(text);
    } catch (final IllegalArgumentException _) {
      throw error(row, field, ManifestValidator.hashDefect(text));
    }
  }

  /** The path, spelled out. */
  String fullPath(final List<String> directories, final int row) throws ManifestException {
    if (path == null) {
      throw error(row, "", "a row of '" + form.filesKey() + "' needs '" + form.pathKey() + "'");
    }
    return spelledOut(path, directories, row, "/" + form.pathKey());
  }

  /** The target of a link, spelled out. */
  String fullTarget(final List<String> directories, final int row) throws ManifestException {
    final String full =
        spelledOut(Objects.requireNonNull(target, "a link"), directories, row, targetField);
    final String defect = SymlinkTarget.defect(full);
    if (defect != null) {
      throw error(row, targetField, "the target " + defect + ": " + ManifestException.quote(full));
    }
    return full;
  }

  /** Requires that a live row says what its content is, in one way. */
  void requireOneKind(final int row) throws ManifestException {
    final int kinds = (hash == null ? 0 : 1) + (chunked ? 1 : 0) + targets;
    if (kinds != 1) {
      throw error(
          row,
          "",
          form == ManifestForm.LEGACY_2023
              ? "a file needs 'hash'"
              : "needs exactly one of 'hash', 'chunkhashes' and 'symlink', has " + kinds);
    }
  }

  void requireSizeAndTime(final int row) throws ManifestException {
    if (!hasSize) {
      throw error(row, "", "a file needs 'size'");
    }
    if (!hasMtime) {
      throw error(row, "", "a file needs 'mtime'");
    }
  }

  void requireChunkCount(final int row, final String full) throws ManifestException {
    final ManifestValidator.Defect defect =
        ManifestValidator.chunkCountDefect(full, size, chunkHashes.size());
    if (defect != null) {
      throw new ManifestException(pointer(row) + defect.field(), defect.reason());
    }
  }

  /** Requires that a deleted row says nothing but its path. */
  void requireNothingElse(final int row) throws ManifestException {
    final String field = firstKeyBesidesPath();
    if (!field.isEmpty()) {
      throw error(
          row,
          "/" + field,
          "what is deleted has a path and nothing else, but this has '" + field + "'");
    }
  }

  private String firstKeyBesidesPath() {
    if (hash != null) {
      return "hash";
    }
    if (chunked) {
      return "chunkhashes";
    }
    if (target != null) {
      return targetField.equals("/symlink_target") ? "symlink_target" : "symlink";
    }
    if (runnable) {
      return "runnable";
    }
    if (hasSize) {
      return "size";
    }
    return hasMtime ? "mtime" : "";
  }

  private String spelledOut(
      final String text, final List<String> directories, final int row, final String field)
      throws ManifestException {
    if (!form.hasDirectories()) {
      return text;
    }
    try {
      return IndexedPath.decode(text, directories);
    } catch (final IllegalArgumentException e) {
      throw new ManifestException(pointer(row) + field, String.valueOf(e.getMessage()));
    }
  }

  /** An error in this row. */
  private ManifestException error(final int row, final String field, final String reason) {
    final String of = path == null ? "" : " (" + ManifestException.quote(path) + ")";
    return new ManifestException(pointer(row) + field, reason + of);
  }

  String pointer(final int row) {
    return "/" + form.filesKey() + "/" + row;
  }
}
