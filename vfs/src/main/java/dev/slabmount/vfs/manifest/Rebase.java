package dev.slabmount.vfs.manifest;

import static dev.slabmount.vfs.manifest.ManifestException.quote;

import java.util.ArrayList;
import java.util.List;

/**
 * Moves the paths of a document below a folder of a machine, or takes that folder from them. The
 * targets of links are text and stay what they are.
 */
final class Rebase {

  private Rebase() {}

  /** Puts an absolute path before all paths. */
  static ManifestDocument under(
      final ManifestDocument document, final String root, final ManifestForm form)
      throws ManifestException {
    final String prefix = prefix(root);
    final List<DirectoryRow> directories = new ArrayList<>();
    for (final DirectoryRow row : document.directories()) {
      directories.add(
          new DirectoryRow(
              longer(prefix + row.path(), "/dirs/" + directories.size()), row.deleted()));
    }
    final List<ManifestRow> files = new ArrayList<>();
    for (final ManifestRow row : document.files()) {
      files.add(row.withPath(longer(prefix + row.path(), "/files/" + files.size())));
    }
    return with(document, form, directories, files);
  }

  /** Takes an absolute path from all paths. */
  static ManifestDocument below(
      final ManifestDocument document, final String root, final ManifestForm form)
      throws ManifestException {
    final String prefix = prefix(root);
    final List<DirectoryRow> directories = new ArrayList<>();
    for (int row = 0; row < document.directories().size(); row++) {
      final DirectoryRow directory = document.directories().get(row);
      // The root itself and its parents are there for their number only.
      if (directory.deleted() || !prefix.startsWith(directory.path() + "/")) {
        directories.add(
            new DirectoryRow(
                shorter(directory.path(), prefix, "/dirs/" + row), directory.deleted()));
      }
    }
    final List<ManifestRow> files = new ArrayList<>();
    for (final ManifestRow row : document.files()) {
      files.add(row.withPath(shorter(row.path(), prefix, "/files/" + files.size())));
    }
    return with(document, form, directories, files);
  }

  private static String prefix(final String root) throws ManifestException {
    final String defect = PathRules.absoluteDefect(root);
    final boolean isMachineRoot = !root.isEmpty() && PathRules.rootLength(root) == root.length();
    if (defect != null && !isMachineRoot) {
      throw new ManifestException("", "the root " + quote(root) + " " + defect);
    }
    return isMachineRoot ? root : root + "/";
  }

  private static String longer(final String path, final String pointer) throws ManifestException {
    final ManifestValidator.Defect defect = ManifestValidator.pathDefect(path, true);
    if (defect != null) {
      throw new ManifestException(pointer + defect.field(), defect.reason());
    }
    return path;
  }

  private static String shorter(final String path, final String prefix, final String pointer)
      throws ManifestException {
    if (!path.startsWith(prefix) || path.length() == prefix.length()) {
      throw new ManifestException(
          pointer + "/path", quote(path) + " is not below " + quote(prefix));
    }
    return path.substring(prefix.length());
  }

  private static ManifestDocument with(
      final ManifestDocument document,
      final ManifestForm form,
      final List<DirectoryRow> directories,
      final List<ManifestRow> files) {
    return new ManifestDocument(
        form, directories, files, document.parentHash(), List.of(), LinksOut.find(form, files));
  }
}
