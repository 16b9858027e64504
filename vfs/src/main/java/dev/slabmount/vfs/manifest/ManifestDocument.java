package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.content.ContentHash;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A manifest as data, of any form and in any state: to be looked at, checked and converted. Besides
 * what a {@link Manifest} has it keeps deleted entries, the parent's hash and absolute paths. It is
 * read leniently: what is wrong with it becomes one of its {@link #defects}, and hashes are opaque
 * names. Only text that is no JSON, no manifest at all or beyond all bounds cannot be read.
 *
 * <p>Rows are in the order of the document, so a row's place in a list is its number in pointers.
 *
 * <p>Immutable; any thread. Takes several hundred bytes of heap for each row: for mounting use
 * {@link ManifestReader}.
 */
public final class ManifestDocument {

  /**
   * Something wrong with a document, or worth to be said.
   *
   * @param pointer the place as a JSON pointer; empty for the document as a whole
   * @param message one line with the place and what is wrong there, as that of a {@link
   *     ManifestException}
   */
  public record Finding(String pointer, String message) {
    static Finding of(final ManifestException error) {
      return new Finding(error.pointer(), String.valueOf(error.getMessage()));
    }
  }

  private final ManifestForm form;
  private final List<DirectoryRow> directories;
  private final List<ManifestRow> files;
  private final @Nullable String parentHash;
  private final List<Finding> defects;
  private final List<Finding> notes;

  ManifestDocument(
      final ManifestForm form,
      final List<DirectoryRow> directories,
      final List<ManifestRow> files,
      final @Nullable String parentHash,
      final List<Finding> defects,
      final List<Finding> notes) {
    this.form = form;
    this.directories = List.copyOf(directories);
    this.files = List.copyOf(files);
    this.parentHash = parentHash;
    this.defects = List.copyOf(defects);
    this.notes = List.copyOf(notes);
  }

  /**
   * Reads a document from a file.
   *
   * @throws ManifestException if it is not JSON, of no form that is known, beyond the limits, or
   *     has more than {@link DocumentReader#DEFECTS_MAX} defects
   * @throws IOException if it cannot be read or is not a regular file
   */
  public static ManifestDocument read(final Path file) throws IOException {
    return new DocumentReader(ManifestJson.of(file)).read();
  }

  /** Reads a document from memory; as {@link #read(Path)}. */
  public static ManifestDocument read(final byte[] document) throws ManifestException {
    try {
      return new DocumentReader(ManifestJson.of(document)).read();
    } catch (final ManifestException e) {
      throw e;
    } catch (final IOException e) {
      throw new AssertionError("memory does not fail", e);
    }
  }

  /** What the document says that it is. */
  public ManifestForm form() {
    return form;
  }

  /** The directories that it lists; not those that are only parents of something. */
  public List<DirectoryRow> directories() {
    return directories;
  }

  /** The files and links. */
  public List<ManifestRow> files() {
    return files;
  }

  /** The hash of the document that the changes are against, or null. */
  public @Nullable String parentHash() {
    return parentHash;
  }

  /** The sum of the sizes of all files, in bytes, whatever the document says; at most 2^63-1. */
  public long totalSize() {
    long total = 0;
    for (final ManifestRow row : files) {
      if (row.isFile() && row.size() > 0) {
        total = total + row.size() < 0 ? Long.MAX_VALUE : total + row.size();
      }
    }
    return total;
  }

  /**
   * The rules that the document breaks, at least one for each row that breaks any; empty if it can
   * be used.
   */
  public List<Finding> defects() {
    return defects;
  }

  /** What is no defect but may be a surprise: links that lead out of the tree. */
  public List<Finding> notes() {
    return notes;
  }

  /**
   * The document under the type that its form gives it.
   *
   * @throws ManifestException if it has defects
   */
  public ManifestView view() throws ManifestException {
    requireSound();
    return ManifestView.of(this);
  }

  /**
   * The same rows under another form of the same type.
   *
   * @throws IllegalArgumentException if the other form has other paths, or is a diff and this is
   *     not, or the other way round
   */
  public ManifestDocument as(final ManifestForm other) {
    if (form.isAbsolute() != other.isAbsolute() || form.isDiff() != other.isDiff()) {
      throw new IllegalArgumentException(form + " is of another type than " + other);
    }
    return new ManifestDocument(other, directories, files, parentHash, defects, notes);
  }

  /**
   * The same document for a writer that meant the targets of its links from the root of the tree:
   * they are made relative to the folders of the links, as {@code readlink} has to return them.
   * Absolute targets stay.
   *
   * @throws ManifestException if a target becomes too long
   */
  public ManifestDocument withLinksFromRoot() throws ManifestException {
    final List<ManifestRow> linked = new ArrayList<>(files.size());
    for (final ManifestRow row : files) {
      final String target =
          row.kind() == ManifestRow.Kind.LINK
              ? SymlinkTarget.fromRoot(row.path(), row.target())
              : "";
      final String defect = target.isEmpty() ? null : SymlinkTarget.defect(target);
      if (defect != null) {
        throw new ManifestException(
            "/" + form.filesKey() + "/" + linked.size(),
            "the target " + defect + ": " + ManifestException.quote(target));
      }
      linked.add(target.isEmpty() ? row : row.withTarget(target));
    }
    return new ManifestDocument(
        form, directories, linked, parentHash, defects, LinksOut.find(form, linked));
  }

  /**
   * The tree, to be mounted.
   *
   * @throws ManifestException if it has defects, or is not a whole tree with relative paths
   */
  public Manifest toManifest() throws ManifestException {
    form.requireMountable();
    requireSound();
    final Manifest.Builder builder = new Manifest.Builder(form);
    for (final DirectoryRow row : directories) {
      builder.add(new DirectoryEntry(row.path()));
    }
    for (final ManifestRow row : files) {
      builder.add(
          row.kind() == ManifestRow.Kind.LINK
              ? new SymlinkEntry(row.path(), row.target())
              : new FileEntry(
                  row.path(),
                  row.size(),
                  row.mtimeMicros(),
                  row.runnable(),
                  row.hashes().stream().map(ContentHash::parse).toList()));
    }
    return builder.build();
  }

  /**
   * Requires that the document breaks no rule.
   *
   * @throws ManifestException if it does: the first of its defects, and how many more there are
   */
  public void requireSound() throws ManifestException {
    if (!defects.isEmpty()) {
      final Finding first = defects.getFirst();
      final int more = defects.size() - 1;
      throw new ManifestException(
          first, more == 0 ? "" : " (and " + more + " more; 'slabmount show' lists them)");
    }
  }
}
