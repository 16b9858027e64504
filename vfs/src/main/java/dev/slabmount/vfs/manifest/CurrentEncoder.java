package dev.slabmount.vfs.manifest;

import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a document of the four forms of 2025-12, row by row, in the canonical spelling: the caller
 * brings the rows in canonical order.
 */
final class CurrentEncoder {

  private final CanonicalJson json;
  private final Map<String, Integer> directoryRows;
  private int fileRows;

  /**
   * Begins a document with its directories.
   *
   * @param directories all that are listed, in order
   * @param deleted which of them are deleted
   */
  CurrentEncoder(
      final OutputStream out,
      final TextConvention convention,
      final List<String> directories,
      final Set<String> deleted)
      throws IOException {
    json = new CanonicalJson(out, convention);
    directoryRows = HashMap.newHashMap(directories.size());
    for (final String path : directories) {
      directoryRows.put(path, directoryRows.size());
    }
    json.raw("{\"dirs\":[");
    for (int row = 0; row < directories.size(); row++) {
      final String path = directories.get(row);
      json.raw(row == 0 ? "{" : ",{").raw(deleted.contains(path) ? "\"deleted\":true," : "");
      json.raw("\"path\":").string(encodePath(path, "/dirs/", row)).raw("}");
    }
    json.raw("],\"files\":[");
  }

  /** Writes a file under the hash of all of its content. */
  void file(
      final String path,
      final String hash,
      final long mtimeMicros,
      final boolean runnable,
      final long size)
      throws IOException {
    beginRow();
    json.raw("\"hash\":").string(hash);
    endFile(path, mtimeMicros, runnable, size);
  }

  /** Writes a file under the hashes of its chunks. */
  void chunkedFile(
      final String path,
      final List<String> hashes,
      final long mtimeMicros,
      final boolean runnable,
      final long size)
      throws IOException {
    beginRow();
    json.raw("\"chunkhashes\":");
    String separator = "[";
    for (final String hash : hashes) {
      json.raw(separator).string(hash);
      separator = ",";
    }
    json.raw("]");
    endFile(path, mtimeMicros, runnable, size);
  }

  private void endFile(
      final String path, final long mtimeMicros, final boolean runnable, final long size)
      throws IOException {
    json.raw(",\"mtime\":").number(mtimeMicros);
    json.raw(",\"path\":").string(encodeFilePath(path));
    json.raw(runnable ? ",\"runnable\":true" : "");
    json.raw(",\"size\":").number(size).raw("}");
  }

  /**
   * Writes a link.
   *
   * @throws ManifestException if its text cannot be said (see {@link SymlinkTarget#survives})
   */
  void link(final String path, final String target) throws IOException {
    if (!SymlinkTarget.survives(target, directoryRows::containsKey)) {
      throw new ManifestException(
          "/files/" + fileRows + "/symlink/target",
          "the target "
              + ManifestException.quote(target)
              + " of the link "
              + ManifestException.quote(path)
              + " would be read back as a reference to a row of 'dirs'; the format cannot say it");
    }
    beginRow();
    json.raw("\"path\":").string(encodeFilePath(path));
    json.raw(",\"symlink\":{\"target\":").string(encode(target)).raw("}}");
  }

  /** Writes that a file or link is no longer there. */
  void deleted(final String path) throws IOException {
    beginRow();
    json.raw("\"deleted\":true,\"path\":").string(encodeFilePath(path)).raw("}");
  }

  /** Ends the document; {@code parentHash} is empty if it has no parent. */
  void end(final ManifestForm form, final String parentHash, final long totalSize)
      throws IOException {
    json.raw("],\"hashAlg\":").string(ManifestForm.HASH_ALGORITHM);
    if (!parentHash.isEmpty()) {
      json.raw(",\"parentManifestHash\":").string(parentHash);
    }
    json.raw(",\"specificationVersion\":").string(form.text());
    json.raw(",\"totalSize\":").number(totalSize).raw("}");
    json.flush();
  }

  private void beginRow() throws IOException {
    json.raw(fileRows++ == 0 ? "{" : ",{");
  }

  private String encodeFilePath(final String path) throws ManifestException {
    return encodePath(path, "/files/", fileRows - 1);
  }

  /** Only what is deleted may lack its parent in the list; everything else becomes a reference. */
  private String encodePath(final String path, final String array, final int row)
      throws ManifestException {
    if (IndexedPath.isIndexed(path)
        && !directoryRows.containsKey(path.substring(0, path.lastIndexOf('/')))) {
      throw new ManifestException(
          array + row + "/path",
          "the path "
              + ManifestException.quote(path)
              + " would be read back as a reference to a row of 'dirs', because its parent is not"
              + " listed; the format cannot say it");
    }
    return encode(path);
  }

  private String encode(final String text) {
    return IndexedPath.encode(text, parent -> directoryRows.getOrDefault(parent, -1));
  }
}
