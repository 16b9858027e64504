package dev.slabmount.nativebindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The libc calls that jextract cannot bind: it captures no errno, fixes no variadic arguments and
 * skips {@code va_list}.
 *
 * <p>Each call that can fail takes first the caller's capture segment, which {@link #allocateErrno}
 * makes and {@link #errno} reads: a thread keeps one of its own and makes no other call between the
 * two. Pointers are raw addresses; the caller keeps what they point to alive. A call allocates
 * nothing and may block. Results are C's: -1 means that errno says why.
 *
 * <p><b>Any thread.</b> Source of the signatures: the man pages of sections 2 and 3.
 */
@SuppressWarnings("restricted") // Linker
public final class Libc {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURE.varHandle(PathElement.groupElement("errno")).withInvokeExactBehavior();

  private static final MethodHandle READ = bind("read", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle WRITE =
      bind("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle WRITEV =
      bind("writev", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle ALIGNED_ALLOC =
      bind("aligned_alloc", JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle MEMCPY =
      bindPlain("memcpy", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle MEMSET =
      bindPlain("memset", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);

  // To bind a call takes milliseconds and memory, for each new signature. The classes below bind
  // those that no mount makes when it begins, the first time that they are made.

  private static final class Files {
    static final MethodHandle OPEN =
        bindVariadic("open", 2, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    static final MethodHandle CLOSE = bind("close", JAVA_INT, JAVA_INT);
    static final MethodHandle SYNCFS = bind("syncfs", JAVA_INT, JAVA_INT);
    static final MethodHandle STATFS = bind("statfs", JAVA_INT, JAVA_LONG, JAVA_LONG);
  }

  private static final class Ioctl {
    static final MethodHandle IOCTL =
        bindVariadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  }

  private static final class Unmounting {
    static final MethodHandle UMOUNT2 = bind("umount2", JAVA_INT, JAVA_LONG, JAVA_INT);
  }

  private static final class Self {
    static final MethodHandle GETPAGESIZE = bind("getpagesize", JAVA_INT);
    static final MethodHandle GETEUID = bind("geteuid", JAVA_INT);
  }

  private static final class Text {
    static final MethodHandle VSNPRINTF =
        bind("vsnprintf", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  }

  private Libc() {}

  /** Memory for the errno of one thread's calls. */
  public static MemorySegment allocateErrno(final SegmentAllocator allocator) {
    return allocator.allocate(CAPTURE);
  }

  /** The errno of the last failed call that was given this segment. */
  public static int errno(final MemorySegment capture) {
    return (int) ERRNO.get(capture, 0L);
  }

  /** {@code ssize_t read(int fd, void *buf, size_t count)}. */
  public static long read(
      final MemorySegment capture, final int fd, final long buffer, final long count) {
    try {
      return (long) READ.invokeExact(capture, fd, buffer, count);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code ssize_t write(int fd, const void *buf, size_t count)}. */
  public static long write(
      final MemorySegment capture, final int fd, final long buffer, final long count) {
    try {
      return (long) WRITE.invokeExact(capture, fd, buffer, count);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code ssize_t writev(int fd, const struct iovec *iov, int iovcnt)}. */
  public static long writev(
      final MemorySegment capture, final int fd, final long iov, final int iovCount) {
    try {
      return (long) WRITEV.invokeExact(capture, fd, iov, iovCount);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int open(const char *pathname, int flags, ... mode_t mode)}. */
  public static int open(
      final MemorySegment capture, final long path, final int flags, final int mode) {
    try {
      return (int) Files.OPEN.invokeExact(capture, path, flags, mode);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int close(int fd)}. */
  public static int close(final MemorySegment capture, final int fd) {
    try {
      return (int) Files.CLOSE.invokeExact(capture, fd);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int ioctl(int fd, unsigned long request, ... void *argument)}. */
  public static int ioctl(
      final MemorySegment capture, final int fd, final long request, final long argument) {
    try {
      return (int) Ioctl.IOCTL.invokeExact(capture, fd, request, argument);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int umount2(const char *target, int flags)}. */
  public static int umount2(final MemorySegment capture, final long target, final int flags) {
    try {
      return (int) Unmounting.UMOUNT2.invokeExact(capture, target, flags);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int syncfs(int fd)}. */
  public static int syncfs(final MemorySegment capture, final int fd) {
    try {
      return (int) Files.SYNCFS.invokeExact(capture, fd);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int statfs(const char *path, struct statfs *buf)}. */
  public static int statfs(final MemorySegment capture, final long path, final long result) {
    try {
      return (int) Files.STATFS.invokeExact(capture, path, result);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code uid_t geteuid(void)}: whose files this process makes. */
  public static int getEffectiveUser(final MemorySegment capture) {
    try {
      return (int) Self.GETEUID.invokeExact(capture);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * {@code void *aligned_alloc(size_t alignment, size_t size)}: memory that nothing has touched
   * yet, unlike an arena's, which is zeroed and so takes up all its pages at once. Of large pieces
   * only what is written to takes up memory. 0 if there is none; ended by {@link #free}.
   *
   * @param size a multiple of {@code alignment}, which is a power of two
   */
  public static long alignedAlloc(
      final MemorySegment capture, final long alignment, final long size) {
    try {
      return (long) ALIGNED_ALLOC.invokeExact(capture, alignment, size);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int getpagesize(void)}: bytes in a page of memory, as the kernel counts them. */
  public static int getPageSize(final MemorySegment capture) {
    try {
      return (int) Self.GETPAGESIZE.invokeExact(capture);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * {@code void free(void *ptr)}: frees what libfuse allocated and left to us, and what {@link
   * #alignedAlloc} returned. No errno, so this is jextract's.
   */
  public static void free(final long address) {
    LibfuseH.free(MemorySegment.ofAddress(address));
  }

  /**
   * {@code void *memcpy(void *dest, const void *src, size_t n)}: copies between two places that do
   * not overlap. About 10 ns more than C's own; from 64 KiB on faster than a copy between segments.
   */
  public static void copy(final long to, final long from, final long bytes) {
    try {
      final long ignored = (long) MEMCPY.invokeExact(to, from, bytes);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code void *memset(void *s, int c, size_t n)} with 0. */
  public static void zero(final long address, final long bytes) {
    try {
      final long ignored = (long) MEMSET.invokeExact(address, 0, bytes);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * {@code int vsnprintf(char *str, size_t size, const char *format, va_list ap)}. A {@code
   * va_list} parameter is passed as an address on both x86-64 (it is an array) and aarch64 (it is a
   * structure of more than 16 bytes).
   */
  public static int vsnprintf(
      final MemorySegment capture,
      final long buffer,
      final long capacity,
      final long format,
      final long arguments) {
    try {
      return (int) Text.VSNPRINTF.invokeExact(capture, buffer, capacity, format, arguments);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  private static MethodHandle bind(
      final String name, final MemoryLayout result, final MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, parameters),
        CAPTURE_ERRNO);
  }

  /** For calls that cannot fail. */
  private static MethodHandle bindPlain(
      final String name, final MemoryLayout result, final MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, parameters));
  }

  private static MethodHandle bindVariadic(
      final String name,
      final int firstVariadic,
      final MemoryLayout result,
      final MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, parameters),
        CAPTURE_ERRNO,
        Linker.Option.firstVariadicArg(firstVariadic));
  }
}
