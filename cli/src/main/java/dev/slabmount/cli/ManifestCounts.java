package dev.slabmount.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.slabmount.vfs.manifest.DirectoryRow;
import dev.slabmount.vfs.manifest.ManifestDocument;
import dev.slabmount.vfs.manifest.ManifestRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How many entries of each kind a manifest has. Directories are those that it lists.
 *
 * @param objects how many different hashes its files have
 */
record ManifestCounts(
    int directories,
    int files,
    int runnable,
    int chunked,
    int links,
    int deletedDirectories,
    int deletedFiles,
    int objects) {

  static ManifestCounts of(final ManifestDocument document) {
    int directories = 0;
    for (final DirectoryRow row : document.directories()) {
      directories += row.deleted() ? 0 : 1;
    }
    int files = 0;
    int runnable = 0;
    int chunked = 0;
    int links = 0;
    final Set<String> objects = new HashSet<>();
    for (final ManifestRow row : document.files()) {
      files += row.isFile() ? 1 : 0;
      runnable += row.isFile() && row.runnable() ? 1 : 0;
      chunked += row.kind() == ManifestRow.Kind.CHUNKED_FILE ? 1 : 0;
      links += row.kind() == ManifestRow.Kind.LINK ? 1 : 0;
      objects.addAll(row.hashes());
    }
    return new ManifestCounts(
        directories,
        files,
        runnable,
        chunked,
        links,
        document.directories().size() - directories,
        document.files().size() - files - links,
        objects.size());
  }

  /** What there is, in words. */
  String entries() {
    final List<String> details = new ArrayList<>();
    if (runnable > 0) {
      details.add(runnable + " executable");
    }
    if (chunked > 0) {
      details.add(chunked + " in chunks");
    }
    return count(directories, "folder")
        + ", "
        + count(files, "file")
        + (details.isEmpty() ? "" : " (" + String.join(", ", details) + ")")
        + ", "
        + count(links, "link");
  }

  /** What is no longer there, in words. */
  String deleted() {
    return count(deletedDirectories, "folder") + ", " + count(deletedFiles, "file or link");
  }

  private static String count(final int count, final String what) {
    return count + " " + (count == 1 ? what : what.replace(" or ", "s or ") + "s");
  }

  /** Adds the counts to an object. */
  void writeTo(final JsonGenerator json) throws IOException {
    json.writeNumberField("directories", directories);
    json.writeNumberField("files", files);
    json.writeNumberField("runnable", runnable);
    json.writeNumberField("chunked", chunked);
    json.writeNumberField("links", links);
    json.writeNumberField("deletedDirectories", deletedDirectories);
    json.writeNumberField("deletedFiles", deletedFiles);
    json.writeNumberField("objects", objects);
  }
}
