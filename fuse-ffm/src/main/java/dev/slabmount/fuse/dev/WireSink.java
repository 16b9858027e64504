package dev.slabmount.fuse.dev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Slices;
import dev.slabmount.fuse.reply.ReplySink;
import dev.slabmount.fuse.reply.StatxEncoder;
import dev.slabmount.fuse.reply.WireEncoder;
import dev.slabmount.nativebindings.kernel.KernelH;
import dev.slabmount.nativebindings.kernel.fuse_attr_out;
import dev.slabmount.nativebindings.kernel.fuse_bmap_out;
import dev.slabmount.nativebindings.kernel.fuse_entry_out;
import dev.slabmount.nativebindings.kernel.fuse_file_lock;
import dev.slabmount.nativebindings.kernel.fuse_getxattr_out;
import dev.slabmount.nativebindings.kernel.fuse_ioctl_out;
import dev.slabmount.nativebindings.kernel.fuse_kstatfs;
import dev.slabmount.nativebindings.kernel.fuse_lk_out;
import dev.slabmount.nativebindings.kernel.fuse_lseek_out;
import dev.slabmount.nativebindings.kernel.fuse_open_out;
import dev.slabmount.nativebindings.kernel.fuse_out_header;
import dev.slabmount.nativebindings.kernel.fuse_poll_out;
import dev.slabmount.nativebindings.kernel.fuse_statfs_out;
import dev.slabmount.nativebindings.kernel.fuse_write_out;
import dev.slabmount.nativebindings.libfuse3.iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Encodes answers as the kernel reads them and sends each with one system call. Data goes from
 * where it lies: the header and the caller's addresses are gathered by {@code writev}.
 *
 * <pre>
 *   fuse_out_header:  len u32 | error i32, negative errno | unique u64    then the struct or data
 * </pre>
 *
 * <p>One request at a time; any thread. Allocates only for answers longer than any before.
 */
final class WireSink implements ReplySink {
  private static final int HEADER = (int) fuse_out_header.sizeof();
  private static final int LEN = DevBuffers.ANSWER + (int) fuse_out_header.len$offset();
  private static final int ERROR = DevBuffers.ANSWER + (int) fuse_out_header.error$offset();
  private static final int UNIQUE = DevBuffers.ANSWER + (int) fuse_out_header.unique$offset();
  private static final int BODY = DevBuffers.ANSWER + HEADER;

  private static final int IOVEC = (int) iovec.sizeof();
  private static final int IOV_MAX = 1024; // limits.h: what one writev takes
  private static final int IOV_INSIDE = 16; // iovecs at the end of the answer's memory
  private static final int IOV = DevBuffers.ANSWER + DevBuffers.ANSWER_BYTES - IOV_INSIDE * IOVEC;
  private static final int BYTES_INSIDE = IOV - BODY;
  private static final int BYTES_MIN = 1 << 13;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final Channel channel;
  private final MemorySegment memory;
  private final MemorySegment errno;
  private final DevBuffers buffers;
  private final Arena arena;
  private final long headerAddress;
  private MemorySegment iovs;
  private long iovAt;
  private int iovCapacity = IOV_INSIDE;
  private MemorySegment bytes = MemorySegment.NULL;

  WireSink(
      Channel channel, MemorySegment memory, MemorySegment errno, DevBuffers buffers, Arena arena) {
    this.channel = channel;
    this.memory = memory;
    this.errno = errno;
    this.buffers = buffers;
    this.arena = arena;
    headerAddress = memory.address() + DevBuffers.ANSWER;
    iovs = memory;
    iovAt = IOV;
  }

  /** The next answer is for the request with this number. */
  void begin(long unique) {
    memory.set(JAVA_LONG, UNIQUE, unique);
  }

  @Override
  public int error(int code) {
    memory.set(JAVA_INT, LEN, HEADER);
    memory.set(JAVA_INT, ERROR, -code);
    return channel.send(errno, headerAddress, HEADER);
  }

  @Override
  public int entry(Entry entry) {
    WireEncoder.entry(memory, BODY, entry);
    return send(fuse_entry_out.sizeof());
  }

  @Override
  public int created(Entry entry, OpenedFile file) {
    WireEncoder.entry(memory, BODY, entry);
    encode(BODY + fuse_entry_out.sizeof(), file);
    return send(fuse_entry_out.sizeof() + fuse_open_out.sizeof());
  }

  @Override
  public int attributes(Attributes attributes, long timeoutNanos) {
    long nanos = Math.max(0, timeoutNanos);
    memory.set(JAVA_LONG, BODY + fuse_attr_out.attr_valid$offset(), nanos / NANOS_PER_SECOND);
    memory.set(
        JAVA_INT, BODY + fuse_attr_out.attr_valid_nsec$offset(), (int) (nanos % NANOS_PER_SECOND));
    memory.set(JAVA_INT, BODY + fuse_attr_out.dummy$offset(), 0);
    WireEncoder.attributes(memory, BODY + fuse_attr_out.attr$offset(), attributes);
    return send(fuse_attr_out.sizeof());
  }

  @Override
  public int statx(Attributes attributes, int mask, long timeoutNanos) {
    for (int at = 0; at < WireStatx.STAT; at += Long.BYTES) {
      memory.set(JAVA_LONG, BODY + at, 0);
    }
    long nanos = Math.max(0, timeoutNanos);
    memory.set(JAVA_LONG, BODY + WireStatx.VALID, nanos / NANOS_PER_SECOND);
    memory.set(JAVA_INT, BODY + WireStatx.VALID_NSEC, (int) (nanos % NANOS_PER_SECOND));
    StatxEncoder.write(memory, BODY + WireStatx.STAT, attributes, mask);
    return send(WireStatx.STAT + StatxEncoder.BYTES);
  }

  @Override
  public int opened(OpenedFile file) {
    encode(BODY, file);
    return send(fuse_open_out.sizeof());
  }

  @Override
  public int target(byte[] target, int offset, int length) {
    return bytes(target, offset, length);
  }

  @Override
  public int bytes(byte[] source, int offset, int length) {
    if (length <= BYTES_INSIDE) {
      MemorySegment.copy(source, offset, memory, JAVA_BYTE, BODY, length);
      return send(length);
    }
    reserveBytes(length);
    MemorySegment.copy(source, offset, bytes, JAVA_BYTE, 0, length);
    return data(bytes.address(), length);
  }

  @Override
  public int data(long address, int length) {
    if (length == 0) {
      return send(0);
    }
    ok(requireNotNegative(length));
    setIovec(1, address, length);
    return gather(2);
  }

  @Override
  public int slices(Slices slices) {
    int count = slices.count();
    ok(Math.toIntExact(slices.totalLength()));
    if (count >= IOV_MAX) {
      return copied(slices);
    }
    reserveIovecs(count + 1);
    for (int i = 0; i < count; i++) {
      setIovec(i + 1, slices.address(i), requireNotNegative(slices.length(i)));
    }
    return gather(count + 1);
  }

  /** More pieces than one writev takes: they are put together first. */
  @SuppressWarnings("restricted") // the filesystem says where its pieces lie
  private int copied(Slices slices) {
    int total = Math.toIntExact(slices.totalLength());
    reserveBytes(total);
    long at = 0;
    for (int i = 0; i < slices.count(); i++) {
      int length = slices.length(i);
      MemorySegment piece = MemorySegment.ofAddress(slices.address(i)).reinterpret(length);
      MemorySegment.copy(piece, 0, bytes, at, length);
      at += length;
    }
    return data(bytes.address(), total);
  }

  @Override
  public int written(int count) {
    memory.set(JAVA_INT, BODY + fuse_write_out.size$offset(), count);
    memory.set(JAVA_INT, BODY + fuse_write_out.padding$offset(), 0);
    return send(fuse_write_out.sizeof());
  }

  @Override
  public int valueSize(int size) {
    memory.set(JAVA_INT, BODY + fuse_getxattr_out.size$offset(), size);
    memory.set(JAVA_INT, BODY + fuse_getxattr_out.padding$offset(), 0);
    return send(fuse_getxattr_out.sizeof());
  }

  @Override
  public int figures(FileSystemFigures f) {
    for (long at = 0; at < fuse_statfs_out.sizeof(); at += Long.BYTES) {
      memory.set(JAVA_LONG, BODY + at, 0);
    }
    memory.set(JAVA_LONG, BODY + fuse_kstatfs.blocks$offset(), f.blocks());
    memory.set(JAVA_LONG, BODY + fuse_kstatfs.bfree$offset(), f.blocksFree());
    memory.set(JAVA_LONG, BODY + fuse_kstatfs.bavail$offset(), f.blocksAvailable());
    memory.set(JAVA_LONG, BODY + fuse_kstatfs.files$offset(), f.files());
    memory.set(JAVA_LONG, BODY + fuse_kstatfs.ffree$offset(), f.filesFree());
    memory.set(JAVA_INT, BODY + fuse_kstatfs.bsize$offset(), f.ioSize());
    memory.set(JAVA_INT, BODY + fuse_kstatfs.namelen$offset(), f.nameLengthMax());
    memory.set(JAVA_INT, BODY + fuse_kstatfs.frsize$offset(), f.blockSize());
    return send(fuse_statfs_out.sizeof());
  }

  @Override
  public int lock(FileLock lock) {
    memory.set(JAVA_LONG, BODY + fuse_file_lock.start$offset(), lock.start());
    memory.set(JAVA_LONG, BODY + fuse_file_lock.end$offset(), lock.end());
    memory.set(JAVA_INT, BODY + fuse_file_lock.type$offset(), lock.type());
    memory.set(JAVA_INT, BODY + fuse_file_lock.pid$offset(), lock.pid());
    return send(fuse_lk_out.sizeof());
  }

  @Override
  public int offset(long offset) {
    memory.set(JAVA_LONG, BODY + fuse_lseek_out.offset$offset(), offset);
    return send(fuse_lseek_out.sizeof());
  }

  @Override
  public int mappedBlock(long index) {
    memory.set(JAVA_LONG, BODY + fuse_bmap_out.block$offset(), index);
    return send(fuse_bmap_out.sizeof());
  }

  @Override
  public int ioctl(int result, long address, int length) {
    memory.set(JAVA_INT, BODY + fuse_ioctl_out.result$offset(), result);
    memory.set(JAVA_INT, BODY + fuse_ioctl_out.flags$offset(), 0);
    memory.set(JAVA_INT, BODY + fuse_ioctl_out.in_iovs$offset(), 0);
    memory.set(JAVA_INT, BODY + fuse_ioctl_out.out_iovs$offset(), 0);
    if (length == 0) {
      return send(fuse_ioctl_out.sizeof());
    }
    ok((int) fuse_ioctl_out.sizeof() + requireNotNegative(length));
    setIovec(1, headerAddress + HEADER, fuse_ioctl_out.sizeof());
    setIovec(2, address, length);
    return gather(3);
  }

  @Override
  public int polled(int events) {
    memory.set(JAVA_INT, BODY + fuse_poll_out.revents$offset(), events);
    memory.set(JAVA_INT, BODY + fuse_poll_out.padding$offset(), 0);
    return send(fuse_poll_out.sizeof());
  }

  @Override
  public boolean interrupted() {
    return buffers.isInterrupted();
  }

  /** Sends {@code length} bytes that somebody has put behind the header. */
  int send(long length) {
    ok((int) length);
    return channel.send(errno, headerAddress, HEADER + length);
  }

  /** Where an answer's struct goes, in {@link #answer()}. */
  static int body() {
    return BODY;
  }

  /** The memory to put it in. */
  MemorySegment answer() {
    return memory;
  }

  private void ok(int bodyLength) {
    memory.set(JAVA_INT, LEN, HEADER + bodyLength);
    memory.set(JAVA_INT, ERROR, 0);
  }

  private int gather(int count) {
    setIovec(0, headerAddress, HEADER);
    return channel.gather(errno, iovs.address() + iovAt, count);
  }

  private void setIovec(int index, long address, long length) {
    long at = iovAt + (long) index * IOVEC;
    iovs.set(JAVA_LONG, at + iovec.iov_base$offset(), address);
    iovs.set(JAVA_LONG, at + iovec.iov_len$offset(), length);
  }

  /** Grows for good; IOV_MAX is a bound. */
  private void reserveIovecs(int count) {
    if (count > iovCapacity) {
      iovs = arena.allocate((long) IOV_MAX * IOVEC, Long.BYTES);
      iovAt = 0;
      iovCapacity = IOV_MAX;
    }
  }

  /** Doubles, because an arena frees nothing before its end. */
  private void reserveBytes(int length) {
    if (length > bytes.byteSize()) {
      bytes = arena.allocate(Math.max(2L * length, BYTES_MIN), Long.BYTES);
    }
  }

  private void encode(long at, OpenedFile file) {
    int flags = 0;
    flags |= file.directIo() ? KernelH.FOPEN_DIRECT_IO() : 0;
    flags |= file.keepCache() ? KernelH.FOPEN_KEEP_CACHE() : 0;
    flags |= file.nonseekable() ? KernelH.FOPEN_NONSEEKABLE() : 0;
    flags |= file.stream() ? KernelH.FOPEN_STREAM() : 0;
    flags |= file.cacheReaddir() ? KernelH.FOPEN_CACHE_DIR() : 0;
    flags |= file.noFlush() ? KernelH.FOPEN_NOFLUSH() : 0;
    flags |= file.parallelDirectWrites() ? KernelH.FOPEN_PARALLEL_DIRECT_WRITES() : 0;
    memory.set(JAVA_LONG, at + fuse_open_out.fh$offset(), file.fh());
    memory.set(JAVA_INT, at + fuse_open_out.open_flags$offset(), flags);
    memory.set(JAVA_INT, at + fuse_open_out.padding$offset(), 0);
  }

  private static int requireNotNegative(int length) {
    if (length < 0) {
      throw new IllegalArgumentException("an answer of " + length + " bytes");
    }
    return length;
  }
}
