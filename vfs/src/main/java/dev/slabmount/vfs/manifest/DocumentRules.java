package dev.slabmount.vfs.manifest;

import static dev.slabmount.vfs.manifest.ManifestException.quote;

import dev.slabmount.vfs.content.ContentHash;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules that a whole document must keep. Those about a single row are in {@link
 * ManifestValidator}; for trees to be mounted, those about several rows are in {@link
 * Manifest.Builder}, which needs less memory.
 */
final class DocumentRules {

  /** Why a document of a whole tree must not name a parent. */
  static final String PARENT_OF_A_SNAPSHOT =
      "only a manifest of changes has a parent, and this describes a whole tree";

  private final ManifestForm form;
  private final List<DirectoryRow> directories;
  private final List<ManifestRow> files;
  private final RowReader.Problems problems;

  DocumentRules(
      final ManifestForm form,
      final List<DirectoryRow> directories,
      final List<ManifestRow> files,
      final RowReader.Problems problems) {
    this.form = form;
    this.directories = directories;
    this.files = files;
    this.problems = problems;
  }

  /** Requires that objects are named as they are here. */
  static void requireHashAlgorithm(final @Nullable String algorithm) throws ManifestException {
    if (algorithm == null) {
      throw new ManifestException("", "needs 'hashAlg'");
    }
    if (!algorithm.equals(ManifestForm.HASH_ALGORITHM)) {
      throw new ManifestException(
          "/hashAlg",
          "content is named by "
              + quote(algorithm)
              + ", only '"
              + ManifestForm.HASH_ALGORITHM
              + "' is known");
    }
  }

  /** Requires that the total is that of the rows. */
  static void requireTotal(final long said, final long found) throws ManifestException {
    if (said != found) {
      throw new ManifestException(
          "/totalSize",
          "says "
              + said
              + ", but the files add up to "
              + found
              + ": rows were lost, added or changed");
    }
  }

  /** Checks what the document says about itself. */
  void checkHeader(
      final @Nullable String hashAlgorithm,
      final @Nullable String parentHash,
      final @Nullable Long totalSize)
      throws ManifestException {
    try {
      requireHashAlgorithm(hashAlgorithm);
    } catch (final ManifestException e) {
      problems.found(e);
    }
    checkParent(parentHash);
    if (totalSize == null) {
      problems.found(new ManifestException("", "needs 'totalSize'"));
    } else if (totalSize < 0) {
      problems.found(new ManifestException("/totalSize", "negative total " + totalSize));
    } else {
      checkTotal(totalSize);
    }
  }

  private void checkParent(final @Nullable String parentHash) throws ManifestException {
    if (parentHash != null && !form.isDiff()) {
      problems.found(new ManifestException("/parentManifestHash", PARENT_OF_A_SNAPSHOT));
    } else if (parentHash == null && form.isDiff()) {
      problems.found(new ManifestException("", "lists changes, and so needs 'parentManifestHash'"));
    } else if (parentHash != null && !isHash(parentHash)) {
      problems.found(
          new ManifestException("/parentManifestHash", ManifestValidator.hashDefect(parentHash)));
    }
  }

  private static boolean isHash(final String text) {
    try {
      ContentHash.parse(text);
      return true;
    } catch (final IllegalArgumentException _) {
      return false;
    }
  }

  private void checkTotal(final long said) throws ManifestException {
    long total = 0;
    for (int row = 0; row < files.size(); row++) {
      final ManifestRow file = files.get(row);
      total += file.isFile() ? Math.max(0, file.size()) : 0;
      if (total < 0) {
        problems.found(
            new ManifestException(
                pointer(row) + "/size", "all sizes together exceed 2^63-1 bytes"));
        return;
      }
    }
    try {
      requireTotal(said, total);
    } catch (final ManifestException e) {
      problems.found(e);
    }
  }

  /**
   * Checks that nothing is listed twice, and that nothing live is a file here and a folder there.
   */
  void checkPaths() throws ManifestException {
    final Set<String> live = new HashSet<>();
    final Set<String> listed = new HashSet<>();
    for (int row = 0; row < directories.size(); row++) {
      final DirectoryRow directory = directories.get(row);
      if (!directory.path().isEmpty() && !listed.add(directory.path())) {
        problems.found(
            new ManifestException(
                "/dirs/" + row + "/" + form.pathKey(),
                "the directory " + quote(directory.path()) + " is listed twice"));
      }
      if (!directory.deleted()) {
        live.add(directory.path());
        addParents(directory.path(), live);
      }
    }
    for (final ManifestRow file : files) {
      if (file.kind() != ManifestRow.Kind.DELETED) {
        addParents(file.path(), live);
      }
    }
    final Map<String, Integer> rows = new HashMap<>();
    for (int row = 0; row < files.size(); row++) {
      checkPath(row, files.get(row), live, rows);
    }
  }

  private void checkPath(
      final int row,
      final ManifestRow file,
      final Set<String> liveDirectories,
      final Map<String, Integer> rows)
      throws ManifestException {
    if (file.path().isEmpty()) {
      return; // has been found already
    }
    final Integer first = rows.putIfAbsent(file.path(), row);
    if (first != null) {
      problems.found(
          new ManifestException(
              pointer(row) + "/" + form.pathKey(),
              quote(file.path()) + " is listed twice, first at " + pointer(first)));
    } else if (file.kind() != ManifestRow.Kind.DELETED && liveDirectories.contains(file.path())) {
      problems.found(
          new ManifestException(
              pointer(row) + "/" + form.pathKey(),
              quote(file.path())
                  + (file.isFile() ? " is a file here" : " is a link here")
                  + " and a directory elsewhere"));
    }
  }

  /** Adds the parents of a path, from the bottom up and only as far as they are new. */
  static void addParents(final String path, final Set<String> parents) {
    String parent = PathRules.parent(path);
    while (!parent.isEmpty() && parents.add(parent)) {
      parent = PathRules.parent(parent);
    }
  }

  private String pointer(final int row) {
    return "/" + form.filesKey() + "/" + row;
  }
}
