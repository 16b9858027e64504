package dev.slabmount.fuse.mount;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.fuse.session.MountTable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process can leak, counted: threads of the binding, descriptors, mappings, mounts below a
 * directory, bytes that C has allocated.
 */
record Holdings(long threads, long descriptors, long mappings, long mounts, long mallocBytes) {
  /** {@code struct mallinfo2}, ten of {@code size_t} (mallinfo(3)). */
  private static final StructLayout INFO = MemoryLayout.structLayout(longs(10));

  private static final long IN_USE = 7 * Long.BYTES; // uordblks
  private static final long MAPPED = 4 * Long.BYTES; // hblkhd

  private static MemoryLayout[] longs(int count) {
    return Stream.generate(() -> JAVA_LONG).limit(count).toArray(MemoryLayout[]::new);
  }

  static Holdings now(Path below) throws IOException {
    long threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("fuse-"))
            .count();
    long mounts = MountTable.read().stream().filter(m -> m.mountPoint().startsWith(below)).count();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"));
        Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
      return new Holdings(threads, descriptors.count(), mappings.count(), mounts, inUseByC());
    }
  }

  private static long inUseByC() {
    Linker linker = Linker.nativeLinker();
    MethodHandle mallinfo =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mallinfo2"), FunctionDescriptor.of(INFO));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = (MemorySegment) mallinfo.invokeExact((SegmentAllocator) arena);
      return info.get(JAVA_LONG, IN_USE) + info.get(JAVA_LONG, MAPPED);
    } catch (Throwable e) {
      throw new IllegalStateException("mallinfo2", e);
    }
  }
}
