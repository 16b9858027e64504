package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Memory between two pages that nobody may touch: who reads a byte behind what was put at its end
 * ends the process. Mapped for good; one thread.
 */
@SuppressWarnings("restricted") // mmap and mprotect
final class GuardedMemory {
  private static final int PAGE = 1 << 16; // a multiple of every page size
  private static final int PROT_NONE = 0;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final MethodHandle MMAP =
      bind(
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MPROTECT =
      bind("mprotect", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private final MemorySegment memory;

  /** Maps; {@code capacity} bytes at most are put there. */
  GuardedMemory(int capacity) {
    long bytes = (capacity + PAGE - 1L) / PAGE * PAGE;
    try {
      MemorySegment all =
          (MemorySegment)
              MMAP.invokeExact(0L, bytes + 2L * PAGE, PROT_NONE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
      long address = all.address() + PAGE;
      int result = (int) MPROTECT.invokeExact(address, bytes, PROT_READ_WRITE);
      if (all.address() == -1 || result != 0) {
        throw new IllegalStateException("no memory");
      }
      memory = MemorySegment.ofAddress(address).reinterpret(bytes);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle bind(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  /**
   * Puts bytes as close to the end as an address that is a multiple of 8 allows, and returns that.
   */
  long place(byte[] bytes) {
    long at = (memory.byteSize() - bytes.length) & -8L;
    memory.asSlice(at + bytes.length).fill((byte) 'A');
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, at, bytes.length);
    return memory.address() + at;
  }
}
