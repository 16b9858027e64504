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

  /**
   * What the form has no words for.
   *
   * @throws ManifestException if there are files in chunks: the form wants one hash of each, which
   *     only its content tells
   */
  Losses losses() throws ManifestException {
    requireNoChunks();
    final Set<String> said = new HashSet<>();
    long links = 0;
    long runnable = 0;
    String firstEntry = "";
    String firstRunnable = "";
    final List<ManifestEntry> entries = manifest.entries();
    for (int i = manifest.directoryCount(); i < entries.size(); i++) {
      final ManifestEntry entry = entries.get(i);
      if (entry instanceof FileEntry file) {
        DocumentRules.addParents(file.path(), said);
        runnable += file.runnable() ? 1 : 0;
        firstRunnable = file.runnable() && firstRunnable.isEmpty() ? file.path() : firstRunnable;
      } else {
        links++;
        firstEntry = firstEntry.isEmpty() ? entry.path() : firstEntry;
      }
    }
    long directories = 0;
    for (int i = 0; i < manifest.directoryCount(); i++) {
      if (!said.contains(entries.get(i).path())) {
        directories++;
        firstEntry = firstEntry.isEmpty() ? entries.get(i).path() : firstEntry;
      }
    }
    return new Losses(links, directories, runnable, firstEntry, firstRunnable);
  }

  private void requireNoChunks() throws ManifestException {
    long chunked = 0;
    String first = "";
    for (final ManifestEntry entry : manifest.entries()) {
      if (entry instanceof FileEntry file && file.hashes().size() > 1) {
        chunked++;
        first = first.isEmpty() ? file.path() : first;
      }
    }
    if (chunked > 0) {
      final String form = ManifestForm.LEGACY_2023.text();
      throw new ManifestException(
          "",
          "%s wants one hash for each file, which chunks do not tell: %d in chunks (the first is %s);"
                  .formatted(ManifestException.quote(form), chunked, ManifestException.quote(first))
              + " take a snapshot with --form "
              + form
              + " instead");
    }
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
      if (entry instanceof FileEntry file) {
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
}
