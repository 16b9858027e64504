package dev.slabmount.vfs.manifest;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * A whole tree of files, directories and links, as a manifest describes it.
 *
 * <p>A manifest is always valid (every entry keeps the rules of {@code docs/MANIFEST.md}), complete
 * (every parent of every entry is listed; the root itself is not) and in canonical order, whatever
 * order it was made in. So two manifests of the same tree hold the same rows, and numbers derived
 * from rows agree.
 *
 * <p>Immutable; any thread. It takes about 60 bytes of heap and the name for each file, and the
 * full path for each directory; entries are made when asked for.
 */
public final class Manifest {

  /** Files longer than this many bytes are cut into chunks of this length (256 MiB). */
  public static final long CHUNK_BYTES = 256L << 20;

  /**
   * Bounds what a short document can grow to: a row of 20 bytes may name a directory path of {@link
   * PathRules#PATH_BYTES_MAX}, and a path has a row for each of its parents.
   */
  static final long DIRECTORY_CHARS_MAX = 1L << 28;

  /** What is said of a document that grows beyond that. */
  static final String TOO_MANY_DIRECTORY_CHARS =
      "the paths of all directories together exceed " + DIRECTORY_CHARS_MAX + " characters";

  private static final int ROOT = -1;

  private final String[] directories;
  private final String[] directoriesById;
  private final EntryColumns columns;
  private final int @Nullable [] order;
  private final long totalSize;

  private Manifest(final Builder builder, final int @Nullable [] order) {
    this.directoriesById = builder.directoryPaths.toArray(String[]::new);
    this.directories = directoriesById.clone();
    Arrays.sort(directories, PathRules::compareUtf8);
    this.columns = builder.columns;
    this.order = order;
    this.totalSize = builder.totalSize;
  }

  /** The number of chunks that content of {@code size} bytes is cut into; at least 1. */
  public static long chunkCount(final long size) {
    return size <= CHUNK_BYTES ? 1 : (size - 1) / CHUNK_BYTES + 1;
  }

  /**
   * All entries: first the directories by full path in the order of their UTF-8 bytes, then files
   * and links by full path in the order of their UTF-16 code units. A view; each access makes a new
   * entry in constant time.
   */
  public List<ManifestEntry> entries() {
    return new Entries();
  }

  /** How many of {@link #entries} are directories; they come first. */
  public int directoryCount() {
    return directories.length;
  }

  /** The sum of the sizes of all regular files, in bytes. */
  public long totalSize() {
    return totalSize;
  }

  /**
   * Refuses a tree with a link that leads out of it: an absolute target, or one that leaves the
   * root when it is resolved as the kernel would. Such links are valid, so this is for those who
   * want none. Costs a map of all links.
   *
   * @throws ManifestException that names the first such link
   */
  public void requireLinksInside() throws ManifestException {
    final Map<String, String> targets = new LinkedHashMap<>();
    final List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < columns.count(); row++) {
      if (columns.isLink(row)
          && columns.entry(row, path(columns, row, directoriesById))
              instanceof SymlinkEntry(final String path, final String target)) {
        targets.put(path, target);
        rows.add(row);
      }
    }
    int link = 0;
    for (final Map.Entry<String, String> each : targets.entrySet()) {
      final ManifestException out =
          LinksOut.finding(rows.get(link++), each.getKey(), each.getValue(), targets::get);
      if (out != null) {
        throw out;
      }
    }
  }

  private final class Entries extends AbstractList<ManifestEntry> implements RandomAccess {
    @Override
    public ManifestEntry get(final int index) {
      if (index < directories.length) {
        return new DirectoryEntry(directories[index]);
      }
      final int position = index - directories.length;
      final int row = order == null ? position : order[position];
      return columns.entry(row, path(columns, row, directoriesById));
    }

    @Override
    public int size() {
      return directories.length + columns.count();
    }
  }

  private static String path(
      final EntryColumns columns, final int row, final String[] directoriesById) {
    final int directory = columns.directory(row);
    final String name = columns.name(row);
    return directory == ROOT ? name : directoriesById[directory] + "/" + name;
  }

  /**
   * Collects entries in any order. Parents that are never added are part of the result all the
   * same.
   *
   * <p>One thread. After {@link #build} nothing can be added or built again.
   */
  public static final class Builder {
    private final ManifestForm form;
    private final Map<String, Integer> directoryIds = new HashMap<>();
    private final List<String> directoryPaths = new ArrayList<>();
    private final BitSet listed = new BitSet();
    private final EntryColumns columns = new EntryColumns();
    private int directoriesAdded;
    private long directoryChars;
    private long totalSize;
    private boolean built;

    /** Starts with an empty tree. */
    public Builder() {
      this(ManifestForm.RELATIVE_SNAPSHOT);
    }

    /** Starts with an empty tree whose entries come from a document of this form, for errors. */
    Builder(final ManifestForm form) {
      this.form = form;
    }

    /**
     * Adds an entry.
     *
     * @throws ManifestException if the entry breaks a rule by itself, is a directory that was added
     *     before, or makes the whole too large. The pointer counts the entries added so far as rows
     *     of {@code dirs} and {@code files}.
     * @throws IllegalStateException after {@link #build}
     */
    public Builder add(final ManifestEntry entry) throws ManifestException {
      requireUnbuilt();
      final ManifestValidator.Defect defect = ManifestValidator.defectOf(entry);
      if (defect != null) {
        throw new ManifestException(pointerOfNext(entry) + field(defect), defect.reason());
      }
      switch (entry) {
        case DirectoryEntry directory -> addDirectory(directory);
        case FileEntry file -> {
          if (totalSize + file.size() < 0) {
            throw new ManifestException(
                pointerOfNext(file) + "/size", "all sizes together exceed 2^63-1 bytes");
          }
          columns.addFile(parentOf(file.path()), file);
          totalSize += file.size();
        }
        case SymlinkEntry link -> columns.addLink(parentOf(link.path()), link);
      }
      return this;
    }

    private void requireUnbuilt() {
      if (built) {
        throw new IllegalStateException("the manifest was built and shares these columns");
      }
    }

    private void addDirectory(final DirectoryEntry directory) throws ManifestException {
      final int id = directoryId(directory.path());
      if (listed.get(id)) {
        throw new ManifestException(
            pointerOfNext(directory) + "/" + form.pathKey(),
            "the directory " + ManifestException.quote(directory.path()) + " is listed twice");
      }
      listed.set(id);
      directoriesAdded++;
    }

    /**
     * Finishes the tree.
     *
     * @throws ManifestException if a path was added twice, or is a file or link here and a
     *     directory there
     * @throws IllegalStateException if this was called before
     */
    public Manifest build() throws ManifestException {
      requireUnbuilt();
      built = true;
      final String[] paths = directoryPaths.toArray(String[]::new);
      final int count = columns.count();
      boolean sorted = true;
      String previous = "";
      for (int row = 0; row < count; row++) {
        final String path = path(columns, row, paths);
        if (directoryIds.containsKey(path)) {
          throw new ManifestException(
              pointerOfPath(row),
              ManifestException.quote(path)
                  + (columns.isLink(row) ? " is a link here" : " is a file here")
                  + " and a directory elsewhere");
        }
        sorted &= row == 0 || previous.compareTo(path) < 0;
        previous = path;
      }
      return new Manifest(this, sorted ? null : sortedRows(paths));
    }

    /** The rows in the order of their paths; the same path twice is refused. */
    private int[] sortedRows(final String[] directories) throws ManifestException {
      record PathOfRow(String path, int row) {}
      final PathOfRow[] rows = new PathOfRow[columns.count()];
      for (int row = 0; row < rows.length; row++) {
        rows[row] = new PathOfRow(path(columns, row, directories), row);
      }
      Arrays.sort(rows, (a, b) -> a.path().compareTo(b.path()));
      for (int i = 1; i < rows.length; i++) {
        if (rows[i].path().equals(rows[i - 1].path())) {
          throw new ManifestException(
              pointerOfPath(rows[i].row()),
              ManifestException.quote(rows[i].path())
                  + " is listed twice, first at "
                  + pointer(rows[i - 1].row()));
        }
      }
      return Arrays.stream(rows).mapToInt(PathOfRow::row).toArray();
    }

    private String pointerOfNext(final ManifestEntry entry) {
      return entry instanceof DirectoryEntry
          ? "/dirs/" + directoriesAdded
          : pointer(columns.count());
    }

    private String pointer(final int row) {
      return "/" + form.filesKey() + "/" + row;
    }

    private String pointerOfPath(final int row) {
      return pointer(row) + "/" + form.pathKey();
    }

    private String field(final ManifestValidator.Defect defect) {
      return defect.field().equals("/path") ? "/" + form.pathKey() : defect.field();
    }

    private int parentOf(final String path) throws ManifestException {
      final int slash = path.lastIndexOf('/');
      return slash < 0 ? ROOT : directoryId(path.substring(0, slash));
    }

    /**
     * The number of a directory, which is added with its parents if it is new. Looks from the
     * bottom up, so that a deep path costs only what is new in it.
     */
    private int directoryId(final String path) throws ManifestException {
      final Integer known = directoryIds.get(path);
      if (known != null) {
        return known;
      }
      parentOf(path);
      directoryChars += path.length();
      if (directoryChars > DIRECTORY_CHARS_MAX) {
        throw new ManifestException("", TOO_MANY_DIRECTORY_CHARS);
      }
      final int id = directoryPaths.size();
      directoryIds.put(path, id);
      directoryPaths.add(path);
      return id;
    }
  }
}
