package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.dispatch.Arguments;
import dev.slabmount.fuse.dispatch.TransportBuffers;
import dev.slabmount.fuse.reply.ReplySink;
import dev.slabmount.fuse.reply.WireDirectoryBuffer;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.kernel.fuse_in_header;
import dev.slabmount.nativebindings.libfuse3.fuse_buf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The native memory of one request under libfuse: the {@code struct fuse_buf} it was received in,
 * and the sink of its answer.
 *
 * <p>libfuse allocates the receive buffer (about 1 MiB of address space) at the first receive; its
 * pages are touched only as far as requests reach. The transport frees it. What the kernel wrote
 * there (header, names, data) is read with bounds: the bytes of this request and no others.
 */
final class LibfuseBuffers implements TransportBuffers {
  private static final long BUF_SIZE = fuse_buf.size$offset();
  private static final long BUF_MEM = fuse_buf.mem$offset();
  private static final long HEADER = fuse_in_header.sizeof();
  private static final long HEADER_OPCODE = fuse_in_header.opcode$offset();
  private static final long HEADER_UNIQUE = fuse_in_header.unique$offset();
  private static final long HEADER_UID = fuse_in_header.uid$offset();
  private static final long HEADER_GID = fuse_in_header.gid$offset();
  private static final long HEADER_PID = fuse_in_header.pid$offset();

  private final MemorySegment buf;
  private final LibfuseSink sink;
  private final WireDirectoryBuffer directory;
  private MemorySegment received = MemorySegment.NULL;
  private long receivedLength;
  private int upcalls;

  LibfuseBuffers(LibfuseAbi abi, Arena arena) {
    buf = arena.allocate(LibfuseAbi.LARGEST_BUF_BYTES, 8);
    sink = new LibfuseSink(abi, arena);
    directory = new WireDirectoryBuffer(arena);
  }

  @Override
  public ReplySink sink() {
    return sink;
  }

  @Override
  public WireDirectoryBuffer directory() {
    return directory;
  }

  /** Address of the {@code struct fuse_buf}. */
  long bufAddress() {
    return buf.address();
  }

  /** Looks at what libfuse has just received into the buffer. */
  @SuppressWarnings("restricted") // a view of the memory that libfuse allocated, made once
  void afterReceive() {
    long size = buf.get(JAVA_LONG, BUF_SIZE);
    long mem = buf.get(JAVA_LONG, BUF_MEM);
    if (mem != received.address() || size > received.byteSize()) {
      received = MemorySegment.ofAddress(mem).reinterpret(size);
    }
    receivedLength = size;
  }

  /** Address of the receive buffer, 0 if nothing was received yet. */
  long receiveBufferAddress() {
    return buf.get(JAVA_LONG, BUF_MEM);
  }

  /** The next answer is that of the request {@code req}. */
  void begin(long req) {
    upcalls++;
    sink.begin(req);
  }

  /** Reads the number of the request and who sent it. */
  void readHeader(Arguments into) {
    into.unique = received.get(JAVA_LONG, HEADER_UNIQUE);
    into.uid = received.get(JAVA_INT, HEADER_UID);
    into.gid = received.get(JAVA_INT, HEADER_GID);
    into.pid = received.get(JAVA_INT, HEADER_PID);
  }

  /** How many requests in these buffers libfuse has passed on; only grows. */
  int upcalls() {
    return upcalls;
  }

  /** The number of the request, in the header. */
  long unique() {
    return received.get(JAVA_LONG, HEADER_UNIQUE);
  }

  /** What is asked for: the opcode in the header. */
  int opcode() {
    return received.get(JAVA_INT, HEADER_OPCODE);
  }

  /** The 4 bytes at {@code at} behind the header. */
  int argument32(long at) {
    requireReceived(received.address() + HEADER + at, Integer.BYTES);
    return received.get(JAVA_INT, HEADER + at);
  }

  /** The 8 bytes at {@code at} behind the header. */
  long argument64(long at) {
    requireReceived(received.address() + HEADER + at, Long.BYTES);
    return received.get(JAVA_LONG, HEADER + at);
  }

  /** Copies the NUL-terminated string at {@code address}. */
  void readName(long address, Name into) {
    long start = address - received.address();
    long end = start;
    requireReceived(address, 1);
    while (received.get(JAVA_BYTE, end) != 0) {
      end++;
      if (end >= receivedLength) {
        throw new IndexOutOfBoundsException("a name that does not end within its request");
      }
    }
    int length = (int) (end - start);
    MemorySegment.copy(received, JAVA_BYTE, start, into.resize(length), 0, length);
  }

  /**
   * Checks that bytes are part of the request.
   *
   * @throws IndexOutOfBoundsException if they are not
   */
  void requireReceived(long address, long length) {
    long start = address - received.address();
    if (length != 0 && (start < 0 || length < 0 || length > receivedLength - start)) {
      throw new IndexOutOfBoundsException("arguments that lie outside their request");
    }
  }

  @Override
  public MemorySegment received(long address, int length) {
    if (address == 0 || length == 0) {
      return MemorySegment.NULL;
    }
    requireReceived(address, length);
    return received.asSlice(address - received.address(), length);
  }
}
