package dev.slabmount.vfs.snapshot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@link TreeScanner} found: every entry of a tree, and nothing of its files' content. */
final class ScannedTree {

  /**
   * A plain file.
   *
   * @param file where it is
   * @param path its path in the tree
   * @param length its bytes when it was looked at
   */
  record ScannedFile(Path file, String path, long length) {}

  /** Something that could not be looked at or read, and why; ends up in one line for people. */
  record Problem(TreePath path, String reason) implements Comparable<Problem> {
    @Override
    public int compareTo(final Problem other) {
      return path.compareTo(other.path);
    }
  }

  final List<ScannedFile> files = new ArrayList<>();
  final Set<String> directories = new HashSet<>();
  final Map<String, String> linkTargets = new HashMap<>();
  final List<Unsayable> unsayable = new ArrayList<>();
  final Map<UnsayableKind, Long> unsayableCounts = new EnumMap<>(UnsayableKind.class);
  final List<TreePath> vanished = new ArrayList<>();
  final List<Problem> problems = new ArrayList<>();

  /** Notes what cannot be said and is named. */
  void unsayable(final UnsayableKind kind, final TreePath path, final String detail) {
    unsayable.add(new Unsayable(kind, path, detail));
    count(kind);
  }

  /** Notes what cannot be said and is only counted. */
  void count(final UnsayableKind kind) {
    unsayableCounts.merge(kind, 1L, Long::sum);
  }
}
