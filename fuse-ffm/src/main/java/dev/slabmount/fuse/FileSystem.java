package dev.slabmount.fuse;

import java.lang.foreign.MemorySegment;

/**
 * A filesystem, as the kernel sees it: operations on inode numbers, one method each.
 *
 * <p><b>Answers.</b> Every operation but {@link #init}, {@link #destroy}, {@link #forget} and
 * {@link #retrieveReply} owes exactly one answer through {@link Request#reply}; its Javadoc lists
 * the valid ones besides {@link Replies#error}, which is always valid. What a method throws, {@link
 * StackOverflowError} included, ends that request with {@link Errno#EIO} and nothing else.
 *
 * <p><b>Threads.</b> Methods are called from several workers at once, and from one worker one after
 * another. A method that would have to wait for anything slow detaches its request ({@link
 * Request#detach}) and returns: a blocked worker is one that serves nobody.
 *
 * <p><b>Inodes.</b> The root is {@link #ROOT}. Each {@link Replies#entry} and {@link
 * Replies#created}, and each entry of a readdirplus but {@code .} and {@code ..}, gives the kernel
 * one lookup count of that inode; {@link #forget} takes counts back. The binding keeps these books
 * too ({@link MountStats#lookupCount}). An inode must be answered for as long as it has lookup
 * counts or open handles.
 *
 * <p><b>Operations that are not overridden</b> are not offered: the kernel gets ENOSYS. Only open,
 * opendir, release, releasedir and statfs succeed without the filesystem, with the handle 0 and
 * figures of 0.
 *
 * <p><b>ENOSYS is remembered</b> where the Javadoc says so, and what becomes of the operation from
 * then on, for the whole mount: answer it on purpose or not at all. Any other error is answered for
 * this once; those that a method names are the ones that callers expect. EIO is always right.
 *
 * <p><b>Files that nobody opens.</b> Where {@link Feature#NO_OPEN_SUPPORT} is offered, an open that
 * answers {@link Errno#ENOSYS} is the last that is asked: the caller's open succeeds, the handle of
 * every later request is 0, pages are kept in the cache, and there is no release. The same for
 * {@link Feature#NO_OPENDIR_SUPPORT} and directories, whose listings the kernel then may cache.
 * Where it is not offered, ENOSYS is what the caller gets.
 *
 * <p>Meanings follow {@code fuse_lowlevel.h} of libfuse 3 and {@code linux/fuse.h}. Arguments
 * always come in the order {@code ino, fh, offset, length}. Names are bytes, see {@link Name}.
 */
public interface FileSystem {
  /** Inode number of the root directory. */
  long ROOT = 1;

  /** Stands for "no handle" where the kernel sent none; never answer it from an open. */
  long NO_HANDLE = -1;

  /**
   * The mount begins; called once, before any other method. Lets the filesystem choose kernel
   * features. If it throws, the mount fails.
   */
  default void init(Connection connection) {}

  /**
   * The mount has ended; called once, after the last operation, even if the kernel said nothing.
   */
  default void destroy() {}

  /**
   * Finds a name in a directory. Valid: entry (inode 0: a negative entry). Errors: ENOENT, ENOTDIR.
   */
  default void lookup(Request request, long parent, Name name) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * The kernel gives {@code count} lookup counts of an inode back. No answer. May never come for
   * inodes that are still known when the mount ends.
   */
  default void forget(long ino, long count) {}

  /**
   * Attributes of an inode, for stat and whenever their time is over. Valid: attributes. {@code fh}
   * may be {@link #NO_HANDLE}. Errors: ENOENT.
   */
  default void getattr(Request request, long ino, long fh) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Changes attributes: chmod, chown, truncate, utimens. Valid: attributes (the new ones). {@code
   * fh} may be {@link #NO_HANDLE}. Errors: EPERM, EACCES, EINVAL, EFBIG, ENOSPC.
   */
  default void setattr(Request request, long ino, long fh, AttributeChanges changes) {
    request.reply().error(Errno.ENOSYS);
  }

  /** Target of a symbolic link. Valid: target. Errors: EINVAL if it is not one. */
  default void readlink(Request request, long ino) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Makes a file or device node. Valid: entry. The kernel has applied the caller's umask to {@code
   * mode} unless {@link Feature#DONT_MASK} is enabled. Errors, of all that make names: EEXIST,
   * ENOSPC, ENAMETOOLONG, EACCES, EROFS.
   */
  default void mknod(Request request, long parent, Name name, int mode, int deviceNumber) {
    request.reply().error(Errno.ENOSYS);
  }

  /** Makes a directory. Valid: entry. The umask, and errors: as for mknod. */
  default void mkdir(Request request, long parent, Name name, int mode) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Removes a name. Valid: ok. The inode lives on while it is looked up or open. Errors: ENOENT,
   * EISDIR, EPERM.
   */
  default void unlink(Request request, long parent, Name name) {
    request.reply().error(Errno.ENOSYS);
  }

  /** Removes an empty directory. Valid: ok. Errors: ENOTEMPTY, ENOTDIR. */
  default void rmdir(Request request, long parent, Name name) {
    request.reply().error(Errno.ENOSYS);
  }

  /** Makes a symbolic link. Valid: entry. Errors: as mknod. */
  default void symlink(Request request, long parent, Name name, Name target) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Renames. Valid: ok. {@code flags}: 0, or RENAME_NOREPLACE 1, RENAME_EXCHANGE 2, RENAME_WHITEOUT
   * 4, of which ENOSYS is remembered: then they are EINVAL. Errors: EINVAL for what is not
   * supported, EEXIST, ENOTEMPTY, EISDIR, ENOTDIR.
   */
  default void rename(
      Request request, long parent, Name name, long newParent, Name newName, int flags) {
    request.reply().error(Errno.ENOSYS);
  }

  /** Makes a hard link. Valid: entry. Errors: as mknod; EMLINK, EPERM. */
  default void link(Request request, long ino, long newParent, Name newName) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Opens a file; {@code flags} are {@code open(2)}'s without O_CREAT, O_EXCL, O_NOCTTY. Valid:
   * opened. Errors: EACCES, EROFS, ENOENT. ENOSYS is remembered: opens succeed unasked, see above.
   */
  default void open(Request request, long ino, int flags) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Reads, for a program or ahead of it. Valid: data, slices; fewer bytes than {@code length} mean
   * the end of the file, unless it was opened with direct I/O. Errors: EISDIR, EINVAL.
   */
  default void read(Request request, long ino, long fh, long offset, int length) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Writes the request's data, which lies at {@link Request#dataAddress} without having been
   * copied. Valid: written; fewer bytes than {@code length} are a short write. {@link
   * Request#killsPrivileges}: the file's set-user-ID and set-group-ID bits must go first. {@link
   * Request#fromPageCache}: the kernel writes back what it had collected. Errors: ENOSPC, EFBIG,
   * EDQUOT.
   */
  default void write(Request request, long ino, long fh, long offset, int length) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * One {@code close(2)} of a file; may come many times for one open, or never. Promises no
   * durability. Valid: ok; an error is what close returns. ENOSYS is remembered: success unasked.
   */
  default void flush(Request request, long ino, long fh) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * The last reference to an open file is gone: once for each open. Valid: ok; nobody sees errors.
   */
  default void release(Request request, long ino, long fh) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Makes a file durable. Valid: ok. {@code dataOnly}: what fdatasync asks for. ENOSYS is
   * remembered: success unasked.
   */
  default void fsync(Request request, long ino, long fh, boolean dataOnly) {
    request.reply().error(Errno.ENOSYS);
  }

  /** Opens a directory. Valid: opened. ENOSYS is remembered: as of open. */
  default void opendir(Request request, long ino, int flags) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Lists a directory from the cookie {@code offset} on; 0 is its beginning. Valid: directory; an
   * empty buffer is the end.
   */
  default void readdir(Request request, long ino, long fh, long offset, DirectoryBuffer buffer) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * As readdir, with attributes: entries are added with {@link DirectoryBuffer#addPlus}. Valid:
   * directory.
   */
  default void readdirplus(
      Request request, long ino, long fh, long offset, DirectoryBuffer buffer) {
    request.reply().error(Errno.ENOSYS);
  }

  /** An open directory is closed: once for each opendir. Valid: ok. */
  default void releasedir(Request request, long ino, long fh) {
    request.reply().error(Errno.ENOSYS);
  }

  /** Makes a directory durable. Valid: ok. ENOSYS is remembered: success unasked. */
  default void fsyncdir(Request request, long ino, long fh, boolean dataOnly) {
    request.reply().error(Errno.ENOSYS);
  }

  /** Figures of the filesystem, for statfs and df. Valid: figures. */
  default void statfs(Request request, long ino) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Sets an extended attribute to the request's data; flags XATTR_CREATE 1, XATTR_REPLACE 2. Valid:
   * ok. Errors: EEXIST, ENODATA, ENOSPC, E2BIG. ENOSYS is remembered, of each of these four: it is
   * EOPNOTSUPP unasked. The kernel itself asks too, for {@code security.capability} before writes
   * (see {@link Feature#HANDLE_KILLPRIV_V2}).
   */
  default void setxattr(Request request, long ino, Name name, int flags) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Reads an extended attribute. Valid: valueSize if {@code size} is 0, else data. Errors: ERANGE
   * if the value is longer than {@code size}, ENODATA.
   */
  default void getxattr(Request request, long ino, Name name, int size) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Lists the names of extended attributes, each ended by a NUL. Valid: valueSize, data, as for
   * getxattr. Errors: ERANGE.
   */
  default void listxattr(Request request, long ino, int size) {
    request.reply().error(Errno.ENOSYS);
  }

  /** Removes an extended attribute. Valid: ok. Errors: ENODATA. */
  default void removexattr(Request request, long ino, Name name) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Whether the caller may: {@code mask} of R_OK 4, W_OK 2, X_OK 1; for access and chdir. Valid:
   * ok. Not asked under {@code default_permissions}. Errors: EACCES. ENOSYS is remembered: success
   * unasked.
   */
  default void access(Request request, long ino, int mask) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Makes and opens a file. Valid: created. The umask, and errors: as for mknod. ENOSYS is
   * remembered: mknod and open are asked instead.
   */
  default void create(Request request, long parent, Name name, int mode, int flags) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Makes a file without a name and opens it, for O_TMPFILE; {@link #link} may give it one later.
   * Valid: created. Errors: EOPNOTSUPP. The umask: as for mknod. ENOSYS is remembered: O_TMPFILE is
   * EOPNOTSUPP unasked. Linux 6.1; libfuse since 3.17.
   */
  default void tmpfile(Request request, long parent, int mode, int flags) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Attributes with the time of birth. {@code flags}: AT_STATX_FORCE_SYNC 0x2000,
   * AT_STATX_DONT_SYNC 0x4000; {@code mask}: what is asked for, STATX_* of {@code statx(2)}. Valid:
   * statx. The kernel asks only if somebody wants to know the time of birth, else it asks getattr.
   * {@code fh} may be {@link #NO_HANDLE}. ENOSYS is remembered: getattr is asked instead. Linux
   * 6.6; libfuse since 3.18.
   */
  default void statx(Request request, long ino, long fh, int flags, int mask) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * The kernel's answer to {@link Notifier#retrieve}. No answer.
   *
   * @param cookie the number that was given to retrieve
   * @param offset where in the file the data begins, in bytes
   * @param data what is cached from there on, which may be less than was asked for, or nothing;
   *     valid until this method returns
   */
  default void retrieveReply(long ino, long cookie, long offset, MemorySegment data) {}

  /**
   * Which lock would stand in the way. Valid: lock. Only a filesystem that overrides both this and
   * {@link #setlk} is asked; for others the kernel keeps the locks of this machine itself.
   */
  default void getlk(Request request, long ino, long fh, FileLock lock) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Takes or drops a POSIX lock; {@code wait}: detach and answer when it is granted. Valid: ok.
   * Errors: EAGAIN if somebody else has it and the caller does not wait, EDEADLK, EINTR. The
   * owner's locks end with every {@link #flush} too: a close drops them.
   */
  default void setlk(Request request, long ino, long fh, FileLock lock, boolean wait) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Takes or drops a BSD lock: LOCK_SH 1, LOCK_EX 2, LOCK_UN 8, with LOCK_NB 4. Valid: ok. Without
   * LOCK_NB: detach and answer when it is granted. Errors: EWOULDBLOCK (EAGAIN). If it is not
   * overridden, the kernel keeps these locks itself. A release whose {@link Request#dropsLocks} is
   * true drops the owner's lock as well.
   */
  default void flock(Request request, long ino, long fh, int operation) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Maps block {@code index} of a file, in units of {@code blockSize} bytes, to its device. Valid:
   * mappedBlock. The kernel asks only in mounts of block devices (type fuseblk), which {@link
   * FuseMount} does not make; the operation is here for filesystems that are driven otherwise.
   */
  default void bmap(Request request, long ino, int blockSize, long index) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * A restricted ioctl: its input is the request's data, its output at most {@code outputLength}
   * bytes, both as long as {@code command} encodes (at most 16 KiB). Valid: ioctl. {@code flags}:
   * FUSE_IOCTL_COMPAT 1, 32BIT 8, DIR 16, COMPAT_X32 32. Errors: ENOTTY, EINVAL. The unrestricted
   * form, in which the server names the caller's memory, is for character devices (CUSE) only.
   */
  default void ioctl(
      Request request, long ino, long fh, int command, long argument, int flags, int outputLength) {
    request.reply().error(Errno.ENOTTY);
  }

  /**
   * Which events are ready. Valid: polled. {@code pollHandle} not 0: keep it and wake the caller
   * once with {@link Notifier#wakePoll}. {@link Request#pollEvents} says what the caller waits for.
   * ENOSYS is remembered: always ready, unasked.
   */
  default void poll(Request request, long ino, long fh, long pollHandle) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Reserves, punches or zeroes a range; {@code mode} as in {@code fallocate(2)}. Valid: ok.
   * Errors: EOPNOTSUPP, ENOSPC. ENOSYS is remembered: EOPNOTSUPP unasked.
   */
  default void fallocate(Request request, long ino, long fh, long offset, long length, int mode) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Copies between files without the data leaving the filesystem. Valid: written. Errors: EXDEV,
   * EINVAL. ENOSYS is remembered: the kernel reads and writes instead.
   */
  default void copyFileRange(
      Request request,
      long ino,
      long fh,
      long offset,
      long toIno,
      long toFh,
      long toOffset,
      long length,
      int flags) {
    request.reply().error(Errno.ENOSYS);
  }

  /**
   * Finds data or holes: {@code whence} SEEK_DATA 3 or SEEK_HOLE 4. Valid: offset. Errors: ENXIO.
   * ENOSYS is remembered: a file is data up to its end.
   */
  default void lseek(Request request, long ino, long fh, long offset, int whence) {
    request.reply().error(Errno.ENOSYS);
  }
}
