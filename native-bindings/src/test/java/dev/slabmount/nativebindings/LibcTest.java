package dev.slabmount.nativebindings;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import dev.slabmount.nativebindings.libfuse3.iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls reach libc with their arguments in place, and errno comes back. */
class LibcTest {
  /** {@code FIONREAD}: how many bytes can be read (source: asm-generic/ioctls.h). */
  private static final long FIONREAD = 0x541B;

  @TempDir Path folder;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment errno = Libc.allocateErrno(arena);

  @Test
  void shouldCreateWriteReadAndClose() throws Exception {
    final Path file = folder.resolve("file");
    final int created =
        Libc.open(
            errno,
            text(file.toString()).address(),
            LibfuseH.O_CREAT() | LibfuseH.O_EXCL() | LibfuseH.O_WRONLY(),
            0600);
    assertEquals(5, Libc.write(errno, created, text("hello").address(), 5));
    assertEquals(0, Libc.close(errno, created));
    assertEquals("hello", Files.readString(file));
    assertEquals(
        Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE),
        Files.getPosixFilePermissions(file),
        "the variadic third argument of open");

    final int opened = Libc.open(errno, text(file.toString()).address(), LibfuseH.O_RDONLY(), 0);
    final MemorySegment buffer = arena.allocate(8);
    assertEquals(5, Libc.read(errno, opened, buffer.address(), buffer.byteSize()));
    assertEquals("hello", buffer.getString(0));
    assertEquals(0, Libc.read(errno, opened, buffer.address(), buffer.byteSize()));
    assertEquals(0, Libc.close(errno, opened));
  }

  @Test
  void shouldKnowTheSizeOfAPage() throws Exception {
    final Process getconf = new ProcessBuilder("getconf", "PAGESIZE").start();
    final String size = new String(getconf.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(Integer.parseInt(size.strip()), Libc.getPageSize(errno));
  }

  @Test
  void shouldAllocateAlignedMemory() throws Exception {
    final long address = Libc.alignedAlloc(errno, 4096, 8192);
    assertNotEquals(0, address);
    assertEquals(0, address % 4096);
    final MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(8192);
    memory.fill((byte) 7);
    assertEquals(7, memory.get(ValueLayout.JAVA_BYTE, 8191));
    Libc.free(address);
  }

  @Test
  void shouldCopyAndZeroExactlyWhatIsAskedFor() {
    final MemorySegment memory = arena.allocate(300);
    memory.fill((byte) 7);
    memory.asSlice(100, 100).fill((byte) 9);
    Libc.copy(memory.address() + 10, memory.address() + 100, 50);
    Libc.zero(memory.address() + 60, 40);
    final byte[] expected = new byte[300];
    Arrays.fill(expected, (byte) 7);
    Arrays.fill(expected, 10, 60, (byte) 9);
    Arrays.fill(expected, 60, 100, (byte) 0);
    Arrays.fill(expected, 100, 200, (byte) 9);
    assertArrayEquals(expected, memory.toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void shouldGatherWithWritev() throws Exception {
    final Path file = Files.createFile(folder.resolve("file"));
    final int fd = Libc.open(errno, text(file.toString()).address(), LibfuseH.O_WRONLY(), 0);
    final MemorySegment vector = iovec.allocateArray(2, arena);
    put(iovec.asSlice(vector, 0), "head ");
    put(iovec.asSlice(vector, 1), "body");
    assertEquals(9, Libc.writev(errno, fd, vector.address(), 2));
    assertEquals(0, Libc.close(errno, fd));
    assertArrayEquals("head body".getBytes(StandardCharsets.UTF_8), Files.readAllBytes(file));
  }

  @Test
  void shouldPassThePointerOfIoctl() throws Exception {
    final Path file = Files.writeString(folder.resolve("file"), "seven b");
    final int fd = Libc.open(errno, text(file.toString()).address(), LibfuseH.O_RDONLY(), 0);
    final MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
    assertEquals(0, Libc.ioctl(errno, fd, FIONREAD, count.address()));
    assertEquals(7, count.get(ValueLayout.JAVA_INT, 0));
    assertEquals(0, Libc.close(errno, fd));
  }

  @Test
  void shouldFormatAVariableArgumentList() {
    final MemorySegment buffer = arena.allocate(32);
    final int length =
        Libc.vsnprintf(
            errno,
            buffer.address(),
            buffer.byteSize(),
            text("%s has %d of %ld").address(),
            onTheStack(text("pool").address(), 7, 1L << 40).address());
    assertEquals("pool has 7 of 1099511627776", buffer.getString(0));
    assertEquals(27, length);
  }

  @Test
  void shouldFreeWhatCAllocated() throws Throwable {
    final Linker linker = Linker.nativeLinker();
    final long copy =
        (long)
            linker
                .downcallHandle(
                    linker.defaultLookup().findOrThrow("strdup"),
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG))
                .invokeExact(text("copy").address());
    assertNotEquals(0, copy);
    assertDoesNotThrow(() -> Libc.free(copy)); // glibc ends the process if this is no allocation
    assertDoesNotThrow(() -> Libc.free(0));
  }

  @Test
  void shouldCaptureErrnoOfEachCall() {
    final long missing = text(folder.resolve("missing").toString()).address();
    assertEquals(-1, Libc.open(errno, missing, LibfuseH.O_RDONLY(), 0));
    assertEquals(LibfuseH.ENOENT(), Libc.errno(errno));
    assertEquals(-1, Libc.umount2(errno, missing, 0));
    assertEquals(LibfuseH.ENOENT(), Libc.errno(errno));
    assertEquals(-1, Libc.umount2(errno, text(folder.toString()).address(), 0));
    assertEquals(LibfuseH.EINVAL(), Libc.errno(errno), "not a mount point");
    assertEquals(-1, Libc.close(errno, -1));
    assertEquals(LibfuseH.EBADF(), Libc.errno(errno));
    assertEquals(-1, Libc.read(errno, -1, 0, 0));
    assertEquals(LibfuseH.EBADF(), Libc.errno(errno));
    assertEquals(-1, Libc.write(errno, -1, 0, 0));
    assertEquals(LibfuseH.EBADF(), Libc.errno(errno));
    assertEquals(-1, Libc.writev(errno, -1, 0, 0));
    assertEquals(LibfuseH.EBADF(), Libc.errno(errno));
    assertEquals(-1, Libc.ioctl(errno, -1, FIONREAD, 0));
    assertEquals(LibfuseH.EBADF(), Libc.errno(errno));
  }

  @Test
  void shouldKeepErrnoApartForEachCaptureSegment() {
    final MemorySegment other = Libc.allocateErrno(arena);
    assertEquals(-1, Libc.close(errno, -1));
    assertEquals(-1, Libc.umount2(other, text("/nonexistent").address(), 0));
    assertEquals(LibfuseH.EBADF(), Libc.errno(errno));
    assertEquals(LibfuseH.ENOENT(), Libc.errno(other));
  }

  @Test
  void shouldRefuseACaptureSegmentOfAClosedArena() {
    final MemorySegment closed;
    try (Arena brief = Arena.ofConfined()) {
      closed = Libc.allocateErrno(brief);
    }
    assertThrows(IllegalStateException.class, () -> Libc.close(closed, -1));
  }

  /**
   * A {@code va_list} whose registers are used up, so that all arguments come from memory (source:
   * the System V ABI of x86-64, 3.5.7, and the AAPCS64, appendix B).
   */
  private MemorySegment onTheStack(final long... arguments) {
    final MemorySegment list = arena.allocate(32, 8);
    final MemorySegment stack = arena.allocateFrom(ValueLayout.JAVA_LONG, arguments);
    if (Platform.current().orElseThrow().equals(Platform.X86_64)) {
      list.set(ValueLayout.JAVA_INT, 0, 48); // gp_offset: six registers
      list.set(ValueLayout.JAVA_INT, 4, 304); // fp_offset: sixteen registers
      list.set(ValueLayout.ADDRESS, 8, stack);
    } else {
      list.set(ValueLayout.ADDRESS, 0, stack); // gr_offs and vr_offs stay 0: no registers
    }
    return list;
  }

  private MemorySegment text(final String value) {
    return arena.allocateFrom(value);
  }

  private void put(final MemorySegment element, final String value) {
    iovec.iov_base(element, text(value));
    iovec.iov_len(element, value.length());
  }
}
