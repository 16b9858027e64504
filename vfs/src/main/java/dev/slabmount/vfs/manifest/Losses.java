package dev.slabmount.vfs.manifest;

import java.util.ArrayList;
import java.util.List;

/**
 * How much of a tree a document of {@link ManifestForm#LEGACY_2023} cannot hold.
 *
 * @param links symbolic links
 * @param directories directories without any file below them that can be held
 * @param chunkedFiles files that are named by the hashes of their chunks, of which the one hash
 *     that the form wants is not known
 * @param executeBits files that can be held, but not that they may be executed
 * @param first the path of one of these; empty if there is none
 */
public record Losses(
    long links, long directories, long chunkedFiles, long executeBits, String first) {

  /** Nothing is lost. */
  public static final Losses NONE = new Losses(0, 0, 0, 0, "");

  /** Whether nothing is lost. */
  public boolean isNone() {
    return first.isEmpty();
  }

  /** The counts in words: {@code 2 links, 1 execute bit}. */
  public String describe() {
    final List<String> parts = new ArrayList<>();
    add(parts, links, "link", "links");
    add(parts, directories, "folder without files", "folders without files");
    add(parts, chunkedFiles, "file in chunks", "files in chunks");
    add(parts, executeBits, "execute bit", "execute bits");
    return String.join(", ", parts);
  }

  private static void add(
      final List<String> parts, final long count, final String one, final String many) {
    if (count > 0) {
      parts.add(count + " " + (count == 1 ? one : many));
    }
  }
}
