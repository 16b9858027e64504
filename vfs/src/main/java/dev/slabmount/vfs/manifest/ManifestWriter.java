package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.content.ContentHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes manifests in canonical form: the same tree always gives the same bytes, so the hash of the
 * document names the tree. {@code docs/MANIFEST.md} lists the rules.
 *
 * <p>Stateless; any thread. Time and output grow linearly with the number of entries.
 */
public final class ManifestWriter {

  private ManifestWriter() {}

  /**
   * Writes a manifest to a file, all or nothing: the document goes to a temporary file in the same
   * folder, is synced to the disk and then renamed over {@code file}. After a failure or a crash
   * {@code file} is what it was before; after a failure the temporary file is gone too.
   *
   * @throws ManifestException if the text of a link cannot be said (see {@link
   *     SymlinkTarget#survives})
   * @throws IOException if the file cannot be written, or exists and is not a regular file
   */
  public static void write(final Manifest manifest, final Path file) throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file)) {
      throw new IOException(file + " exists and is not a regular file; not replaced");
    }
    final Path target = file.toAbsolutePath();
    final Path folder = target.getParent();
    if (folder == null) {
      throw new IOException(file + " is not the name of a file");
    }
    final Path temporary = folder.resolve(".slabmount-" + UUID.randomUUID() + ".tmp");
    try {
      writeAndSync(manifest, temporary);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void writeAndSync(final Manifest manifest, final Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      write(manifest, Channels.newOutputStream(channel));
      channel.force(true);
    }
  }

  /** The document as bytes; as {@link #write(Manifest, OutputStream)}. */
  public static byte[] toBytes(final Manifest manifest) throws ManifestException {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(manifest, bytes);
    } catch (final ManifestException e) {
      throw e;
    } catch (final IOException e) {
      throw new AssertionError("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Writes a manifest to a stream, which stays open. The stream is written in large pieces and need
   * not be buffered.
   *
   * @throws ManifestException if the text of a link cannot be said; the pointer counts rows of the
   *     document being written
   */
  public static void write(final Manifest manifest, final OutputStream out) throws IOException {
    final List<ManifestEntry> entries = manifest.entries();
    final int directoryCount = manifest.directoryCount();
    final Map<String, Integer> rows = HashMap.newHashMap(directoryCount);
    for (int row = 0; row < directoryCount; row++) {
      rows.put(entries.get(row).path(), row);
    }
    final CanonicalJson json = new CanonicalJson(out);
    json.raw("{\"dirs\":[");
    for (int row = 0; row < directoryCount; row++) {
      json.raw(row == 0 ? "{\"path\":" : ",{\"path\":");
      json.string(encode(entries.get(row).path(), rows)).raw("}");
    }
    json.raw("],\"files\":[");
    for (int i = directoryCount; i < entries.size(); i++) {
      json.raw(i == directoryCount ? "{" : ",{");
      switch (entries.get(i)) {
        case FileEntry file -> writeFile(json, file, rows);
        case SymlinkEntry link -> writeLink(json, link, rows, i - directoryCount);
        case DirectoryEntry _ -> throw new AssertionError("directories come first");
      }
    }
    json.raw("],\"hashAlg\":").string(FormatVersion.HASH_ALGORITHM);
    json.raw(",\"specificationVersion\":").string(FormatVersion.RELATIVE_SNAPSHOT);
    json.raw(",\"totalSize\":").number(manifest.totalSize()).raw("}");
    json.flush();
  }

  private static void writeFile(
      final CanonicalJson json, final FileEntry file, final Map<String, Integer> rows)
      throws IOException {
    if (file.hashes().size() == 1) {
      json.raw("\"hash\":").string(file.hashes().getFirst().toString());
    } else {
      json.raw("\"chunkhashes\":");
      String separator = "[";
      for (final ContentHash hash : file.hashes()) {
        json.raw(separator).string(hash.toString());
        separator = ",";
      }
      json.raw("]");
    }
    json.raw(",\"mtime\":").number(file.mtimeMicros());
    json.raw(",\"path\":").string(encode(file.path(), rows));
    json.raw(file.runnable() ? ",\"runnable\":true" : "");
    json.raw(",\"size\":").number(file.size()).raw("}");
  }

  private static void writeLink(
      final CanonicalJson json,
      final SymlinkEntry link,
      final Map<String, Integer> rows,
      final int row)
      throws IOException {
    if (!SymlinkTarget.survives(link.target(), rows::containsKey)) {
      throw new ManifestException(
          "/files/" + row + "/symlink/target",
          "the target "
              + ManifestException.quote(link.target())
              + " of the link "
              + ManifestException.quote(link.path())
              + " would be read back as a reference to a row of 'dirs'; the format cannot say it");
    }
    json.raw("\"path\":").string(encode(link.path(), rows));
    json.raw(",\"symlink\":{\"target\":").string(encode(link.target(), rows)).raw("}}");
  }

  private static String encode(final String text, final Map<String, Integer> rows) {
    return IndexedPath.encode(text, parent -> rows.getOrDefault(parent, -1));
  }
}
