package dev.slabmount.fuse.dev;

import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.nativebindings.kernel.KernelH;
import dev.slabmount.nativebindings.kernel.fuse_access_in;
import dev.slabmount.nativebindings.kernel.fuse_batch_forget_in;
import dev.slabmount.nativebindings.kernel.fuse_bmap_in;
import dev.slabmount.nativebindings.kernel.fuse_copy_file_range_in;
import dev.slabmount.nativebindings.kernel.fuse_create_in;
import dev.slabmount.nativebindings.kernel.fuse_fallocate_in;
import dev.slabmount.nativebindings.kernel.fuse_flush_in;
import dev.slabmount.nativebindings.kernel.fuse_forget_in;
import dev.slabmount.nativebindings.kernel.fuse_fsync_in;
import dev.slabmount.nativebindings.kernel.fuse_getattr_in;
import dev.slabmount.nativebindings.kernel.fuse_getxattr_in;
import dev.slabmount.nativebindings.kernel.fuse_init_in;
import dev.slabmount.nativebindings.kernel.fuse_interrupt_in;
import dev.slabmount.nativebindings.kernel.fuse_ioctl_in;
import dev.slabmount.nativebindings.kernel.fuse_link_in;
import dev.slabmount.nativebindings.kernel.fuse_lk_in;
import dev.slabmount.nativebindings.kernel.fuse_lseek_in;
import dev.slabmount.nativebindings.kernel.fuse_mkdir_in;
import dev.slabmount.nativebindings.kernel.fuse_mknod_in;
import dev.slabmount.nativebindings.kernel.fuse_notify_retrieve_in;
import dev.slabmount.nativebindings.kernel.fuse_open_in;
import dev.slabmount.nativebindings.kernel.fuse_poll_in;
import dev.slabmount.nativebindings.kernel.fuse_read_in;
import dev.slabmount.nativebindings.kernel.fuse_release_in;
import dev.slabmount.nativebindings.kernel.fuse_rename2_in;
import dev.slabmount.nativebindings.kernel.fuse_rename_in;
import dev.slabmount.nativebindings.kernel.fuse_setattr_in;
import dev.slabmount.nativebindings.kernel.fuse_setxattr_in;
import dev.slabmount.nativebindings.kernel.fuse_write_in;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel may ask: the number on the wire, the operation it is, and how long what follows
 * the header is at least. Names and data come behind that.
 *
 * <p>What is missing here (SYNCFS, SETUPMAPPING …) is answered with ENOSYS, after which the kernel
 * does without.
 */
enum WireOpcode {
  LOOKUP(KernelH.FUSE_LOOKUP(), Operation.LOOKUP, 0),
  FORGET(KernelH.FUSE_FORGET(), null, fuse_forget_in.sizeof()),
  GETATTR(KernelH.FUSE_GETATTR(), Operation.GETATTR, fuse_getattr_in.sizeof()),
  SETATTR(KernelH.FUSE_SETATTR(), Operation.SETATTR, fuse_setattr_in.sizeof()),
  READLINK(KernelH.FUSE_READLINK(), Operation.READLINK, 0),
  SYMLINK(KernelH.FUSE_SYMLINK(), Operation.SYMLINK, 0),
  MKNOD(KernelH.FUSE_MKNOD(), Operation.MKNOD, fuse_mknod_in.sizeof()),
  MKDIR(KernelH.FUSE_MKDIR(), Operation.MKDIR, fuse_mkdir_in.sizeof()),
  UNLINK(KernelH.FUSE_UNLINK(), Operation.UNLINK, 0),
  RMDIR(KernelH.FUSE_RMDIR(), Operation.RMDIR, 0),
  RENAME(KernelH.FUSE_RENAME(), Operation.RENAME, fuse_rename_in.sizeof()),
  LINK(KernelH.FUSE_LINK(), Operation.LINK, fuse_link_in.sizeof()),
  OPEN(KernelH.FUSE_OPEN(), Operation.OPEN, fuse_open_in.sizeof()),
  READ(KernelH.FUSE_READ(), Operation.READ, fuse_read_in.sizeof()),
  WRITE(KernelH.FUSE_WRITE(), Operation.WRITE, fuse_write_in.sizeof()),
  STATFS(KernelH.FUSE_STATFS(), Operation.STATFS, 0),
  RELEASE(KernelH.FUSE_RELEASE(), Operation.RELEASE, fuse_release_in.sizeof()),
  FSYNC(KernelH.FUSE_FSYNC(), Operation.FSYNC, fuse_fsync_in.sizeof()),
  SETXATTR(KernelH.FUSE_SETXATTR(), Operation.SETXATTR, Sizes.SETXATTR),
  GETXATTR(KernelH.FUSE_GETXATTR(), Operation.GETXATTR, fuse_getxattr_in.sizeof()),
  LISTXATTR(KernelH.FUSE_LISTXATTR(), Operation.LISTXATTR, fuse_getxattr_in.sizeof()),
  REMOVEXATTR(KernelH.FUSE_REMOVEXATTR(), Operation.REMOVEXATTR, 0),
  FLUSH(KernelH.FUSE_FLUSH(), Operation.FLUSH, fuse_flush_in.sizeof()),
  INIT(KernelH.FUSE_INIT(), null, Sizes.INIT),
  OPENDIR(KernelH.FUSE_OPENDIR(), Operation.OPENDIR, fuse_open_in.sizeof()),
  READDIR(KernelH.FUSE_READDIR(), Operation.READDIR, fuse_read_in.sizeof()),
  RELEASEDIR(KernelH.FUSE_RELEASEDIR(), Operation.RELEASEDIR, fuse_release_in.sizeof()),
  FSYNCDIR(KernelH.FUSE_FSYNCDIR(), Operation.FSYNCDIR, fuse_fsync_in.sizeof()),
  GETLK(KernelH.FUSE_GETLK(), Operation.GETLK, fuse_lk_in.sizeof()),
  SETLK(KernelH.FUSE_SETLK(), Operation.SETLK, fuse_lk_in.sizeof()),
  SETLKW(KernelH.FUSE_SETLKW(), Operation.SETLK, fuse_lk_in.sizeof()),
  ACCESS(KernelH.FUSE_ACCESS(), Operation.ACCESS, fuse_access_in.sizeof()),
  CREATE(KernelH.FUSE_CREATE(), Operation.CREATE, fuse_create_in.sizeof()),
  INTERRUPT(KernelH.FUSE_INTERRUPT(), null, fuse_interrupt_in.sizeof()),
  BMAP(KernelH.FUSE_BMAP(), Operation.BMAP, fuse_bmap_in.sizeof()),
  DESTROY(KernelH.FUSE_DESTROY(), null, 0),
  IOCTL(KernelH.FUSE_IOCTL(), Operation.IOCTL, fuse_ioctl_in.sizeof()),
  POLL(KernelH.FUSE_POLL(), Operation.POLL, fuse_poll_in.sizeof()),
  NOTIFY_REPLY(KernelH.FUSE_NOTIFY_REPLY(), null, fuse_notify_retrieve_in.sizeof()),
  BATCH_FORGET(KernelH.FUSE_BATCH_FORGET(), null, fuse_batch_forget_in.sizeof()),
  FALLOCATE(KernelH.FUSE_FALLOCATE(), Operation.FALLOCATE, fuse_fallocate_in.sizeof()),
  READDIRPLUS(KernelH.FUSE_READDIRPLUS(), Operation.READDIRPLUS, fuse_read_in.sizeof()),
  RENAME2(KernelH.FUSE_RENAME2(), Operation.RENAME, fuse_rename2_in.sizeof()),
  LSEEK(KernelH.FUSE_LSEEK(), Operation.LSEEK, fuse_lseek_in.sizeof()),
  COPY_FILE_RANGE(
      KernelH.FUSE_COPY_FILE_RANGE(), Operation.COPY_FILE_RANGE, fuse_copy_file_range_in.sizeof()),
  COPY_FILE_RANGE_64(
      Sizes.COPY_FILE_RANGE_64, Operation.COPY_FILE_RANGE, fuse_copy_file_range_in.sizeof()),
  TMPFILE(KernelH.FUSE_TMPFILE(), Operation.TMPFILE, fuse_create_in.sizeof()),
  STATX(WireStatx.OPCODE, Operation.STATX, WireStatx.IN_BYTES);

  private static final @Nullable WireOpcode[] BY_NUMBER = byNumber();

  private final int number;
  private final @Nullable Operation operation;
  private final int argumentBytes;

  WireOpcode(int number, @Nullable Operation operation, long argumentBytes) {
    this.number = number;
    this.operation = operation;
    this.argumentBytes = (int) argumentBytes;
  }

  /**
   * Sizes of structs that the kernel may send shorter than the header declares them, and what the
   * header does not know.
   */
  private static final class Sizes {
    /** Without what FUSE_SETXATTR_EXT adds: size and flags. */
    static final long SETXATTR = fuse_setxattr_in.setxattr_flags$offset();

    /**
     * A number. Younger than the header that the bindings are made from; the arguments are those of
     * COPY_FILE_RANGE, and its answer, a 64-bit count, is the same bytes as the other's 32-bit
     * count and padding of 0. Source: {@code struct fuse_copy_file_range_out} in Linux 6.18's
     * {@code include/uapi/linux/fuse.h}.
     */
    static final int COPY_FILE_RANGE_64 = 53;

    /** Kernels before 5.17 end it where flags2 begins. */
    static final long INIT = fuse_init_in.flags2$offset();

    private Sizes() {}
  }

  private static @Nullable WireOpcode[] byNumber() {
    int largest = 0;
    for (WireOpcode opcode : values()) {
      largest = Math.max(largest, opcode.number);
    }
    @Nullable WireOpcode[] table = new WireOpcode[largest + 1];
    for (WireOpcode opcode : values()) {
      table[opcode.number] = opcode;
    }
    return table;
  }

  /** The opcode of a number, null if we do not know it. */
  static @Nullable WireOpcode of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }

  /** The number on the wire. */
  int number() {
    return number;
  }

  /** What the filesystem is asked; null if it is not. */
  @Nullable Operation operation() {
    return operation;
  }

  /** Bytes that follow the header at least, names and data not counted. */
  int argumentBytes() {
    return argumentBytes;
  }

  /** Whether the kernel wants no answer. An INTERRUPT has one only if it should be sent again. */
  boolean isUnanswered() {
    return this == FORGET || this == BATCH_FORGET || this == INTERRUPT || this == NOTIFY_REPLY;
  }
}
