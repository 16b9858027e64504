package dev.slabmount.vfs.snapshot;

/**
 * Something that a manifest cannot say of an entry.
 *
 * @param kind what kind of thing
 * @param path the entry; if it is {@linkplain UnsayableKind#isLeftOut left out} and a folder, then
 *     also everything below it
 * @param detail what exactly: the mode, the owner, the link's target …
 */
public record Unsayable(UnsayableKind kind, TreePath path, String detail)
    implements Comparable<Unsayable> {

  /** By kind, then by path. */
  @Override
  public int compareTo(final Unsayable other) {
    final int byKind = kind.compareTo(other.kind);
    return byKind != 0 ? byKind : path.compareTo(other.path);
  }

  /** One line for people. */
  @Override
  public String toString() {
    return path + ": " + TreePath.printable(detail);
  }
}
