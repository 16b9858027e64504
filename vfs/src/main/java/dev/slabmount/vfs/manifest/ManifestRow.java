package dev.slabmount.vfs.manifest;

import java.util.List;

/**
 * A file or link of a {@link ManifestDocument}, as it was written down: nothing is taken for
 * granted that the document may have wrong.
 *
 * @param path the full path; empty if the row has none that could be read
 * @param kind what the row describes
 * @param size bytes of a file, or {@link #NOT_SAID}
 * @param mtimeMicros modification time of a file in microseconds since the Unix epoch, or {@link
 *     #NOT_SAID}
 * @param runnable whether a file may be executed
 * @param hashes names of the objects that make up a file, in whatever form the document has them
 * @param target the text of a link, else empty
 */
public record ManifestRow(
    String path,
    Kind kind,
    long size,
    long mtimeMicros,
    boolean runnable,
    List<String> hashes,
    String target) {

  /** Stands for a number that the row does not have. */
  public static final long NOT_SAID = Long.MIN_VALUE;

  /** What a row can describe. */
  public enum Kind {
    /** A file under one hash. */
    FILE,
    /** A file under a list of hashes. */
    CHUNKED_FILE,
    /** A file of which no content is named; no document may have one. */
    UNHASHED_FILE,
    /** A symbolic link. */
    LINK,
    /** A file or link that is no longer there. */
    DELETED
  }

  /** Copies the list of hashes. */
  public ManifestRow {
    hashes = List.copyOf(hashes);
  }

  /** Whether it is a file, with or without content. */
  public boolean isFile() {
    return kind != Kind.LINK && kind != Kind.DELETED;
  }

  ManifestRow withPath(final String newPath) {
    return new ManifestRow(newPath, kind, size, mtimeMicros, runnable, hashes, target);
  }

  ManifestRow withTarget(final String newTarget) {
    return new ManifestRow(path, kind, size, mtimeMicros, runnable, hashes, newTarget);
  }
}
