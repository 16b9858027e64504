package dev.slabmount.vfs.manifest;

import static dev.slabmount.vfs.manifest.ManifestException.quote;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds the links of a document that lead out of its tree. */
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
      final SymlinkTarget.Kind leads =
          SymlinkTarget.classify(row.path(), row.target(), targets::get);
      if (leads != SymlinkTarget.Kind.INSIDE) {
        found.add(
            ManifestDocument.Finding.of(
                new ManifestException(
                    "/files/" + number,
                    "the link "
                        + quote(row.path())
                        + (leads == SymlinkTarget.Kind.ABSOLUTE
                            ? " has an absolute target "
                            : " leads out of the tree by ")
                        + quote(row.target()))));
      }
    }
    return found;
  }
}
