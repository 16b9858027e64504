package dev.slabmount.vfs.manifest;

import java.util.ArrayList;
import java.util.List;

/**
 * How much of a tree a document of {@link ManifestForm#LEGACY_2023} has no words for: entries,
 * which are left out only if {@linkplain WriteOptions#lossy that is allowed}, and execute bits of
 * files that are kept, which are lost in any case.
 *
 * @param links symbolic links
 * @param directories directories without any file below them
 * @param executeBits files that may be executed
 * @param firstEntry the path of the first link or directory; empty if there is none
 * @param firstExecutable the path of the first file that may be executed; empty if there is none
 */
public record Losses(
    long links, long directories, long executeBits, String firstEntry, String firstExecutable) {

  /** Nothing is lost. */
  public static final Losses NONE = new Losses(0, 0, 0, "", "");

  /** Whether there is any link or directory among them. */
  public boolean hasEntries() {
    return links + directories > 0;
  }

  /** Links and directories in words: {@code 2 links, 1 folder without files (the first is 'a')}. */
  public String describeEntries() {
    final List<String> parts = new ArrayList<>();
    add(parts, links, "link", "links");
    add(parts, directories, "folder without files", "folders without files");
    return String.join(", ", parts) + first(firstEntry);
  }

  /** Execute bits in words: {@code 2 execute bits (the first is 'run.sh')}. */
  public String describeExecuteBits() {
    final List<String> parts = new ArrayList<>();
    add(parts, executeBits, "execute bit", "execute bits");
    return String.join(", ", parts) + first(firstExecutable);
  }

  private static String first(final String path) {
    return " (the first is " + ManifestException.quote(path) + ")";
  }

  private static void add(
      final List<String> parts, final long count, final String one, final String many) {
    if (count > 0) {
      parts.add(count + " " + (count == 1 ? one : many));
    }
  }
}
