package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;

/**
 * What a request carries, in one form for all transports. A transport fills it in, {@link
 * Dispatcher} unpacks it for {@link FileSystem}; which fields an operation uses is visible there.
 *
 * <p>Plain fields, because nothing here is an invariant: written by the worker before the dispatch,
 * read by it during the operation. This package is not exported.
 */
public final class Arguments {
  /** What is asked for. */
  public Operation operation = Operation.LOOKUP;

  /** Number of the request. */
  public long unique;

  /** Who asks. */
  public int uid;

  /** Which group asks. */
  public int gid;

  /** Which thread asks. */
  public int pid;

  /** Mask for what is created. */
  public int umask;

  /** Flags of the open file in use. */
  public int openFlags;

  /** The kernel's lock owner. */
  public long lockOwner;

  /** The inode, or the directory of {@link #name}. */
  public long ino;

  /** The handle, or {@link FileSystem#NO_HANDLE}. */
  public long fh;

  /** Where in the file, or the cookie of a listing. */
  public long offset;

  /** How many bytes. */
  public long length;

  /** The second inode or directory: rename, link, copy_file_range. */
  public long toIno;

  /** The second handle. */
  public long toFh;

  /** The second offset. */
  public long toOffset;

  /** Flags, command or mask of the operation itself. */
  public int flags;

  /** File mode, or the mode of fallocate. */
  public int mode;

  /** A number with no better name: device, block, poll handle, ioctl argument. */
  public long number;

  /** Address of the data that came along, 0 if none. */
  public long dataAddress;

  /** Its length in bytes. */
  public int dataLength;

  /** What a poll waits for. */
  public int pollEvents;

  /** A write or open: set-user-ID and set-group-ID bits must go. */
  public boolean killsPrivileges;

  /** A write: out of the kernel's page cache. */
  public boolean fromPageCache;

  /** A release: the BSD lock of the owner ends. */
  public boolean dropsLocks;

  /** The name in {@link #ino}. */
  public final Name name = new Name();

  /** The name in {@link #toIno}, or the target of a symlink. */
  public final Name secondName = new Name();

  /** What a setattr changes. */
  public final AttributeChanges changes = new AttributeChanges();

  /** The lock in question. */
  public final FileLock lock = new FileLock();

  Arguments() {}

  /** Forgets the previous request. Names, changes and lock are written by whoever needs them. */
  public void clear(Operation next) {
    operation = next;
    unique = lockOwner = ino = offset = length = toIno = toOffset = number = dataAddress = 0;
    uid = gid = pid = umask = openFlags = flags = mode = dataLength = pollEvents = 0;
    killsPrivileges = fromPageCache = dropsLocks = false;
    fh = toFh = FileSystem.NO_HANDLE;
  }
}
