package dev.slabmount.vfs.snapshot;

import java.util.Locale;

/** The kinds of things that a manifest cannot say of a tree. */
public enum UnsayableKind {

  /**
   * A name that is not UTF-8 or too long, or a path too long for a manifest or for a system call; a
   * folder stands for everything below it.
   */
  NAME("name that a manifest cannot hold", Effect.LEFT_OUT),
  /** A device, fifo or socket. */
  SPECIAL_FILE("device, fifo or socket", Effect.LEFT_OUT),
  /** A link whose target would be read back as something else, or is no UTF-8. */
  LINK_TARGET("link target that a manifest cannot hold", Effect.LEFT_OUT),
  /** A link, in a form that has none. */
  LINK("link, which this form has no words for", Effect.LEFT_OUT_IF_LOSSY),
  /** A folder without any file below it, in a form that has no folders. */
  EMPTY_FOLDER("folder without files, which this form has no words for", Effect.LEFT_OUT_IF_LOSSY),
  /** That a file may be executed, in a form that does not say so. */
  EXECUTE_BIT("execute bit, which this form has no words for", Effect.KEPT),
  /** A link that leads out of the tree, where it may find something else on another machine. */
  LINK_OUTSIDE("link that leads out of the tree", Effect.KEPT),
  /** Permissions other than rw-r--r-- and rwxr-xr-x for files, rwxr-xr-x for folders. */
  MODE("permissions other than 0644 and 0755", Effect.KEPT),
  /** An owner or group that is not that of the folder itself. */
  OWNER("owner or group other than the tree's own", Effect.KEPT),
  /** Extended attributes of the {@code user} namespace. */
  EXTENDED_ATTRIBUTES("extended attributes", Effect.KEPT),
  /** One of several names of a file; each becomes a file of its own. */
  HARD_LINK("hard link", Effect.KEPT),
  /** A modification time beyond 292 000 years from 1970; the nearest one is kept. */
  TIME("modification time out of range", Effect.KEPT),
  /** A folder's times; every tree has them, so they are only counted. */
  DIRECTORY_TIME("folder's time", Effect.COUNTED),
  /** A link's times; they are only counted. */
  LINK_TIME("link's time", Effect.COUNTED);

  private enum Effect {
    LEFT_OUT,
    LEFT_OUT_IF_LOSSY,
    KEPT,
    COUNTED
  }

  private final String description;
  private final Effect effect;

  UnsayableKind(final String description, final Effect effect) {
    this.description = description;
    this.effect = effect;
  }

  /** What it is, in a few words. */
  public String description() {
    return description;
  }

  /** Whether the manifest lacks the entry altogether, rather than some property of it. */
  public boolean isLeftOut() {
    return effect == Effect.LEFT_OUT || isRefusedUnlessLossy();
  }

  /**
   * Whether a snapshot is refused for it unless its {@link
   * dev.slabmount.vfs.manifest.WriteOptions#lossy options} allow to leave it out.
   */
  public boolean isRefusedUnlessLossy() {
    return effect == Effect.LEFT_OUT_IF_LOSSY;
  }

  /**
   * Whether this is lost of every entry of some type in every tree. It is then counted, but not
   * named, and {@link SnapshotRequest#strict} accepts it.
   */
  public boolean isOnlyCounted() {
    return effect == Effect.COUNTED;
  }

  /** A name for programs: lower case, words joined by hyphens. Does not change. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
