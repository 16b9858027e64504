package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Slices;
import dev.slabmount.fuse.reply.ReplySink;
import dev.slabmount.fuse.reply.StatxEncoder;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LibfuseAbi.FileInfoFlags;
import dev.slabmount.nativebindings.LibfuseCalls;
import dev.slabmount.nativebindings.LibfuseNewerCalls;
import dev.slabmount.nativebindings.Platform;
import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import dev.slabmount.nativebindings.libfuse3.flock;
import dev.slabmount.nativebindings.libfuse3.fuse_file_info;
import dev.slabmount.nativebindings.libfuse3.iovec;
import dev.slabmount.nativebindings.libfuse3.statvfs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Encodes answers as the C structs of libfuse and sends them with {@code fuse_reply_*}.
 *
 * <p>Data goes to the kernel from where it lies: libfuse builds an {@code iovec} over it and calls
 * {@code writev}. One request at a time; {@code fuse_reply_*} may be called from any thread and
 * frees the {@code fuse_req_t} whatever it returns.
 */
final class LibfuseSink implements ReplySink {
  private static final Platform PLATFORM = Platform.current().orElseThrow();
  private static final double NANOS_PER_SECOND = 1e9;
  private static final int IOV_MAX = 1023; // limits.h allows writev 1024; libfuse adds the header
  private static final int SCRATCH_BYTES = 4352; // a link target of PATH_MAX and any struct
  private static final int BYTES_MIN = 4096;

  private static final MemorySegment ZEROS = Arena.global().allocate(SCRATCH_BYTES);

  private final FileInfoFlags flags;
  private final Arena arena;
  private final MemorySegment scratch;
  private final MemorySegment fileInfo;
  private MemorySegment iov;
  private MemorySegment bytes = MemorySegment.NULL;
  private long req;

  LibfuseSink(LibfuseAbi abi, Arena arena) {
    this.arena = arena;
    flags = abi.fileInfoFlags();
    scratch = arena.allocate(SCRATCH_BYTES, 8);
    fileInfo = arena.allocate(LibfuseAbi.LARGEST_FILE_INFO_BYTES, 8);
    iov = arena.allocate(iovec.layout(), 8);
  }

  /** The next answer is for this request. */
  void begin(long request) {
    req = request;
  }

  @Override
  public int error(int errno) {
    return LibfuseCalls.replyErr(req, errno);
  }

  @Override
  public int entry(Entry entry) {
    encode(entry);
    return LibfuseCalls.replyEntry(req, scratch.address());
  }

  @Override
  public int created(Entry entry, OpenedFile file) {
    encode(entry);
    encode(file);
    return LibfuseCalls.replyCreate(req, scratch.address(), fileInfo.address());
  }

  @Override
  public int attributes(Attributes attributes, long timeoutNanos) {
    clear(StatStruct.bytes());
    StatStruct.write(scratch, 0, attributes);
    return LibfuseCalls.replyAttr(req, scratch.address(), timeoutNanos / NANOS_PER_SECOND);
  }

  @Override
  public int statx(Attributes attributes, int mask, long timeoutNanos) {
    StatxEncoder.write(scratch, 0, attributes, mask);
    return LibfuseNewerCalls.replyStatx(req, scratch.address(), timeoutNanos / NANOS_PER_SECOND);
  }

  @Override
  public int opened(OpenedFile file) {
    encode(file);
    return LibfuseCalls.replyOpen(req, fileInfo.address());
  }

  @Override
  public int target(byte[] target, int offset, int length) {
    MemorySegment.copy(target, offset, scratch, JAVA_BYTE, 0, length);
    scratch.set(JAVA_BYTE, length, (byte) 0);
    return LibfuseCalls.replyReadlink(req, scratch.address());
  }

  @Override
  public int bytes(byte[] source, int offset, int length) {
    reserveBytes(length);
    MemorySegment.copy(source, offset, bytes, JAVA_BYTE, 0, length);
    return LibfuseCalls.replyBuf(req, bytes.address(), length);
  }

  @Override
  public int data(long address, int length) {
    return LibfuseCalls.replyBuf(req, address, length);
  }

  @Override
  public int slices(Slices slices) {
    int count = slices.count();
    if (count == 1) {
      return data(slices.address(0), slices.length(0));
    }
    if (count > IOV_MAX) {
      return copied(slices);
    }
    if (count * iovec.sizeof() > iov.byteSize()) {
      iov = arena.allocate(2L * count * iovec.sizeof(), 8);
    }
    for (int i = 0; i < count; i++) {
      long at = i * iovec.sizeof();
      iov.set(JAVA_LONG, at + iovec.iov_base$offset(), slices.address(i));
      iov.set(JAVA_LONG, at + iovec.iov_len$offset(), slices.length(i));
    }
    return LibfuseCalls.replyIov(req, iov.address(), count);
  }

  /** More pieces than one writev takes: they are put together first. */
  private int copied(Slices slices) {
    int length = Math.toIntExact(slices.totalLength());
    reserveBytes(length);
    long at = 0;
    for (int i = 0; i < slices.count(); i++) {
      CallerMemory.copy(slices.address(i), bytes, at, slices.length(i));
      at += slices.length(i);
    }
    return LibfuseCalls.replyBuf(req, bytes.address(), length);
  }

  /** Doubles, because an arena frees nothing before its end. */
  private void reserveBytes(int length) {
    if (length > bytes.byteSize()) {
      bytes = arena.allocate(Math.max(2L * length, BYTES_MIN), 8);
    }
  }

  @Override
  public int written(int count) {
    return LibfuseCalls.replyWrite(req, count);
  }

  @Override
  public int valueSize(int size) {
    return LibfuseCalls.replyXattr(req, size);
  }

  @Override
  public int figures(FileSystemFigures f) {
    clear(statvfs.sizeof());
    statvfs.f_bsize(scratch, f.ioSize());
    statvfs.f_frsize(scratch, f.blockSize());
    statvfs.f_blocks(scratch, f.blocks());
    statvfs.f_bfree(scratch, f.blocksFree());
    statvfs.f_bavail(scratch, f.blocksAvailable());
    statvfs.f_files(scratch, f.files());
    statvfs.f_ffree(scratch, f.filesFree());
    statvfs.f_favail(scratch, f.filesFree());
    statvfs.f_namemax(scratch, f.nameLengthMax());
    return LibfuseCalls.replyStatfs(req, scratch.address());
  }

  @Override
  public int lock(FileLock lock) {
    clear(flock.sizeof());
    long end = lock.end();
    scratch.set(JAVA_SHORT, flock.l_type$offset(), (short) lock.type());
    scratch.set(JAVA_LONG, flock.l_start$offset(), lock.start());
    scratch.set(
        JAVA_LONG, flock.l_len$offset(), end == Long.MAX_VALUE ? 0 : end - lock.start() + 1);
    scratch.set(JAVA_INT, flock.l_pid$offset(), lock.pid());
    return LibfuseCalls.replyLock(req, scratch.address());
  }

  @Override
  public int offset(long offset) {
    return LibfuseCalls.replyLseek(req, offset);
  }

  @Override
  public int mappedBlock(long index) {
    return LibfuseH.fuse_reply_bmap(MemorySegment.ofAddress(req), index);
  }

  @Override
  public int ioctl(int result, long address, int length) {
    return LibfuseCalls.replyIoctl(req, result, address, length);
  }

  @Override
  public int polled(int events) {
    return LibfuseCalls.replyPoll(req, events);
  }

  @Override
  public boolean interrupted() {
    return LibfuseCalls.requestInterrupted(req) != 0;
  }

  private void encode(Entry entry) {
    clear(PLATFORM.entryBytes());
    scratch.set(JAVA_LONG, 0, entry.ino());
    scratch.set(JAVA_LONG, Long.BYTES, entry.generation());
    StatStruct.write(scratch, PLATFORM.entryAttrOffset(), entry.attributes());
    scratch.set(
        JAVA_DOUBLE,
        PLATFORM.entryAttrTimeoutOffset(),
        entry.attributesTimeoutNanos() / NANOS_PER_SECOND);
    scratch.set(
        JAVA_DOUBLE, PLATFORM.entryTimeoutOffset(), entry.entryTimeoutNanos() / NANOS_PER_SECOND);
  }

  private void encode(OpenedFile file) {
    int bits = 0;
    bits |= file.directIo() ? flags.directIo() : 0;
    bits |= file.keepCache() ? flags.keepCache() : 0;
    bits |= file.nonseekable() || file.stream() ? flags.nonseekable() : 0;
    bits |= file.cacheReaddir() ? flags.cacheReaddir() : 0;
    bits |= file.noFlush() ? flags.noflush() : 0;
    bits |= file.parallelDirectWrites() ? flags.parallelDirectWrites() : 0;
    fileInfo.fill((byte) 0);
    fileInfo.set(JAVA_INT, LibfuseAbi.FILE_INFO_FLAGS_OFFSET, bits);
    fileInfo.set(JAVA_LONG, fuse_file_info.fh$offset(), file.fh());
  }

  private void clear(long bytesFromStart) {
    MemorySegment.copy(ZEROS, 0, scratch, 0, bytesFromStart); // fill would need a slice, an object
  }
}
