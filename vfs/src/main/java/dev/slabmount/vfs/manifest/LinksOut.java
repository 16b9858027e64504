package dev.slabmount.vfs.manifest;

import static dev.slabmount.vfs.manifest.ManifestException.quote;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the links that lead out of their tree. */
final class LinksOut {

  private LinksOut() {}

  /** A note for each of them; none for documents with absolute paths, which have no inside. */
  static List<ManifestDocument.Finding> find(
      final ManifestForm form, final List<ManifestRow> files) {
    if (form.isAbsolute()) {
      return List.of();
    }
    final Map<String, String> targets = new HashMap<>();
    for (final ManifestRow row : files) {
      if (row.kind() == ManifestRow.Kind.LINK) {
        targets.put(row.path(), row.target());
      }
    }
    final List<ManifestDocument.Finding> found = new ArrayList<>();
    for (int number = 0; number < files.size(); number++) {
      final ManifestRow row = files.get(number);
      if (row.kind() != ManifestRow.Kind.LINK) {
        continue;
      }
      final ManifestException out = finding(number, row.path(), row.target(), targets::get);
      if (out != null) {
        found.add(ManifestDocument.Finding.of(out));
      }
    }
    return found;
  }

  /** What is to be said of the link in this row of {@code files}; null if it stays inside. */
  static @Nullable ManifestException finding(
      final int row, final String path, final String target, final SymlinkTarget.Links links) {
    final SymlinkTarget.Kind leads = SymlinkTarget.classify(path, target, links);
    if (leads == SymlinkTarget.Kind.INSIDE) {
      return null;
    }
    return new ManifestException(
        "/files/" + row,
        "the link "
            + quote(path)
            + (leads == SymlinkTarget.Kind.ABSOLUTE
                ? " has an absolute target "
                : " leads out of the tree by ")
            + quote(target));
  }
}
