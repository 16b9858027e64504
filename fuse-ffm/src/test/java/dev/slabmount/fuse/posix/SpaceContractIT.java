package dev.slabmount.fuse.posix;

import static dev.slabmount.fuse.posix.Posix.COLLAPSE_RANGE;
import static dev.slabmount.fuse.posix.Posix.INSERT_RANGE;
import static dev.slabmount.fuse.posix.Posix.KEEP_SIZE;
import static dev.slabmount.fuse.posix.Posix.O_CREAT;
import static dev.slabmount.fuse.posix.Posix.O_DIRECT;
import static dev.slabmount.fuse.posix.Posix.O_RDWR;
import static dev.slabmount.fuse.posix.Posix.PUNCH_HOLE;
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
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How large files can be, what can be reserved, and the ways past the page cache. */
@Timeout(60)
class SpaceContractIT extends OnAnyDirectory {
  private static final int PAGE = 4096;
  private static final long BEYOND_ANY_FILE = 1L << 62;
  private static final int UNSHARE_RANGE = 0x40;

  private int fd;
  private byte[] expected;

  @BeforeEach
  void makeFile() {
    fd = Posix.open(in("file"), O_CREAT | O_RDWR);
    assertTrue(fd >= 0, "errno " + -fd);
    expected = random(10 * PAGE, 1);
    assertEquals(expected.length, Posix.pwrite(fd, expected, 0));
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

  private void assertUnchanged() {
    assertEquals(expected.length, Posix.stat(fd).size());
    assertArrayEquals(expected, Posix.pread(fd, expected.length + 1, 0));
  }

  @Test
  void shouldRefuseSizesThatNoFileHas() {
    assertErrno(Errno.EINVAL, Posix.ftruncate(fd, -1));
    assertErrno(Errno.EINVAL, Posix.truncate(in("file"), Long.MIN_VALUE));
    for (long size : new long[] {BEYOND_ANY_FILE, Long.MAX_VALUE}) {
      assertErrno(Errno.EFBIG, Posix.ftruncate(fd, size));
      assertErrno(Errno.EFBIG, Posix.truncate(in("file"), size));
    }
    assertErrno(Errno.EFBIG, Posix.fallocate(fd, 0, BEYOND_ANY_FILE, PAGE));
    assertErrno(Errno.EFBIG, Posix.fallocate(fd, 0, Long.MAX_VALUE, PAGE));
    assertErrno(Errno.EINVAL, Posix.fallocate(fd, 0, -1, PAGE));
    assertErrno(Errno.EINVAL, Posix.pwrite(fd, "x", -1));
    assertUnchanged();
    long written = Posix.pwrite(fd, "x", BEYOND_ANY_FILE);
    if (place.options.contains("writeback_cache")) {
      // The kernel knows no limit; it hears of it when it writes back.
      assertEquals(1, written);
      assertTrue(Posix.fsync(fd) < 0, "nobody was told");
      assertOk(Posix.ftruncate(fd, expected.length));
    } else {
      assertErrno(Errno.EFBIG, written);
    }
    assertUnchanged();
  }

  @Test
  void shouldRefuseToDoWithARangeWhatItCannot() {
    for (int mode :
        new int[] {
          COLLAPSE_RANGE,
          INSERT_RANGE,
          PUNCH_HOLE,
          UNSHARE_RANGE,
          0x4000,
          COLLAPSE_RANGE | KEEP_SIZE
        }) {
      long result = Posix.fallocate(fd, mode, PAGE, 100);
      assertTrue(
          result == -Errno.EOPNOTSUPP || (!place.isMounted() && result == -Errno.EINVAL),
          mode + ": " + result);
    }
    assertUnchanged();
    assertErrno(Errno.EINVAL, Posix.fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 0, 0));
    int readOnly = Posix.open(in("file"), Posix.O_RDONLY);
    for (int mode : new int[] {0, KEEP_SIZE, PUNCH_HOLE | KEEP_SIZE, ZERO_RANGE}) {
      assertErrno(Errno.EBADF, Posix.fallocate(readOnly, mode, 0, PAGE));
    }
    assertErrno(Errno.EINVAL, Posix.ftruncate(readOnly, 0));
    assertOk(Posix.close(readOnly));
    assertUnchanged();
  }

  @Test
  void shouldShowOneContentPastTheCacheAndThroughIt() {
    int direct = Posix.open(in("file"), O_RDWR | O_DIRECT);
    assertTrue(direct >= 0, "errno " + -direct);
    assertArrayEquals(expected, Posix.readAligned(direct, expected.length, 0));
    byte[] piece = random(2 * PAGE, 2);
    assertEquals(piece.length, Posix.writeAligned(direct, piece, PAGE));
    System.arraycopy(piece, 0, expected, PAGE, piece.length);
    assertUnchanged();
    byte[] other = random(PAGE, 3);
    assertEquals(other.length, Posix.pwrite(fd, other, 5 * PAGE + 77));
    System.arraycopy(other, 0, expected, 5 * PAGE + 77, other.length);
    assertArrayEquals(expected, Posix.readAligned(direct, expected.length, 0));
    assertEquals(PAGE, Posix.writeAligned(direct, random(PAGE, 4), 20 * PAGE));
    expected = Arrays.copyOf(expected, 21 * PAGE);
    System.arraycopy(random(PAGE, 4), 0, expected, 20 * PAGE, PAGE);
    assertUnchanged();
    assertEquals(0, Posix.readAligned(direct, PAGE, 21 * PAGE).length);
    assertOk(Posix.close(direct));
  }

  @Test
  void shouldShowInMappingsWhatBecomesOfAFile() throws Exception {
    try (FileChannel channel =
            FileChannel.open(path("file"), StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena mapped = Arena.ofConfined()) {
      ByteBuffer own = channel.map(MapMode.PRIVATE, 0, expected.length, mapped).asByteBuffer();
      own.put(5, (byte) (expected[5] + 1));
      assertUnchanged();
      MemorySegment memory;
      try {
        memory = channel.map(MapMode.READ_WRITE, 0, expected.length, mapped);
      } catch (IOException e) {
        assertEquals(Place.LIBFUSE_DIRECT, place, "where the library has no shared mappings");
        return;
      }
      ByteBuffer map = memory.asByteBuffer();
      assertEquals(expected[PAGE], map.get(PAGE));
      assertOk(Posix.fallocate(fd, PUNCH_HOLE | KEEP_SIZE, PAGE, PAGE));
      Arrays.fill(expected, PAGE, 2 * PAGE, (byte) 0);
      assertEquals(0, map.get(PAGE));
      map.put(PAGE + 1, (byte) 'm');
      expected[PAGE + 1] = 'm';
      assertOk(Posix.ftruncate(fd, 3 * PAGE + 10));
      assertOk(Posix.ftruncate(fd, expected.length));
      Arrays.fill(expected, 3 * PAGE + 10, expected.length, (byte) 0);
      byte[] seen = new byte[expected.length];
      map.get(0, seen);
      assertArrayEquals(expected, seen);
      assertUnchanged();
      map.put(9 * PAGE, (byte) 'n');
      expected[9 * PAGE] = 'n';
      memory.force();
    }
    assertOk(Posix.dropPages(fd));
    assertUnchanged();
  }
}
