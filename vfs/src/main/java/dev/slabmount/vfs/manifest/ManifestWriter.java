package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.content.ContentHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes manifests in canonical form: the same tree, in the same form and {@link TextConvention},
 * always gives the same bytes, so the hash of the document names the tree. {@code docs/MANIFEST.md}
 * lists the rules.
 *
 * <p>Files are written all or nothing: the document goes to a temporary file in the same folder, is
 * synced to the disk and then renamed. After a failure or a crash the file is what it was before.
 *
 * <p>Stateless; any thread. Time and output grow with the number of entries.
 */
public final class ManifestWriter {

  private ManifestWriter() {}

  /**
   * Writes a tree to a file with the {@linkplain WriteOptions#defaults() default options}.
   *
   * @throws ManifestException if the text of a link cannot be said (see {@link
   *     SymlinkTarget#survives})
   * @throws IOException if the file cannot be written, or exists and is not a regular file
   */
  public static void write(final Manifest manifest, final Path file) throws IOException {
    write(manifest, file, WriteOptions.defaults());
  }

  /**
   * Writes a tree to a file.
   *
   * @return what was lost: execute bits, and if the options allow it links and directories
   * @throws ManifestException if the form has no words for something else
   * @throws IOException if the file cannot be written, or exists and is not a regular file
   */
  public static Losses write(final Manifest manifest, final Path file, final WriteOptions options)
      throws IOException {
    final Losses losses = lossesOf(manifest, options);
    AtomicFile.write(file, out -> encode(manifest, out, options));
    return losses;
  }

  /**
   * Writes a document to a file, in its own form and in canonical order; every parent of what is
   * there is listed.
   *
   * @throws ManifestException if it has defects, is of a form that is not written, or has a path or
   *     target that cannot be said
   * @throws IOException if the file cannot be written, or exists and is not a regular file
   */
  public static void write(
      final ManifestDocument document, final Path file, final TextConvention convention)
      throws IOException {
    requireWritable(document);
    AtomicFile.write(file, out -> encode(document, out, convention));
  }

  /** The tree as bytes, with the default options. */
  public static byte[] toBytes(final Manifest manifest) throws ManifestException {
    return toBytes(manifest, WriteOptions.defaults());
  }

  /** The tree as bytes; as {@link #write(Manifest, OutputStream, WriteOptions)}. */
  public static byte[] toBytes(final Manifest manifest, final WriteOptions options)
      throws ManifestException {
    return bytes(out -> write(manifest, out, options));
  }

  /** The document as bytes; as {@link #write(ManifestDocument, OutputStream, TextConvention)}. */
  public static byte[] toBytes(final ManifestDocument document, final TextConvention convention)
      throws ManifestException {
    return bytes(out -> write(document, out, convention));
  }

  private static byte[] bytes(final AtomicFile.Content content) throws ManifestException {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      content.writeTo(bytes);
    } catch (final ManifestException e) {
      throw e;
    } catch (final IOException e) {
      throw new AssertionError("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Writes a tree to a stream, which stays open. The stream is written in large pieces and need not
   * be buffered.
   *
   * @return what was lost: execute bits, and if the options allow it links and directories
   * @throws ManifestException if the form has no words for something else; pointers count rows of
   *     the document being written
   */
  public static Losses write(
      final Manifest manifest, final OutputStream out, final WriteOptions options)
      throws IOException {
    final Losses losses = lossesOf(manifest, options);
    encode(manifest, out, options);
    return losses;
  }

  /** Writes a document to a stream; as {@link #write(ManifestDocument, Path, TextConvention)}. */
  public static void write(
      final ManifestDocument document, final OutputStream out, final TextConvention convention)
      throws IOException {
    requireWritable(document);
    encode(document, out, convention);
  }

  private static Losses lossesOf(final Manifest manifest, final WriteOptions options)
      throws ManifestException {
    if (options.form() != ManifestForm.LEGACY_2023) {
      return Losses.NONE;
    }
    final Losses losses = new LegacyEncoder(manifest).losses();
    if (losses.hasEntries() && !options.lossy()) {
      throw new ManifestException(
          "",
          ManifestException.quote(options.form().text())
              + " has no words for "
              + losses.describeEntries()
              + "; --lossy leaves that out");
    }
    return losses;
  }

  private static void requireWritable(final ManifestDocument document) throws ManifestException {
    document.requireSound();
    if (!document.form().isWritable()) {
      throw new ManifestException(
          "", "the form " + ManifestException.quote(document.form().text()) + " is not written");
    }
  }

  private static void encode(
      final Manifest manifest, final OutputStream out, final WriteOptions options)
      throws IOException {
    if (options.form() == ManifestForm.LEGACY_2023) {
      new LegacyEncoder(manifest).write(out, options.convention());
      return;
    }
    final List<ManifestEntry> entries = manifest.entries();
    final int directoryCount = manifest.directoryCount();
    final CurrentEncoder encoder =
        new CurrentEncoder(
            out,
            options.convention(),
            entries.subList(0, directoryCount).stream().map(ManifestEntry::path).toList(),
            Set.of());
    for (int i = directoryCount; i < entries.size(); i++) {
      switch (entries.get(i)) {
        case FileEntry file -> encode(encoder, file);
        case SymlinkEntry link -> encoder.link(link.path(), link.target());
        case DirectoryEntry _ -> throw new AssertionError("directories come first");
      }
    }
    encoder.end(options.form(), "", manifest.totalSize());
  }

  private static void encode(final CurrentEncoder encoder, final FileEntry file)
      throws IOException {
    if (file.hashes().size() == 1) {
      encoder.file(
          file.path(),
          file.hashes().getFirst().toString(),
          file.mtimeMicros(),
          file.runnable(),
          file.size());
    } else {
      encoder.chunkedFile(
          file.path(),
          file.hashes().stream().map(ContentHash::toString).toList(),
          file.mtimeMicros(),
          file.runnable(),
          file.size());
    }
  }

  private static void encode(
      final ManifestDocument document, final OutputStream out, final TextConvention convention)
      throws IOException {
    if (document.form() == ManifestForm.LEGACY_2023) {
      new LegacyEncoder(document.toManifest()).write(out, convention);
      return;
    }
    final Set<String> deleted = new HashSet<>();
    final CurrentEncoder encoder =
        new CurrentEncoder(out, convention, listedDirectories(document, deleted), deleted);
    final List<ManifestRow> rows = new ArrayList<>(document.files());
    rows.sort(Comparator.comparing(ManifestRow::path));
    for (final ManifestRow row : rows) {
      switch (row.kind()) {
        case DELETED -> encoder.deleted(row.path());
        case LINK -> encoder.link(row.path(), row.target());
        case FILE ->
            encoder.file(
                row.path(), row.hashes().getFirst(), row.mtimeMicros(), row.runnable(), row.size());
        case CHUNKED_FILE ->
            encoder.chunkedFile(
                row.path(), row.hashes(), row.mtimeMicros(), row.runnable(), row.size());
        case UNHASHED_FILE -> throw new AssertionError("is a defect");
      }
    }
    final String parentHash = document.parentHash();
    encoder.end(document.form(), parentHash == null ? "" : parentHash, document.totalSize());
  }

  /**
   * The directories to list, in order: those that are listed, and the parents of all that is there.
   * Parents of what is deleted may be gone too, and are listed only if they were before.
   */
  private static List<String> listedDirectories(
      final ManifestDocument document, final Set<String> deleted) {
    final Set<String> parents = new HashSet<>();
    final Set<String> listed = new TreeSet<>(PathRules::compareUtf8);
    for (final DirectoryRow row : document.directories()) {
      listed.add(row.path());
      if (row.deleted()) {
        deleted.add(row.path());
      } else {
        DocumentRules.addParents(row.path(), parents);
      }
    }
    for (final ManifestRow row : document.files()) {
      if (row.kind() != ManifestRow.Kind.DELETED) {
        DocumentRules.addParents(row.path(), parents);
      }
    }
    listed.addAll(parents);
    return List.copyOf(listed);
  }
}
