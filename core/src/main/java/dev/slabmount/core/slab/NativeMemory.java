package dev.slabmount.core.slab;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * {@code mmap}, {@code madvise} and {@code munmap}: the only class of this module that uses {@link
 * Linker} and other restricted methods.
 *
 * <p>An {@link Arena} could allocate the memory too, but it fills it with zeros and so touches
 * every page. Here an arena only guards it: a segment of a closed arena refuses every access, so
 * that a view which outlives the pool fails with an exception and does not read unmapped memory.
 *
 * <p>The numbers are those of Linux on x86-64 and aarch64 (include/uapi/asm-generic/mman-common.h
 * and mman.h).
 *
 * <p>Any thread.
 */
@SuppressWarnings("restricted") // The one class of this module that may call native code.
final class NativeMemory {
  private static final int PROT_READ_WRITE = 0x1 | 0x2;
  private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
  private static final long MAP_FAILED = -1L;
  private static final int MADV_HUGEPAGE = 14;

  private static final long PAGE_BYTES = 4096;

  private NativeMemory() {}

  /**
   * Reserves zero-filled memory that is only backed by pages once it is touched.
   *
   * @param bytes how much, a multiple of 4096
   * @param alignment of the first byte, a power of two of at least 4096
   * @param owner closing this arena unmaps the memory
   * @throws ReservationException if the system refuses
   */
  static MemorySegment reserve(final long bytes, final long alignment, final Arena owner) {
    assert bytes > 0 && bytes % PAGE_BYTES == 0 : bytes;
    assert alignment >= PAGE_BYTES && Long.bitCount(alignment) == 1 : alignment;
    final long mapped = Math.addExact(bytes, alignment - PAGE_BYTES);
    final long address = Calls.get().mmap(mapped);
    final long aligned = (address + alignment - 1) & -alignment;
    return MemorySegment.ofAddress(aligned)
        .reinterpret(bytes, owner, ignored -> Calls.get().munmap(address, mapped));
  }

  /**
   * Asks for huge pages under {@code memory}. Advice only: a kernel built without them refuses, and
   * nothing is lost.
   */
  static void adviseHugePages(final MemorySegment memory) {
    Calls.get().madvise(memory.address(), memory.byteSize(), MADV_HUGEPAGE);
  }

  /** The linked functions, or the reason why there are none. */
  private static final class Calls {
    private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
        CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final MethodHandle mmap;
    private final MethodHandle munmap;
    private final MethodHandle madvise;

    private Calls() {
      final Linker linker = Linker.nativeLinker();
      final SymbolLookup libc = linker.defaultLookup();
      final Linker.Option errno = Linker.Option.captureCallState("errno");
      mmap =
          linker.downcallHandle(
              libc.findOrThrow("mmap"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG),
              errno);
      munmap =
          linker.downcallHandle(
              libc.findOrThrow("munmap"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
      madvise =
          linker.downcallHandle(
              libc.findOrThrow("madvise"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT));
    }

    /** Links on first use, so that the reason for a failure reaches the caller as itself. */
    private static final class Holder {
      private static final Object CALLS_OR_REASON = link();

      private static Object link() {
        try {
          return new Calls();
        } catch (final IllegalCallerException e) {
          final Module module = NativeMemory.class.getModule();
          final String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
          return new ReservationException(
              "native access is not enabled; start java with --enable-native-access=" + name, e);
        } catch (final UnsupportedOperationException | java.util.NoSuchElementException e) {
          return new ReservationException("this platform has no mmap to call: " + e, e);
        }
      }
    }

    static Calls get() {
      if (Holder.CALLS_OR_REASON instanceof final Calls calls) {
        return calls;
      }
      throw (ReservationException) Holder.CALLS_OR_REASON;
    }

    long mmap(final long bytes) {
      try (Arena arena = Arena.ofConfined()) {
        final MemorySegment state = arena.allocate(CALL_STATE);
        final long address =
            (long)
                mmap.invokeExact(
                    state, 0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
        if (address == MAP_FAILED) {
          throw new ReservationException(
              "cannot reserve "
                  + bytes
                  + " bytes of address space: mmap failed with errno "
                  + (int) ERRNO.get(state, 0L)
                  + "; use a smaller pool, or look at 'ulimit -v' and vm.overcommit_memory",
              null);
        }
        return address;
      } catch (final ReservationException e) {
        throw e;
      } catch (final Throwable e) {
        throw new AssertionError("mmap cannot throw", e);
      }
    }

    void munmap(final long address, final long bytes) {
      try {
        final int result = (int) munmap.invokeExact(address, bytes);
        assert result == 0 : "munmap of our own mapping failed";
      } catch (final Throwable e) {
        throw new AssertionError("munmap cannot throw", e);
      }
    }

    void madvise(final long address, final long bytes, final int advice) {
      try {
        final int ignored = (int) madvise.invokeExact(address, bytes, advice);
      } catch (final Throwable e) {
        throw new AssertionError("madvise cannot throw", e);
      }
    }
  }
}
