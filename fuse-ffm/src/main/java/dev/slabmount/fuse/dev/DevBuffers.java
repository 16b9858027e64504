package dev.slabmount.fuse.dev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.dispatch.TransportBuffers;
import dev.slabmount.fuse.reply.ReplySink;
import dev.slabmount.fuse.reply.WireDirectoryBuffer;
import dev.slabmount.nativebindings.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The native memory of one request: where it is received, and the sink of its answer.
 *
 * <pre>
 *   0          64                               page                         page + capacity
 *   +----------+--------------------------------+-----------------------------------+
 *   | errno    | answer: header, struct, iovecs | request: header, arguments, data  |
 *   +----------+--------------------------------+-----------------------------------+
 * </pre>
 *
 * <p>One piece of malloc'd memory, because an arena's would be zeroed and so take up all its pages
 * at once, where only what requests reach is ever needed; freed by {@link #free}. The view of it is
 * of the global scope, so that passing it to a call costs no bookkeeping.
 *
 * <p><b>Bounds.</b> Requests are read at offsets within the request. Who reads has compared {@link
 * #length} with what it is going to read; the capacity is checked again by the segment.
 */
final class DevBuffers implements TransportBuffers {
  /** Where the answer is encoded, in bytes from the beginning. */
  static final int ANSWER = 64;

  /** How much of that there is. */
  static final int ANSWER_BYTES = 4096 - ANSWER;

  private static final int REQUEST = ANSWER + ANSWER_BYTES;
  private static final int PAGE = 4096;
  private static final VarHandle SERVED;
  private static final VarHandle INTERRUPTED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      SERVED = lookup.findVarHandle(DevBuffers.class, "served", long.class);
      INTERRUPTED = lookup.findVarHandle(DevBuffers.class, "interrupted", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Channel channel;
  private final MemorySegment memory;
  private final MemorySegment errno;
  private final long requestAddress;
  private final int capacity;
  private final WireSink sink;
  private final WireDirectoryBuffer directory;
  private int length;

  // Numbers of requests, which the kernel never uses twice: the one that came last, and the last
  // one among those of these buffers that was interrupted. Whoever serves an INTERRUPT reads the
  // first and writes the second, any time: a number that is no longer current means nothing to
  // anybody. Who serves asks without ordering; who marks looks in one order (edge F1 of
  // docs/MEMORY_MODEL.md).
  private long served;
  private long interrupted;

  /**
   * Allocates.
   *
   * @param capacity the longest request in bytes, a multiple of 4096
   * @param arena for what is needed rarely; a shared one
   */
  @SuppressWarnings("restricted") // a view of the memory that was just allocated, made once
  DevBuffers(Channel channel, int capacity, Arena arena) {
    this.channel = channel;
    this.capacity = capacity;
    long bytes = (long) REQUEST + capacity;
    long address = Libc.alignedAlloc(Libc.allocateErrno(arena), PAGE, bytes);
    if (address == 0) {
      throw new OutOfMemoryError("no " + bytes + " bytes of native memory for a request");
    }
    memory = MemorySegment.ofAddress(address).reinterpret(bytes);
    errno = Libc.allocateErrno(SegmentAllocator.prefixAllocator(memory));
    requestAddress = address + REQUEST;
    sink = new WireSink(channel, memory, errno, this, arena);
    directory = new WireDirectoryBuffer(arena);
  }

  /** Frees everything but what belongs to the arena. Nobody may use it any more. */
  void free() {
    Libc.free(memory.address());
  }

  @Override
  public ReplySink sink() {
    return sink;
  }

  /** The sink as what it is. */
  WireSink wireSink() {
    return sink;
  }

  @Override
  public WireDirectoryBuffer directory() {
    return directory;
  }

  /** Waits for a request; returns its length, or a negative errno. */
  int receive() {
    int received = (int) channel.receive(errno, requestAddress, capacity);
    length = Math.max(0, received);
    return received;
  }

  /** Length in bytes of the request, header and all. */
  int length() {
    return length;
  }

  /** The 4 bytes at {@code at}. */
  int int32(long at) {
    return memory.get(JAVA_INT, REQUEST + at);
  }

  /** The 8 bytes at {@code at}. */
  long int64(long at) {
    return memory.get(JAVA_LONG, REQUEST + at);
  }

  /** Address of the byte at {@code at}. */
  long address(long at) {
    return requestAddress + at;
  }

  /**
   * Copies the string at {@code at}, which a NUL must end within the request.
   *
   * @param at -1, if the string before it was not one
   * @return where the next argument begins, or -1 if there is no such string or it is empty
   */
  int readName(int at, Name into) {
    if (at < 0) {
      return -1;
    }
    int end = at;
    while (end < length && memory.get(JAVA_BYTE, REQUEST + (long) end) != 0) {
      end++;
    }
    if (end >= length || end == at) {
      return -1;
    }
    int count = end - at;
    MemorySegment.copy(memory, JAVA_BYTE, REQUEST + (long) at, into.resize(count), 0, count);
    return end + 1;
  }

  @Override
  public MemorySegment received(long address, int count) {
    if (address == 0 || count == 0) {
      return MemorySegment.NULL;
    }
    long start = address - requestAddress;
    if (start < 0 || count < 0 || count > length - start) {
      throw new IndexOutOfBoundsException("bytes that lie outside their request");
    }
    return memory.asSlice(REQUEST + start, count);
  }

  /** The request is the one with this number. */
  void serving(long unique) {
    SERVED.setOpaque(this, unique);
  }

  /**
   * If these buffers serve the request with this number, marks it; returns whether. Any thread. A
   * marker that was kept from running must not replace the mark of a later request (edge F1).
   */
  boolean interruptIfServing(long unique) {
    while (true) {
      long marked = (long) INTERRUPTED.getVolatile(this);
      if ((long) SERVED.getVolatile(this) != unique) {
        return false;
      }
      if (INTERRUPTED.compareAndSet(this, marked, unique)) {
        return true;
      }
    }
  }

  /** Whether the request was interrupted. Any thread that may answer it. */
  boolean isInterrupted() {
    return (long) INTERRUPTED.getOpaque(this) == (long) SERVED.getOpaque(this);
  }
}
