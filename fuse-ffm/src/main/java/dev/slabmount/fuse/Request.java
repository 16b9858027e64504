package dev.slabmount.fuse;

import java.lang.foreign.MemorySegment;

/**
 * One request of the kernel: who asks, the scratch to build an answer in, and the way to answer.
 *
 * <p><b>Lifetime.</b> A request is valid until the {@link FileSystem} method it was passed to
 * returns; after {@link #detach} the request that detach returned is valid until it is answered.
 * Answering it later than that is refused, counted and logged; it never reaches another request.
 *
 * <p><b>Thread rule.</b> An undetached request belongs to the worker that called. A detached one
 * may be used by any one thread at a time; its answer may come from any thread.
 */
public interface Request {
  /** Number of this request, as the kernel and debug logs know it; 0 if the transport hides it. */
  long unique();

  /** User on whose behalf the kernel asks; 0 for work of the kernel's own. */
  int uid();

  /** Group on whose behalf the kernel asks. */
  int gid();

  /** Thread that asks, in the daemon's pid namespace; 0 if it is unknown there. */
  int pid();

  /**
   * The caller's file mode creation mask; 0 for requests that create nothing. The kernel has
   * applied it already unless {@link Feature#DONT_MASK} is enabled.
   */
  int umask();

  /** Open flags ({@code O_*}) of the file that this request uses, 0 where the kernel sends none. */
  int openFlags();

  /** The kernel's opaque lock owner, 0 where the kernel sends none. */
  long lockOwner();

  /**
   * The caller's supplementary groups, without {@link #gid}; as they are now, read from {@code
   * /proc}. Empty if the thread is unknown in the daemon's pid namespace or gone. Allocates and
   * makes system calls: ask only where access depends on it.
   */
  int[] supplementaryGroups();

  /**
   * Whether set-user-ID and set-group-ID bits of the file must go with this write or truncating
   * open, under {@link Feature#HANDLE_KILLPRIV_V2}: the caller lacks CAP_FSETID. A setattr says it
   * with {@link AttributeChanges#KILL_SUID_GID}. Of a setxattr, under {@link Feature#SETXATTR_EXT}:
   * whether the set-group-ID bit must go, because an access control list is set by somebody who is
   * not of the file's group.
   */
  boolean killsPrivileges();

  /**
   * Whether a write comes out of the kernel's page cache: then handle, pid and lock owner are not
   * those of whoever wrote, but of some open file.
   */
  boolean fromPageCache();

  /** Whether a release ends the BSD lock of {@link #lockOwner}. */
  boolean dropsLocks();

  /** What a poll waits for, {@code POLL*} of {@code poll(2)}; 0 for other operations. */
  int pollEvents();

  /** Whether the caller has given up: a fatal signal arrived. The answer is still owed. */
  boolean interrupted();

  /**
   * Has {@code action} run, once, when the caller gives up before the answer is out: the way to
   * cancel what the answer waits for. It runs on a worker, or at once on this thread if the caller
   * has given up already; it must not wait, and may answer (with {@link Errno#EINTR}, say). A
   * second action replaces the first.
   *
   * @throws IllegalStateException unless the request is detached
   */
  void onInterrupt(Runnable action);

  /**
   * Whether the answer is out: given by the filesystem, or by the binding in its place because the
   * operation threw or the mount ends. Any thread; may change at any moment from false to true.
   */
  boolean isAnswered();

  /**
   * Address of the bytes that came with the request (write, setxattr, ioctl), {@link #dataLength}
   * long; 0 if none did. They stay valid as long as the request.
   */
  long dataAddress();

  /** Length in bytes of what came with the request. */
  int dataLength();

  /** The bytes at {@link #dataAddress} as a segment. Allocates; for everything but hot paths. */
  MemorySegment data();

  /**
   * Lets the operation return before the answer is there. The returned request carries the same
   * scratch, names and data; this one is used up.
   *
   * <p>Detached requests are bounded: with none left the calling worker waits for one to be
   * answered (counted in {@link MountStats#detachWaits}). At unmount those still open when the
   * deadline passes are answered with {@link Errno#EIO}.
   *
   * @throws IllegalStateException if the request was already answered or detached
   */
  Request detach();

  /** The ways to answer; exactly one of them, once. */
  Replies reply();

  /** Scratch: an entry, cleared when the request began. */
  Entry entry();

  /** Scratch: attributes for {@link Replies#attributes}. */
  Attributes attributes();

  /** Scratch: an opened file for {@link Replies#opened} and {@link Replies#created}. */
  OpenedFile openedFile();

  /** Scratch: figures for {@link Replies#figures}. */
  FileSystemFigures figures();

  /** Scratch: pieces of memory for {@link Replies#slices}. */
  Slices slices();
}
