package dev.slabmount.fuse.posix;

import static dev.slabmount.fuse.posix.Posix.KEEP_SIZE;
import static dev.slabmount.fuse.posix.Posix.O_APPEND;
import static dev.slabmount.fuse.posix.Posix.O_CREAT;
import static dev.slabmount.fuse.posix.Posix.O_RDONLY;
import static dev.slabmount.fuse.posix.Posix.O_RDWR;
import static dev.slabmount.fuse.posix.Posix.O_TRUNC;
import static dev.slabmount.fuse.posix.Posix.O_WRONLY;
import static dev.slabmount.fuse.posix.Posix.PUNCH_HOLE;
import static dev.slabmount.fuse.posix.Posix.SEEK_DATA;
import static dev.slabmount.fuse.posix.Posix.SEEK_HOLE;
import static dev.slabmount.fuse.posix.Posix.ZERO_RANGE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading, writing and everything else that concerns a file's bytes. */
@Timeout(60)
class FilesContractIT extends OnAnyDirectory {
  private static final long PAGE = 4096;
  private static final long EXTENT = 1 << 16;
  private static final long BLOCK = 512;

  private int fd;

  @BeforeEach
  void makeFile() {
    fd = Posix.open(in("file"), O_CREAT | O_RDWR);
    assertTrue(fd >= 0, "errno " + -fd);
  }

  @AfterEach
  void closeFile() {
    assertOk(Posix.close(fd));
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** The whole file is this, now and when the kernel has forgotten it. */
  private void assertContent(byte[] expected) {
    assertEquals(expected.length, Posix.stat(fd).size());
    assertArrayEquals(expected, Posix.pread(fd, expected.length + 1, 0));
    assertOk(Posix.fsync(fd));
    assertOk(Posix.dropPages(fd));
    assertArrayEquals(expected, Posix.pread(fd, expected.length + 1, 0));
  }

  private long allocated() {
    assertOk(Posix.fsync(fd)); // some filesystems allocate late
    // Under FUSE's writeback cache the kernel asks how much it is after a close, not before.
    assertOk(Posix.close(Posix.open(in("file"), O_RDONLY)));
    return Posix.stat(fd).blocks() * BLOCK;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4095, 4096, 4097, 65535, 65536, 65537, 1 << 20, 3_000_001})
  void shouldReadBackWhatWasWritten(int length) {
    byte[] bytes = random(length, length);
    assertEquals(length, Posix.pwrite(fd, bytes, 0));
    assertContent(bytes);
    assertEquals(0, Posix.pread(fd, 10, length).length);
    assertEquals(0, Posix.pread(fd, 10, length + 1_000_000L).length);
    assertArrayEquals(
        Arrays.copyOfRange(bytes, length / 2, length), Posix.pread(fd, length, length / 2));
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 4000, 4096, 5000, 70_000})
  void shouldOverwriteOnlyWhatIsWritten(int at) {
    byte[] expected = random(200_000, at);
    assertEquals(expected.length, Posix.pwrite(fd, expected, 0));
    byte[] piece = random(5096, at + 1);
    assertEquals(piece.length, Posix.pwrite(fd, piece, at));
    System.arraycopy(piece, 0, expected, at, piece.length);
    assertContent(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 4095, 4096, 4097, 65536, 65537, 150_000})
  void shouldShowZerosWhereAFileWasCutAndGrewAgain(int size) {
    byte[] bytes = random(200_000, size);
    Posix.pwrite(fd, bytes, 0);
    assertOk(Posix.ftruncate(fd, size));
    assertEquals(size, Posix.stat(fd).size());
    assertTrue(allocated() <= size + EXTENT, "what was cut off is given back");
    assertOk(Posix.truncate(in("file"), 200_000));
    byte[] expected = Arrays.copyOf(Arrays.copyOf(bytes, size), 200_000);
    assertContent(expected);
    Posix.pwrite(fd, "x", 190_000);
    expected[190_000] = 'x';
    assertContent(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 3000})
  void shouldGrowASmallFileByAHole(int size) {
    Posix.pwrite(fd, random(size, size), 0);
    assertEquals(1, Posix.pwrite(fd, "x", 1_000_000));
    byte[] expected = Arrays.copyOf(random(size, size), 1_000_001);
    expected[1_000_000] = 'x';
    assertContent(expected);
  }

  @Test
  void shouldAppendAtTheEndWhateverTheOffset() throws Exception {
    int one = Posix.open(in("file"), O_WRONLY | O_APPEND);
    int two = Posix.open(in("file"), O_WRONLY | O_APPEND);
    for (int i = 0; i < 100; i++) {
      assertEquals(3, Posix.write(one, "one"));
      assertEquals(3, Posix.write(two, "two"));
    }
    assertOk(Posix.close(one));
    assertOk(Posix.close(two));
    assertEquals("onetwo".repeat(100), text("file"));
  }

  @Test
  void shouldEmptyAFileThatIsOpenedToBeWrittenAnew() throws Exception {
    Posix.pwrite(fd, random(100_000, 1), 0);
    assertOk(Posix.close(Posix.open(in("file"), O_WRONLY | O_TRUNC)));
    assertEquals(0, Posix.stat(fd).size());
    assertEquals(0, Posix.pread(fd, 10, 0).length);
    assertEquals(0, allocated());
    assertErrno(Errno.EBADF, Posix.pwrite(openFor(O_RDONLY), "x", 0));
  }

  private int openFor(int flags) {
    return Posix.open(in("file"), flags);
  }

  @Test
  void shouldStoreSparseFilesSparsely() {
    long far = 1L << 40;
    assertEquals(4, Posix.pwrite(fd, "here", far));
    assertEquals(4, Posix.pwrite(fd, "also", EXTENT));
    assertEquals(far + 4, Posix.stat(fd).size());
    assertTrue(allocated() >= 2 * PAGE && allocated() <= 4 * EXTENT, "takes " + allocated());
    assertArrayEquals(new byte[100], Posix.pread(fd, 100, far - 100));
    assertArrayEquals("here".getBytes(StandardCharsets.US_ASCII), Posix.pread(fd, 9, far));

    assertEquals(EXTENT, Posix.seek(fd, 0, SEEK_DATA));
    assertEquals(0, Posix.seek(fd, 0, SEEK_HOLE));
    assertEquals(EXTENT + 1, Posix.seek(fd, EXTENT + 1, SEEK_DATA));
    assertEquals(EXTENT + PAGE, Posix.seek(fd, EXTENT + 1, SEEK_HOLE));
    assertEquals(far, Posix.seek(fd, EXTENT + PAGE, SEEK_DATA));
    assertEquals(far + 4, Posix.seek(fd, far, SEEK_HOLE));
    assertErrno(Errno.ENXIO, Posix.seek(fd, far + 4, SEEK_DATA));
    assertErrno(Errno.ENXIO, Posix.seek(fd, far + 5, SEEK_HOLE));
    assertOk(Posix.ftruncate(fd, far - 1));
    assertErrno(Errno.ENXIO, Posix.seek(fd, EXTENT + PAGE, SEEK_DATA));
    assertEquals(EXTENT + PAGE, Posix.seek(fd, EXTENT + PAGE, SEEK_HOLE));
  }

  @Test
  void shouldReserve() {
    assertOk(Posix.fallocate(fd, 0, 1000, 200_000));
    assertEquals(201_000, Posix.stat(fd).size());
    assertTrue(allocated() >= 200_000);
    assertContent(new byte[201_000]);
    assertOk(Posix.fallocate(fd, KEEP_SIZE, 201_000, 100_000));
    assertEquals(201_000, Posix.stat(fd).size());
    assertTrue(allocated() >= 300_000);
    byte[] bytes = random(150_000, 3);
    Posix.pwrite(fd, bytes, 0);
    assertOk(Posix.fallocate(fd, 0, 0, 201_000));
    assertContent(Arrays.copyOf(bytes, 201_000));
    assertErrno(Errno.EINVAL, Posix.fallocate(fd, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5000, 65536, 100_001})
  void shouldPunchHoles(int from) {
    byte[] expected = random(300_000, from);
    Posix.pwrite(fd, expected, 0);
    long before = allocated();
    int length = 140_000;
    assertOk(Posix.fallocate(fd, PUNCH_HOLE | KEEP_SIZE, from, length));
    Arrays.fill(expected, from, from + length, (byte) 0);
    assertContent(expected);
    assertTrue(allocated() <= before - length + 2 * PAGE, allocated() + " of " + before);
    long hole = (from + PAGE - 1) / PAGE * PAGE;
    assertEquals(hole, Posix.seek(fd, hole, SEEK_HOLE));
    assertEquals((from + length) / PAGE * PAGE, Posix.seek(fd, hole, SEEK_DATA));
    assertOk(Posix.fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 1000, 50));
    Arrays.fill(expected, 1000, 1050, (byte) 0);
    assertOk(Posix.fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 290_000, 1_000_000));
    Arrays.fill(expected, 290_000, 300_000, (byte) 0);
    assertContent(expected);
  }

  @Test
  void shouldPunchHolesInSmallFiles() {
    byte[] expected = random(3000, 1);
    Posix.pwrite(fd, expected, 0);
    assertOk(Posix.fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 100, 200));
    Arrays.fill(expected, 100, 300, (byte) 0);
    assertContent(expected);
    assertOk(Posix.fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 0, PAGE));
    assertContent(new byte[3000]);
    assertEquals(0, allocated());
  }

  @Test
  void shouldZeroRanges() {
    byte[] expected = random(300_000, 1);
    Posix.pwrite(fd, expected, 0);
    long before = allocated();
    assertOk(Posix.fallocate(fd, ZERO_RANGE | KEEP_SIZE, 5000, 100_000));
    Arrays.fill(expected, 5000, 105_000, (byte) 0);
    assertContent(expected);
    assertTrue(allocated() >= before);
    assertOk(Posix.fallocate(fd, ZERO_RANGE, 290_000, 20_000));
    expected = Arrays.copyOf(Arrays.copyOf(expected, 290_000), 310_000);
    assertContent(expected);
  }

  @Test
  void shouldCopyRangesBetweenFiles() {
    byte[] bytes = random(200_000, 5);
    Posix.pwrite(fd, bytes, 0);
    int to = Posix.open(in("to"), O_CREAT | O_RDWR);
    int done = 0;
    while (done < 150_000) {
      long copied = Posix.copyFileRange(fd, 1000 + done, to, 77 + done, 150_000 - done);
      assertTrue(copied > 0, "copied " + copied);
      done += (int) copied;
    }
    byte[] expected = new byte[150_077];
    System.arraycopy(bytes, 1000, expected, 77, 150_000);
    assertArrayEquals(expected, Posix.pread(to, 200_000, 0));
    assertEquals(0, Posix.copyFileRange(fd, 200_000, to, 0, 10));
    assertEquals(10, Posix.copyFileRange(to, 77, to, 150_077, 10));
    assertArrayEquals(Arrays.copyOfRange(bytes, 1000, 1010), Posix.pread(to, 99, 150_077));
    assertErrno(Errno.EINVAL, Posix.copyFileRange(to, 0, to, 5, 10));
    assertOk(Posix.close(to));
  }

  @Test
  void shouldCopyWithinASmallFileThatGrows() {
    byte[] bytes = random(3000, 5);
    Posix.pwrite(fd, bytes, 0);
    assertEquals(3000, Posix.copyFileRange(fd, 0, fd, 5000, 3000));
    byte[] expected = Arrays.copyOf(bytes, 8000);
    System.arraycopy(bytes, 0, expected, 5000, 3000);
    assertContent(expected);
  }

  @Test
  void shouldShareMappingsWithReadsAndWrites() throws Exception {
    byte[] expected = random(100_000, 9);
    Posix.pwrite(fd, expected, 0);
    try (FileChannel channel =
            FileChannel.open(path("file"), StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena mapped = Arena.ofConfined()) {
      MemorySegment memory;
      try {
        memory = channel.map(MapMode.READ_WRITE, 0, expected.length, mapped);
      } catch (IOException e) {
        assertEquals(Place.LIBFUSE_DIRECT, place, "where the library has no shared mappings");
        return;
      }
      ByteBuffer map = memory.asByteBuffer();
      byte[] seen = new byte[expected.length];
      map.get(0, seen);
      assertArrayEquals(expected, seen);
      byte[] piece = random(20_000, 10);
      map.put(30_000, piece);
      System.arraycopy(piece, 0, expected, 30_000, piece.length);
      assertArrayEquals(expected, Posix.pread(fd, expected.length, 0));
      Posix.pwrite(fd, "through", 60_000);
      assertEquals('t', map.get(60_000));
      expected = Posix.pread(fd, expected.length, 0);
      memory.force();
    }
    assertContent(expected);
  }

  @Test
  void shouldSyncWhateverIsOpen() {
    Posix.pwrite(fd, "x", 0);
    assertOk(Posix.fsync(fd));
    assertOk(Posix.fdatasync(fd));
    int directory = Posix.open(dir, O_RDONLY);
    assertOk(Posix.fsync(directory));
    assertOk(Posix.close(directory));
  }
}
