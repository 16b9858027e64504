package dev.slabmount.vfs.manifest;

import java.io.IOException;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes trees in the form {@code 2023-03-03}: what is there of them are files, each one object.
 */
final class LegacyEncoder {

  private final Manifest manifest;

  LegacyEncoder(final Manifest manifest) {
    this.manifest = manifest;
  }

  /** What the form has no words for. */
  Losses losses() {
    final Set<String> said = new HashSet<>();
    long links = 0;
    long chunked = 0;
    long runnable = 0;
    String first = "";
    final List<ManifestEntry> entries = manifest.entries();
    for (int i = manifest.directoryCount(); i < entries.size(); i++) {
      final ManifestEntry entry = entries.get(i);
      boolean lost = true;
      if (entry instanceof FileEntry file && !isChunked(file)) {
        DocumentRules.addParents(file.path(), said);
        runnable += file.runnable() ? 1 : 0;
        lost = file.runnable();
      } else if (entry instanceof FileEntry) {
        chunked++;
      } else {
        links++;
      }
      first = lost && first.isEmpty() ? entry.path() : first;
    }
    long directories = 0;
    for (int i = 0; i < manifest.directoryCount(); i++) {
      if (!said.contains(entries.get(i).path())) {
        directories++;
        first = first.isEmpty() ? entries.get(i).path() : first;
      }
    }
    return new Losses(links, directories, chunked, runnable, first);
  }

  /** Writes what the form has words for. */
  void write(final OutputStream out, final TextConvention convention) throws IOException {
    final CanonicalJson json = new CanonicalJson(out, convention);
    json.raw("{\"hashAlg\":").string(ManifestForm.HASH_ALGORITHM);
    json.raw(",\"manifestVersion\":").string(ManifestForm.LEGACY_2023.text());
    json.raw(",\"paths\":[");
    long total = 0;
    String separator = "";
    for (final ManifestEntry entry : manifest.entries()) {
      if (entry instanceof FileEntry file && !isChunked(file)) {
        json.raw(separator).raw("{\"hash\":").string(file.hashes().getFirst().toString());
        json.raw(",\"mtime\":").number(file.mtimeMicros());
        json.raw(",\"path\":").string(file.path());
        json.raw(",\"size\":").number(file.size()).raw("}");
        total += file.size();
        separator = ",";
      }
    }
    json.raw("],\"totalSize\":").number(total).raw("}");
    json.flush();
  }

  private static boolean isChunked(final FileEntry file) {
    return file.hashes().size() > 1;
  }
}
