package dev.slabmount.nativebindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory that the process maps for itself: {@code mmap}, {@code madvise} and {@code munmap}. Apart
 * from {@link Libc}, so that a program which never maps memory does not link them when it starts.
 *
 * <p>Addresses are raw; nothing is mapped again while somebody may still use it, which is the
 * caller's business. <b>Any thread.</b> The numbers are those of Linux on x86-64 and aarch64
 * (include/uapi/asm-generic/mman-common.h and mman.h).
 */
@SuppressWarnings("restricted") // Linker
public final class AnonymousMemory {
  private static final int PROT_READ_WRITE = 0x1 | 0x2;
  private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
  private static final long MAP_FAILED = -1;
  private static final int MADV_HUGEPAGE = 14;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle MMAP =
      bind("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MUNMAP = bind("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle MADVISE =
      bind("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

  private AnonymousMemory() {}

  /**
   * Maps memory that reads as zeros. It takes up memory page by page as it is written to, by huge
   * pages where the system gives them unasked, and none is reserved for it before.
   *
   * @param bytes its length, above 0 and a multiple of the page size
   * @return its address, that of a page; 0 if the system refuses
   */
  public static long map(final long bytes) {
    try {
      final long address =
          (long)
              MMAP.invokeExact(0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
      return address == MAP_FAILED ? 0 : address;
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** Gives back what {@link #map} returned, all of it; nobody may use it any more. */
  public static void unmap(final long address, final long bytes) {
    try {
      final int ignored = (int) MUNMAP.invokeExact(address, bytes);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * Asks for huge pages: 2 MiB on x86-64, from one multiple of that to the next. Such a page takes
   * up memory as a whole. A kernel built without them refuses, and nothing is lost.
   */
  public static void adviseHugePages(final long address, final long bytes) {
    try {
      final int ignored = (int) MADVISE.invokeExact(address, bytes, MADV_HUGEPAGE);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  private static MethodHandle bind(
      final String name, final MemoryLayout result, final MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, parameters));
  }
}
