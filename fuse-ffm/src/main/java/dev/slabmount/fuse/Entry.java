package dev.slabmount.fuse;

/**
 * A directory entry's answer: which inode a name leads to, its attributes, and for how long the
 * kernel may believe both without asking again.
 *
 * <p>Inode 0 makes a negative entry: the kernel remembers for {@link #entryTimeoutNanos} that the
 * name does not exist. Part of a request's scratch: reused, not thread-safe.
 */
public final class Entry {
  private final Attributes attributes = new Attributes();

  /** Creates an entry that is all zero. */
  public Entry() {}

  private long ino;
  private long generation;
  private long entryTimeoutNanos;
  private long attributesTimeoutNanos;

  /** Inode number that the kernel will use in later requests; 0 for a negative entry. */
  public long ino() {
    return ino;
  }

  /** Sets {@link #ino()}. */
  public Entry ino(long value) {
    ino = value;
    return this;
  }

  /** Tells apart two lives of one inode number; 0 where numbers are never reused. */
  public long generation() {
    return generation;
  }

  /** Sets {@link #generation()}. */
  public Entry generation(long value) {
    generation = value;
    return this;
  }

  /** How long the kernel may believe the name, in nanoseconds. */
  public long entryTimeoutNanos() {
    return entryTimeoutNanos;
  }

  /** Sets {@link #entryTimeoutNanos()}. */
  public Entry entryTimeoutNanos(long value) {
    entryTimeoutNanos = value;
    return this;
  }

  /** How long the kernel may believe the attributes, in nanoseconds. */
  public long attributesTimeoutNanos() {
    return attributesTimeoutNanos;
  }

  /** Sets {@link #attributesTimeoutNanos()}. */
  public Entry attributesTimeoutNanos(long value) {
    attributesTimeoutNanos = value;
    return this;
  }

  /** The attributes, to be filled in place. */
  public Attributes attributes() {
    return attributes;
  }

  /** Makes everything zero. */
  public Entry clear() {
    ino = generation = entryTimeoutNanos = attributesTimeoutNanos = 0;
    attributes.clear();
    return this;
  }
}
