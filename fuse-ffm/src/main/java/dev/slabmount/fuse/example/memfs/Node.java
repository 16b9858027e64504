package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * A file, directory, link or special file: its attributes and what it holds. A node lives as long
 * as it has names or the kernel has lookup counts of it; what is open, the kernel has counts of.
 *
 * <p>All that is not final is guarded by {@link #lock}: readers share it, and who changes has it
 * alone. It is the last lock to be taken, so that nothing else is waited for under it. The counts
 * are atomic. Nothing here allocates, but for the lock's queue when threads meet at one node.
 */
final class Node {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long DAY_SECONDS = 24 * 60 * 60;
  private static final int PREFERRED_IO_BYTES = 4096;
  private static final long DIRECTORY_BYTES = 4096;
  private static final VarHandle LOOKUPS;

  static {
    try {
      LOOKUPS = MethodHandles.lookup().findVarHandle(Node.class, "lookups", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Number of this node. */
  final long ino;

  /** Tells apart the nodes that have this number one after another. */
  final long generation;

  /** Names of a directory. */
  final @Nullable Names names;

  /** Bytes of a regular file. */
  final @Nullable Content content;

  /** Target of a symbolic link. */
  final byte @Nullable [] target;

  /** Guards what is not final here, and {@link #content}. */
  final StampedLock lock = new StampedLock();

  /** Extended attributes; null until there is one. */
  @Nullable ExtendedAttributes extended;

  /** Bytes of a regular file. */
  long size;

  /** Names of this node; of a directory, 2 and one for each directory in it, or 0. */
  int links;

  /** What was here is given back. */
  boolean gone;

  private int mode;
  private int uid;
  private int gid;
  private final int device;
  private long accessSeconds;
  private int accessNanos;
  private long modifySeconds;
  private int modifyNanos;
  private long changeSeconds;
  private int changeNanos;

  @SuppressWarnings("UnusedVariable") // through LOOKUPS
  private volatile long lookups;

  /** Creates a node that nothing leads to yet. */
  Node(long ino, long generation, Birth birth, byte @Nullable [] target) {
    this.ino = ino;
    this.generation = generation;
    mode = birth.mode;
    uid = birth.uid;
    gid = birth.gid;
    device = birth.device;
    this.target = target;
    content = (mode & Mode.TYPE) == Mode.FILE ? new Content(birth.memory) : null;
    names = isDirectory() ? new Names() : null;
    links = isDirectory() ? 2 : 1;
    accessSeconds = modifySeconds = changeSeconds = Math.floorDiv(birth.now, NANOS_PER_SECOND);
    accessNanos = modifyNanos = changeNanos = (int) Math.floorMod(birth.now, NANOS_PER_SECOND);
  }

  /** What a node begins with; {@code now} in nanoseconds. */
  record Birth(FileMemory memory, int mode, int uid, int gid, int device, long now) {}

  /** What it takes of the heap, without its names, attributes and tables; never changes. */
  long heapBytes() {
    return HeapRoom.node(isDirectory(), target == null ? 0 : target.length);
  }

  /** Gives back what it holds; nothing leads to it any more. */
  void giveBack(HeapRoom room) {
    if (content != null) {
      content.clear();
    }
    if (extended != null) {
      extended.clear();
    }
    room.give(heapBytes());
  }

  /** Whether it is a directory; needs no lock, because that never changes. */
  boolean isDirectory() {
    return (mode & Mode.TYPE) == Mode.DIRECTORY;
  }

  /** Type and permissions; what is read without the lock may be old, but for the type. */
  int mode() {
    return mode;
  }

  /** Group; as {@link #mode}. */
  int gid() {
    return gid;
  }

  /** Changes the kernel's lookup counts; returns how many there are now. */
  long addLookups(long count) {
    return (long) LOOKUPS.getAndAdd(this, count) + count;
  }

  /** The kernel's lookup counts. */
  long lookups() {
    return (long) LOOKUPS.getVolatile(this);
  }

  /** Says what the attributes are. Waits for nobody unless the node is being changed. */
  void describe(Attributes to) {
    long stamp = lock.tryOptimisticRead();
    if (stamp != 0) {
      put(to);
      if (lock.validate(stamp)) {
        return;
      }
    }
    stamp = lock.readLock();
    try {
      put(to);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** Fills an entry that leads to this node. */
  Entry describe(Entry entry, MemFsOptions options) {
    describe(entry.attributes());
    return entry
        .ino(ino)
        .generation(generation)
        .entryTimeoutNanos(options.entryNanos)
        .attributesTimeoutNanos(options.attributeNanos);
  }

  private void put(Attributes to) {
    to.ino(ino)
        .mode(mode)
        .linkCount(links)
        .uid(uid)
        .gid(gid)
        .deviceNumber(device)
        .blockSize(PREFERRED_IO_BYTES)
        .accessSeconds(accessSeconds)
        .accessNanos(accessNanos)
        .modifySeconds(modifySeconds)
        .modifyNanos(modifyNanos)
        .changeSeconds(changeSeconds)
        .changeNanos(changeNanos);
    if (content != null) {
      to.size(size).blocks(content.units());
    } else {
      to.size(target != null ? target.length : isDirectory() ? DIRECTORY_BYTES : 0);
    }
  }

  /** Whether a read has to change the access time: the rule of relatime, in mount(8). */
  boolean showsOldAccess(long now) {
    return accessSeconds < modifySeconds
        || (accessSeconds == modifySeconds && accessNanos <= modifyNanos)
        || accessSeconds < changeSeconds
        || (accessSeconds == changeSeconds && accessNanos <= changeNanos)
        || Math.floorDiv(now, NANOS_PER_SECOND) - accessSeconds >= DAY_SECONDS;
  }

  /** It was read. Takes the lock if the access time has to change. */
  void accessed(long now) {
    if (!showsOldAccess(now)) {
      return;
    }
    long stamp = lock.writeLock();
    try {
      accessedAt(now);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private void accessedAt(long now) {
    accessSeconds = Math.floorDiv(now, NANOS_PER_SECOND);
    accessNanos = (int) Math.floorMod(now, NANOS_PER_SECOND);
  }

  /** Its content was changed. */
  void modifiedAt(long now) {
    modifySeconds = Math.floorDiv(now, NANOS_PER_SECOND);
    modifyNanos = (int) Math.floorMod(now, NANOS_PER_SECOND);
    changedAt(now);
  }

  /** Its attributes were changed. */
  void changedAt(long now) {
    changeSeconds = Math.floorDiv(now, NANOS_PER_SECOND);
    changeNanos = (int) Math.floorMod(now, NANOS_PER_SECOND);
  }

  /** Names of a directory changed, and so many more of its links are there. Takes the lock. */
  void renamed(long now, int moreLinks) {
    long stamp = lock.writeLock();
    try {
      links += moreLinks;
      modifiedAt(now);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** As {@link #linked}, of a name that nobody has seen yet: that changes no time. */
  void addLinks(int moreLinks) {
    long stamp = lock.writeLock();
    try {
      links += moreLinks;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** It has so many more names. Takes the lock. */
  void linked(long now, int moreLinks) {
    long stamp = lock.writeLock();
    try {
      links += moreLinks;
      changedAt(now);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** A file loses what would let others run it with its owner's rights. */
  void dropPrivileges() {
    mode &= ~Mode.SET_USER_ID;
    if ((mode & Mode.GROUP_EXECUTE) != 0) {
      mode &= ~Mode.SET_GROUP_ID;
    }
    if (extended != null) {
      extended.removeCapabilities();
    }
  }

  /** Makes a file shorter, or longer by a hole. */
  void resize(long newSize) {
    if (content != null) {
      if (newSize == 0) {
        content.clear();
      } else if (newSize < size) {
        content.punch(newSize, Long.MAX_VALUE);
      }
      size = newSize;
    }
  }

  /** Does what a setattr asks for, but for the size. */
  void apply(AttributeChanges changes, long now) {
    if (changes.has(AttributeChanges.MODE_VALID)) {
      mode = (mode & Mode.TYPE) | (changes.mode() & Mode.PERMISSIONS);
    }
    if (changes.has(AttributeChanges.UID_VALID)) {
      uid = changes.uid();
    }
    if (changes.has(AttributeChanges.GID_VALID)) {
      gid = changes.gid();
    }
    boolean chown =
        changes.has(AttributeChanges.UID_VALID) || changes.has(AttributeChanges.GID_VALID);
    if (changes.has(AttributeChanges.KILL_SUID_GID) || (chown && !isDirectory())) {
      dropPrivileges();
    }
    changedAt(now);
    if (changes.has(AttributeChanges.SIZE_VALID)) {
      modifiedAt(now);
    }
    applyTimes(changes, now);
  }

  private void applyTimes(AttributeChanges changes, long now) {
    if (changes.has(AttributeChanges.ACCESS_TIME_NOW)) {
      accessedAt(now);
    } else if (changes.has(AttributeChanges.ACCESS_TIME_VALID)) {
      accessSeconds = changes.accessSeconds();
      accessNanos = changes.accessNanos();
    }
    if (changes.has(AttributeChanges.MODIFY_TIME_NOW)) {
      modifiedAt(now);
    } else if (changes.has(AttributeChanges.MODIFY_TIME_VALID)) {
      modifySeconds = changes.modifySeconds();
      modifyNanos = changes.modifyNanos();
    }
    if (changes.has(AttributeChanges.CHANGE_TIME_VALID)) {
      changeSeconds = changes.changeSeconds();
      changeNanos = changes.changeNanos();
    }
  }
}
