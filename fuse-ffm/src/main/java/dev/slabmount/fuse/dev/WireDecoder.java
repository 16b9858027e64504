package dev.slabmount.fuse.dev;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.dispatch.Arguments;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.nativebindings.kernel.KernelH;
import dev.slabmount.nativebindings.kernel.fuse_access_in;
import dev.slabmount.nativebindings.kernel.fuse_bmap_in;
import dev.slabmount.nativebindings.kernel.fuse_copy_file_range_in;
import dev.slabmount.nativebindings.kernel.fuse_create_in;
import dev.slabmount.nativebindings.kernel.fuse_fallocate_in;
import dev.slabmount.nativebindings.kernel.fuse_file_lock;
import dev.slabmount.nativebindings.kernel.fuse_flush_in;
import dev.slabmount.nativebindings.kernel.fuse_fsync_in;
import dev.slabmount.nativebindings.kernel.fuse_getattr_in;
import dev.slabmount.nativebindings.kernel.fuse_getxattr_in;
import dev.slabmount.nativebindings.kernel.fuse_in_header;
import dev.slabmount.nativebindings.kernel.fuse_ioctl_in;
import dev.slabmount.nativebindings.kernel.fuse_link_in;
import dev.slabmount.nativebindings.kernel.fuse_lk_in;
import dev.slabmount.nativebindings.kernel.fuse_lseek_in;
import dev.slabmount.nativebindings.kernel.fuse_mkdir_in;
import dev.slabmount.nativebindings.kernel.fuse_mknod_in;
import dev.slabmount.nativebindings.kernel.fuse_open_in;
import dev.slabmount.nativebindings.kernel.fuse_poll_in;
import dev.slabmount.nativebindings.kernel.fuse_read_in;
import dev.slabmount.nativebindings.kernel.fuse_release_in;
import dev.slabmount.nativebindings.kernel.fuse_rename2_in;
import dev.slabmount.nativebindings.kernel.fuse_rename_in;
import dev.slabmount.nativebindings.kernel.fuse_setattr_in;
import dev.slabmount.nativebindings.kernel.fuse_setxattr_in;
import dev.slabmount.nativebindings.kernel.fuse_write_in;

/**
 * Reads the arguments of a request into {@link Arguments}. Its caller has made sure that the
 * request is as long as {@link WireOpcode#argumentBytes} says; names, data and sizes are checked
 * here. Stateless; allocates nothing.
 */
final class WireDecoder {
  /** No request asks for or carries more: what the kernel is told when the mount begins. */
  static final int LARGEST_TRANSFER = 1 << 20;

  private static final int H = (int) fuse_in_header.sizeof();
  private static final int F_RDLCK = 0; // asm-generic/fcntl.h
  private static final int F_WRLCK = 1;
  private static final int LOCK_SH = 1; // asm-generic/fcntl.h
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int LOCK_UN = 8;

  /** What a filesystem hears of: the bits that {@link AttributeChanges} has a name for. */
  private static final int KNOWN_CHANGES =
      AttributeChanges.MODE_VALID
          | AttributeChanges.UID_VALID
          | AttributeChanges.GID_VALID
          | AttributeChanges.SIZE_VALID
          | AttributeChanges.ACCESS_TIME_VALID
          | AttributeChanges.MODIFY_TIME_VALID
          | AttributeChanges.ACCESS_TIME_NOW
          | AttributeChanges.MODIFY_TIME_NOW
          | AttributeChanges.CHANGE_TIME_VALID
          | AttributeChanges.KILL_SUID_GID;

  private WireDecoder() {}

  /** Reads the arguments; false if they make no sense. */
  static boolean decode(WireOpcode opcode, DevBuffers in, Arguments a) {
    return switch (opcode) {
      case LOOKUP, UNLINK, RMDIR, REMOVEXATTR -> in.readName(H, a.name) > 0;
      case READLINK, STATFS -> true;
      case GETATTR -> getattr(in, a);
      case SETATTR -> setattr(in, a);
      case SYMLINK -> in.readName(in.readName(H, a.name), a.secondName) > 0;
      case MKNOD -> mknod(in, a);
      case MKDIR -> mkdir(in, a);
      case RENAME -> rename(in, a, (int) fuse_rename_in.sizeof(), 0);
      case RENAME2 ->
          rename(
              in, a, (int) fuse_rename2_in.sizeof(), in.int32(H + fuse_rename2_in.flags$offset()));
      case LINK -> link(in, a);
      case OPEN, OPENDIR -> open(opcode, in, a);
      case READ, READDIR, READDIRPLUS -> read(opcode, in, a);
      case WRITE -> write(in, a);
      case RELEASE, RELEASEDIR -> release(in, a);
      case FLUSH -> flush(in, a);
      case FSYNC, FSYNCDIR -> fsync(in, a);
      case SETXATTR -> setxattr(in, a, opcode.argumentBytes());
      case GETXATTR -> size(in, a) && in.readName(H + (int) fuse_getxattr_in.sizeof(), a.name) > 0;
      case LISTXATTR -> size(in, a);
      case GETLK -> lock(in, a, false);
      case SETLK -> lock(in, a, false);
      case SETLKW -> lock(in, a, true);
      case ACCESS -> access(in, a);
      case CREATE -> create(in, a);
      case BMAP -> bmap(in, a);
      case IOCTL -> ioctl(in, a);
      case POLL -> poll(in, a);
      case FALLOCATE -> fallocate(in, a);
      case LSEEK -> lseek(in, a);
      case COPY_FILE_RANGE, COPY_FILE_RANGE_64 -> copyFileRange(in, a);
      case TMPFILE -> tmpfile(in, a);
      case STATX -> statx(in, a);
      case FORGET, BATCH_FORGET, INIT, INTERRUPT, DESTROY, NOTIFY_REPLY -> false;
    };
  }

  private static boolean getattr(DevBuffers in, Arguments a) {
    int flags = in.int32(H + fuse_getattr_in.getattr_flags$offset());
    if ((flags & KernelH.FUSE_GETATTR_FH()) != 0) {
      a.fh = in.int64(H + fuse_getattr_in.fh$offset());
    }
    return true;
  }

  private static boolean setattr(DevBuffers in, Arguments a) {
    int valid = in.int32(H + fuse_setattr_in.valid$offset());
    a.fh =
        (valid & KernelH.FATTR_FH()) != 0
            ? in.int64(H + fuse_setattr_in.fh$offset())
            : FileSystem.NO_HANDLE;
    if ((valid & KernelH.FATTR_LOCKOWNER()) != 0) {
      a.lockOwner = in.int64(H + fuse_setattr_in.lock_owner$offset());
    }
    a.changes
        .valid(valid & KNOWN_CHANGES)
        .mode(in.int32(H + fuse_setattr_in.mode$offset()))
        .uid(in.int32(H + fuse_setattr_in.uid$offset()))
        .gid(in.int32(H + fuse_setattr_in.gid$offset()))
        .size(in.int64(H + fuse_setattr_in.size$offset()))
        .accessSeconds(in.int64(H + fuse_setattr_in.atime$offset()))
        .accessNanos(in.int32(H + fuse_setattr_in.atimensec$offset()))
        .modifySeconds(in.int64(H + fuse_setattr_in.mtime$offset()))
        .modifyNanos(in.int32(H + fuse_setattr_in.mtimensec$offset()))
        .changeSeconds(in.int64(H + fuse_setattr_in.ctime$offset()))
        .changeNanos(in.int32(H + fuse_setattr_in.ctimensec$offset()));
    return (valid & KernelH.FATTR_SIZE()) == 0 || a.changes.size() >= 0;
  }

  private static boolean mknod(DevBuffers in, Arguments a) {
    a.mode = in.int32(H + fuse_mknod_in.mode$offset());
    a.number = Integer.toUnsignedLong(in.int32(H + fuse_mknod_in.rdev$offset()));
    a.umask = in.int32(H + fuse_mknod_in.umask$offset());
    return in.readName(H + (int) fuse_mknod_in.sizeof(), a.name) > 0;
  }

  private static boolean mkdir(DevBuffers in, Arguments a) {
    a.mode = in.int32(H + fuse_mkdir_in.mode$offset());
    a.umask = in.int32(H + fuse_mkdir_in.umask$offset());
    return in.readName(H + (int) fuse_mkdir_in.sizeof(), a.name) > 0;
  }

  private static boolean rename(DevBuffers in, Arguments a, int argumentBytes, int flags) {
    a.toIno = in.int64(H + fuse_rename_in.newdir$offset());
    a.flags = flags;
    return in.readName(in.readName(H + argumentBytes, a.name), a.secondName) > 0;
  }

  /** The header names the new directory, the argument the file. */
  private static boolean link(DevBuffers in, Arguments a) {
    a.toIno = a.ino;
    a.ino = in.int64(H + fuse_link_in.oldnodeid$offset());
    return in.readName(H + (int) fuse_link_in.sizeof(), a.name) > 0;
  }

  private static boolean open(WireOpcode opcode, DevBuffers in, Arguments a) {
    a.flags = in.int32(H + fuse_open_in.flags$offset());
    a.openFlags = a.flags;
    a.killsPrivileges =
        opcode == WireOpcode.OPEN && killsOnOpen(in, fuse_open_in.open_flags$offset());
    return true;
  }

  private static boolean create(DevBuffers in, Arguments a) {
    return tmpfile(in, a) && in.readName(H + (int) fuse_create_in.sizeof(), a.name) > 0;
  }

  /** As create; the name that follows says nothing. */
  private static boolean tmpfile(DevBuffers in, Arguments a) {
    a.flags = in.int32(H + fuse_create_in.flags$offset());
    a.mode = in.int32(H + fuse_create_in.mode$offset());
    a.umask = in.int32(H + fuse_create_in.umask$offset());
    a.killsPrivileges = killsOnOpen(in, fuse_create_in.open_flags$offset());
    return true;
  }

  private static boolean killsOnOpen(DevBuffers in, long openFlagsAt) {
    return (in.int32(H + openFlagsAt) & KernelH.FUSE_OPEN_KILL_SUIDGID()) != 0;
  }

  private static boolean statx(DevBuffers in, Arguments a) {
    if ((in.int32(H + WireStatx.GETATTR_FLAGS) & KernelH.FUSE_GETATTR_FH()) != 0) {
      a.fh = in.int64(H + WireStatx.FH);
    }
    a.flags = in.int32(H + WireStatx.FLAGS);
    a.number = Integer.toUnsignedLong(in.int32(H + WireStatx.MASK));
    return true;
  }

  /** The offset of a listing is a cookie, which may be any number. */
  private static boolean read(WireOpcode opcode, DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_read_in.fh$offset());
    a.offset = in.int64(H + fuse_read_in.offset$offset());
    a.length = Integer.toUnsignedLong(in.int32(H + fuse_read_in.size$offset()));
    if (opcode != WireOpcode.READ) {
      return a.length <= LARGEST_TRANSFER;
    }
    a.lockOwner = in.int64(H + fuse_read_in.lock_owner$offset());
    a.openFlags = in.int32(H + fuse_read_in.flags$offset());
    return a.length <= LARGEST_TRANSFER && isRange(a.offset, a.length);
  }

  private static boolean write(DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_write_in.fh$offset());
    a.offset = in.int64(H + fuse_write_in.offset$offset());
    a.lockOwner = in.int64(H + fuse_write_in.lock_owner$offset());
    a.openFlags = in.int32(H + fuse_write_in.flags$offset());
    int writeFlags = in.int32(H + fuse_write_in.write_flags$offset());
    a.killsPrivileges = (writeFlags & KernelH.FUSE_WRITE_KILL_SUIDGID()) != 0;
    a.fromPageCache = (writeFlags & KernelH.FUSE_WRITE_CACHE()) != 0;
    return data(in, a, H + (int) fuse_write_in.sizeof(), in.int32(H + fuse_write_in.size$offset()))
        && isRange(a.offset, a.dataLength);
  }

  private static boolean release(DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_release_in.fh$offset());
    a.openFlags = in.int32(H + fuse_release_in.flags$offset());
    a.lockOwner = in.int64(H + fuse_release_in.lock_owner$offset());
    int releaseFlags = in.int32(H + fuse_release_in.release_flags$offset());
    a.dropsLocks = (releaseFlags & KernelH.FUSE_RELEASE_FLOCK_UNLOCK()) != 0;
    return true;
  }

  private static boolean flush(DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_flush_in.fh$offset());
    a.lockOwner = in.int64(H + fuse_flush_in.lock_owner$offset());
    return true;
  }

  private static boolean fsync(DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_fsync_in.fh$offset());
    a.flags = in.int32(H + fuse_fsync_in.fsync_flags$offset()) & KernelH.FUSE_FSYNC_FDATASYNC();
    return true;
  }

  /** A SETXATTR of a kernel that has agreed on the longer form. */
  static boolean decodeLongSetxattr(DevBuffers in, Arguments a) {
    int more = in.int32(H + fuse_setxattr_in.setxattr_flags$offset());
    a.killsPrivileges = (more & KernelH.FUSE_SETXATTR_ACL_KILL_SGID()) != 0;
    return setxattr(in, a, (int) fuse_setxattr_in.sizeof());
  }

  private static boolean setxattr(DevBuffers in, Arguments a, int argumentBytes) {
    a.flags = in.int32(H + fuse_setxattr_in.flags$offset());
    int valueAt = in.readName(H + argumentBytes, a.name);
    return valueAt > 0 && data(in, a, valueAt, in.int32(H + fuse_setxattr_in.size$offset()));
  }

  private static boolean size(DevBuffers in, Arguments a) {
    a.length = Integer.toUnsignedLong(in.int32(H + fuse_getxattr_in.size$offset()));
    return a.length <= LARGEST_TRANSFER;
  }

  private static boolean lock(DevBuffers in, Arguments a, boolean wait) {
    a.fh = in.int64(H + fuse_lk_in.fh$offset());
    a.lockOwner = in.int64(H + fuse_lk_in.owner$offset());
    long lock = H + fuse_lk_in.lk$offset();
    int type = in.int32(lock + fuse_file_lock.type$offset());
    if ((in.int32(H + fuse_lk_in.lk_flags$offset()) & KernelH.FUSE_LK_FLOCK()) != 0) {
      if (a.operation == Operation.SETLK) {
        a.operation = Operation.FLOCK;
      }
      a.flags = flockOperation(type) | (wait ? 0 : LOCK_NB);
      return true;
    }
    a.lock
        .type(type)
        .start(in.int64(lock + fuse_file_lock.start$offset()))
        .end(in.int64(lock + fuse_file_lock.end$offset()))
        .pid(in.int32(lock + fuse_file_lock.pid$offset()))
        .owner(a.lockOwner);
    a.flags = wait ? 1 : 0;
    return a.lock.start() >= 0 && a.lock.end() >= a.lock.start();
  }

  private static int flockOperation(int type) {
    return switch (type) {
      case F_RDLCK -> LOCK_SH;
      case F_WRLCK -> LOCK_EX;
      default -> LOCK_UN;
    };
  }

  private static boolean access(DevBuffers in, Arguments a) {
    a.flags = in.int32(H + fuse_access_in.mask$offset());
    return true;
  }

  private static boolean bmap(DevBuffers in, Arguments a) {
    a.number = in.int64(H + fuse_bmap_in.block$offset());
    a.length = Integer.toUnsignedLong(in.int32(H + fuse_bmap_in.blocksize$offset()));
    return a.length <= Integer.MAX_VALUE;
  }

  private static boolean ioctl(DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_ioctl_in.fh$offset());
    a.flags = in.int32(H + fuse_ioctl_in.flags$offset());
    a.mode = in.int32(H + fuse_ioctl_in.cmd$offset());
    a.number = in.int64(H + fuse_ioctl_in.arg$offset());
    a.length = Integer.toUnsignedLong(in.int32(H + fuse_ioctl_in.out_size$offset()));
    int dataAt = H + (int) fuse_ioctl_in.sizeof();
    return data(in, a, dataAt, in.int32(H + fuse_ioctl_in.in_size$offset()))
        && a.length <= LARGEST_TRANSFER;
  }

  private static boolean poll(DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_poll_in.fh$offset());
    a.pollEvents = in.int32(H + fuse_poll_in.events$offset());
    int flags = in.int32(H + fuse_poll_in.flags$offset());
    if ((flags & KernelH.FUSE_POLL_SCHEDULE_NOTIFY()) != 0) {
      a.number = in.int64(H + fuse_poll_in.kh$offset());
    }
    return true;
  }

  private static boolean fallocate(DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_fallocate_in.fh$offset());
    a.offset = in.int64(H + fuse_fallocate_in.offset$offset());
    a.length = in.int64(H + fuse_fallocate_in.length$offset());
    a.mode = in.int32(H + fuse_fallocate_in.mode$offset());
    return isRange(a.offset, a.length);
  }

  private static boolean lseek(DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_lseek_in.fh$offset());
    a.offset = in.int64(H + fuse_lseek_in.offset$offset());
    a.flags = in.int32(H + fuse_lseek_in.whence$offset());
    return true;
  }

  private static boolean copyFileRange(DevBuffers in, Arguments a) {
    a.fh = in.int64(H + fuse_copy_file_range_in.fh_in$offset());
    a.offset = in.int64(H + fuse_copy_file_range_in.off_in$offset());
    a.toIno = in.int64(H + fuse_copy_file_range_in.nodeid_out$offset());
    a.toFh = in.int64(H + fuse_copy_file_range_in.fh_out$offset());
    a.toOffset = in.int64(H + fuse_copy_file_range_in.off_out$offset());
    a.length = in.int64(H + fuse_copy_file_range_in.len$offset());
    a.flags = (int) in.int64(H + fuse_copy_file_range_in.flags$offset());
    return isRange(a.offset, a.length) && isRange(a.toOffset, a.length);
  }

  /** Data of {@code size} bytes, unsigned, at {@code at}; false if it is not all there. */
  private static boolean data(DevBuffers in, Arguments a, int at, int size) {
    if (size < 0 || size > in.length() - at) {
      return false;
    }
    a.dataAddress = size == 0 ? 0 : in.address(at);
    a.dataLength = size;
    return true;
  }

  private static boolean isRange(long offset, long length) {
    return offset >= 0 && length >= 0 && offset <= Long.MAX_VALUE - length;
  }
}
