package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.dispatch.Arguments;
import dev.slabmount.nativebindings.libfuse3.flock;
import dev.slabmount.nativebindings.libfuse3.fuse_buf;
import dev.slabmount.nativebindings.libfuse3.fuse_bufvec;
import dev.slabmount.nativebindings.libfuse3.fuse_ctx;
import dev.slabmount.nativebindings.libfuse3.fuse_file_info;
import dev.slabmount.nativebindings.libfuse3.fuse_forget_data;
import java.lang.foreign.MemorySegment;

/**
 * Reads the small structs that libfuse passes to an upcall by address: they lie on its own stack,
 * so no segment of ours contains them.
 *
 * <p>This is the one place that touches memory without bounds. It does so at addresses that libfuse
 * itself made, at offsets of the generated layouts; at rows of a forget, which its caller has
 * checked to be part of the request; and at pieces of an answer, whose addresses are the
 * filesystem's word. It never does so at an address or length that came from the kernel's bytes:
 * those are read through {@link LibfuseBuffers}, with bounds. A segment for each struct would cost
 * an allocation in every upcall (docs/adr/0004).
 */
@SuppressWarnings("restricted")
final class CallerMemory {
  /** Bytes of a {@code struct fuse_forget_data}. */
  static final long FORGET_SIZE = fuse_forget_data.sizeof();

  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final long FI_FLAGS = fuse_file_info.flags$offset();
  private static final long FI_FH = fuse_file_info.fh$offset();
  private static final long FI_LOCK_OWNER = fuse_file_info.lock_owner$offset();
  private static final long CTX_UMASK = fuse_ctx.umask$offset();
  private static final long FORGET_INO = fuse_forget_data.ino$offset();
  private static final long FORGET_NLOOKUP = fuse_forget_data.nlookup$offset();
  private static final long VECTOR_FIRST = fuse_bufvec.buf$offset();
  private static final long LOCK_TYPE = flock.l_type$offset();
  private static final long LOCK_START = flock.l_start$offset();
  private static final long LOCK_LEN = flock.l_len$offset();
  private static final long LOCK_PID = flock.l_pid$offset();

  private CallerMemory() {}

  /** Handle, flags and lock owner of a {@code struct fuse_file_info}; address 0 means none. */
  static void readFileInfo(long fi, Arguments into) {
    if (fi == 0) {
      into.fh = FileSystem.NO_HANDLE;
      return;
    }
    into.fh = ALL.get(JAVA_LONG, fi + FI_FH);
    into.openFlags = ALL.get(JAVA_INT, fi + FI_FLAGS);
    into.lockOwner = ALL.get(JAVA_LONG, fi + FI_LOCK_OWNER);
  }

  /** Handle of a {@code struct fuse_file_info}. */
  static long handle(long fi) {
    return fi == 0 ? FileSystem.NO_HANDLE : ALL.get(JAVA_LONG, fi + FI_FH);
  }

  /** Open flags of a {@code struct fuse_file_info}. */
  static int openFlags(long fi) {
    return ALL.get(JAVA_INT, fi + FI_FLAGS);
  }

  /** File mode creation mask of a {@code struct fuse_ctx}. */
  static int umask(long context) {
    return ALL.get(JAVA_INT, context + CTX_UMASK);
  }

  /** Inode of row {@code index} of an array of {@code struct fuse_forget_data}. */
  static long forgetIno(long array, long index) {
    return ALL.get(JAVA_LONG, array + index * FORGET_SIZE + FORGET_INO);
  }

  /** Count of row {@code index} of an array of {@code struct fuse_forget_data}. */
  static long forgetCount(long array, long index) {
    return ALL.get(JAVA_LONG, array + index * FORGET_SIZE + FORGET_NLOOKUP);
  }

  /** Address of the first piece of a {@code struct fuse_bufvec}. */
  static long firstAddress(long vector) {
    return ALL.get(JAVA_LONG, vector + VECTOR_FIRST + fuse_buf.mem$offset());
  }

  /** Length in bytes of the first piece of a {@code struct fuse_bufvec}. */
  static long firstLength(long vector) {
    return ALL.get(JAVA_LONG, vector + VECTOR_FIRST + fuse_buf.size$offset());
  }

  /** A {@code struct flock}, whose length 0 means "to the end". */
  static void readLock(long address, FileLock into) {
    long start = ALL.get(JAVA_LONG, address + LOCK_START);
    long length = ALL.get(JAVA_LONG, address + LOCK_LEN);
    into.type(ALL.get(JAVA_SHORT, address + LOCK_TYPE))
        .start(start)
        .end(length == 0 ? Long.MAX_VALUE : start + length - 1)
        .pid(ALL.get(JAVA_INT, address + LOCK_PID));
  }

  /** Copies a piece of an answer. */
  static void copy(long address, MemorySegment into, long at, long length) {
    MemorySegment.copy(ALL, address, into, at, length);
  }

  /** A {@code struct stat} that says what to change; {@code valid} says which of it counts. */
  static void readChanges(long stat, int valid, AttributeChanges into) {
    StatStruct.read(ALL, stat, into.valid(valid));
  }
}
