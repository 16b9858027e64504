package dev.slabmount.vfs.manifest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What can be said about the text of a symbolic link: whether a manifest can hold it, and where it
 * leads.
 *
 * <p>A manifest keeps a target as opaque text, and a mount returns exactly that text from {@code
 * readlink}. Nobody here follows a link: the kernel does, on behalf of whoever asks. So a target
 * that leads out of the tree is kept like any other; {@link #classify} exists so that a snapshot
 * can name such links to its user.
 *
 * <p>Stateless; any thread.
 */
public final class SymlinkTarget {

  /** Where a link leads. */
  public enum Kind {
    /**
     * Stays inside the tree, whether or not anything is there; also a link that runs in circles.
     */
    INSIDE,
    /** Begins with a slash. */
    ABSOLUTE,
    /** Relative, but leaves the tree through {@code ..} or through another link that leaves it. */
    ESCAPING
  }

  /** The links of the tree, as far as {@link #classify} meets them. */
  @FunctionalInterface
  public interface Links {
    /** The target of the link at {@code path}, or null if there is no link at this path. */
    @Nullable String targetAt(String path);
  }

  /** Linux gives up after so many links in one path (MAXSYMLINKS in linux/namei.h). */
  private static final int LINKS_FOLLOWED_MAX = 40;

  private SymlinkTarget() {}

  /**
   * What is wrong with {@code target} as the text of a link, or null if nothing is: Linux has no
   * empty target and none with NUL or of more than {@link PathRules#PATH_BYTES_MAX} bytes, and a
   * manifest holds Unicode text only.
   *
   * @return a phrase that continues "the target …"
   */
  public static @Nullable String defect(final String target) {
    return target.isEmpty() ? "is empty" : PathRules.textDefect(target);
  }

  /**
   * Whether {@code target} comes back unchanged after it has been written to a manifest and read
   * again.
   *
   * <p>Targets are shortened like paths ({@code $i/name}) and there is no escape. So a target that
   * itself begins with {@code $} and contains a slash survives only if the part before its last
   * slash is the path of a directory of the tree, because it is shortened then. Besides, it must
   * have no {@link #defect}.
   *
   * @param isDirectory whether a path is that of a directory of the tree
   */
  public static boolean survives(final String target, final Predicate<String> isDirectory) {
    return defect(target) == null
        && (!IndexedPath.isIndexed(target)
            || isDirectory.test(target.substring(0, target.lastIndexOf('/'))));
  }

  /**
   * Where the link at {@code linkPath} leads, resolved as the kernel would: component by component
   * from the link's directory, through other links on the way.
   *
   * @param linkPath full path of the link below the tree's root
   * @param target its text
   * @param links the other links of the tree
   */
  public static Kind classify(final String linkPath, final String target, final Links links) {
    if (target.startsWith("/")) {
      return Kind.ABSOLUTE;
    }
    final List<String> resolved = new ArrayList<>(components(linkPath));
    resolved.removeLast();
    final ArrayDeque<String> pending = new ArrayDeque<>(components(target));
    int followed = 0;
    while (!pending.isEmpty()) {
      final String name = pending.removeFirst();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        if (resolved.isEmpty()) {
          return Kind.ESCAPING;
        }
        resolved.removeLast();
        continue;
      }
      resolved.add(name);
      final String next = links.targetAt(String.join("/", resolved));
      if (next == null) {
        continue;
      }
      if (next.startsWith("/")) {
        return Kind.ESCAPING;
      }
      if (++followed > LINKS_FOLLOWED_MAX) {
        return Kind.INSIDE;
      }
      resolved.removeLast();
      components(next).reversed().forEach(pending::addFirst);
    }
    return Kind.INSIDE;
  }

  /**
   * The text of the link at {@code linkPath} for a target that is meant from the tree's root: as
   * many {@code ..} as the link is deep, and then the target. An absolute target stays.
   */
  static String fromRoot(final String linkPath, final String target) {
    if (target.startsWith("/")) {
      return target;
    }
    final long depth = linkPath.chars().filter(c -> c == '/').count();
    return "../".repeat((int) depth) + target;
  }

  private static List<String> components(final String path) {
    return List.of(path.split("/", -1));
  }
}
