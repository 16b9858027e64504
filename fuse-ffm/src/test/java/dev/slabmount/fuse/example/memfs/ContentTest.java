package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Slices;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ContentTest {
  private static final int PAGE = FileMemory.PAGE_BYTES;
  private static final int EXTENT = FileMemory.EXTENT_BYTES;
  private static final long LIMIT = 64L << 20;
  private static final int MODEL_BYTES = 6 * EXTENT + 1234;

  private final Arena arena = Arena.ofConfined();
  private final HeapRoom room = new HeapRoom(1 << 20);
  private final FileMemory memory = new FileMemory(LIMIT, room);
  private final Content content = new Content(memory);

  @AfterEach
  void close() {
    memory.close();
    arena.close();
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private int write(Content to, long offset, byte... bytes) {
    try (Arena own = Arena.ofConfined()) {
      MemorySegment source = own.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      return to.write(offset, source.address(), bytes.length);
    }
  }

  private static byte[] read(Content from, long offset, int length) {
    Slices slices = new Slices();
    from.addTo(slices, offset, length);
    byte[] bytes = new byte[length];
    int done = 0;
    for (int i = 0; i < slices.count(); i++) {
      MemorySegment piece =
          MemorySegment.ofAddress(slices.address(i)).reinterpret(slices.length(i));
      MemorySegment.copy(piece, ValueLayout.JAVA_BYTE, 0, bytes, done, slices.length(i));
      done += slices.length(i);
    }
    assertEquals(length, done);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4095, 4096, 65535, 65536, 1 << 21, (1L << 40) - 1})
  void shouldReadZerosAroundWhatWasWritten(long offset) {
    byte[] bytes = random(10_000, offset);
    assertEquals(bytes.length, write(content, offset, bytes));
    assertArrayEquals(bytes, read(content, offset, bytes.length));
    int before = (int) Math.min(offset, 3L * EXTENT);
    assertArrayEquals(new byte[before], read(content, offset - before, before));
    assertArrayEquals(new byte[3 * EXTENT], read(content, offset + bytes.length, 3 * EXTENT));
    assertTrue(content.units() * 512 >= bytes.length);
    assertTrue(content.units() * 512 <= bytes.length + 2L * PAGE);
    content.clear();
    assertEquals(0, content.units());
    assertEquals(LIMIT, memory.freeBytes(), "all memory is given back");
    assertEquals(room.limitBytes(), room.freeBytes(), "all of the heap is given back");
  }

  @Test
  void shouldTakeAPageForASmallFileAndMoveItWhenItGrows() {
    write(content, 0, random(100, 1));
    assertEquals(LIMIT - PAGE, memory.freeBytes());
    assertEquals(PAGE / 512, content.units());
    write(content, PAGE, (byte) 'x');
    assertArrayEquals(Arrays.copyOf(random(100, 1), PAGE), read(content, 0, PAGE));
    assertArrayEquals(new byte[] {'x', 0}, read(content, PAGE, 2));
    assertEquals(2 * PAGE / 512, content.units());
  }

  @Test
  void shouldSaySoWhenThereIsNoRoomAndChangeNothingElse() {
    FileMemory little = new FileMemory(4L * EXTENT, room);
    try {
      Content full = new Content(little);
      byte[] bytes = random(6 * EXTENT, 2);
      assertEquals(4 * EXTENT, write(full, 0, bytes), "as much as fits");
      assertEquals(0, write(full, 4L * EXTENT, (byte) 'x'));
      assertEquals(1, write(full, 5, (byte) 'y'), "what is there can be overwritten");
      bytes[5] = 'y';
      assertEquals(0, little.freeBytes());
      Content other = new Content(little);
      assertEquals(0, write(other, 0, (byte) 'x'));
      assertFalse(other.allocate(0, 1));
      assertFalse(full.allocate(0, 5L * EXTENT));
      assertTrue(full.allocate(0, 4L * EXTENT));
      assertArrayEquals(Arrays.copyOf(bytes, 4 * EXTENT), read(full, 0, 4 * EXTENT));
      full.clear();
      assertEquals(1, write(other, 0, (byte) 'x'));
      assertEquals(0, other.copyFrom(full, 0, 10L * EXTENT, 0));
    } finally {
      little.close();
    }
  }

  @Test
  void shouldAllocateNothingIfNotAllOfItHasRoom() {
    write(content, 0, random(3 * EXTENT, 3));
    write(content, 9L * EXTENT, random(EXTENT, 4));
    long free = memory.freeBytes();
    long units = content.units();
    assertFalse(content.allocate(0, LIMIT + 2L * EXTENT));
    assertFalse(content.allocate(0, 1L << 43));
    assertEquals(free, memory.freeBytes());
    assertEquals(units, content.units());
    assertTrue(content.allocate(0, 10L * EXTENT));
    assertEquals(10L * EXTENT / 512, content.units());
    assertArrayEquals(random(3 * EXTENT, 3), read(content, 0, 3 * EXTENT));
    assertArrayEquals(new byte[6 * EXTENT], read(content, 3L * EXTENT, 6 * EXTENT));
    content.zero(EXTENT - 5L, EXTENT + 5L);
    byte[] expected = random(3 * EXTENT, 3);
    Arrays.fill(expected, EXTENT - 5, EXTENT + 5, (byte) 0);
    assertArrayEquals(expected, read(content, 0, 3 * EXTENT));
    assertEquals(10L * EXTENT / 512, content.units(), "zeros take room");
  }

  @Test
  void shouldTakeTablesOutOfTheHeapsRoom() {
    HeapRoom little = new HeapRoom(100_000);
    FileMemory own = new FileMemory(LIMIT, little);
    try {
      Content sparse = new Content(own);
      assertEquals(0, write(sparse, 1L << 43, (byte) 'x'), "its table is too large");
      assertEquals(1, write(sparse, 100, (byte) 'x'));
      int written = 0;
      while (write(sparse, written * 33L * 1024 * 1024, (byte) 'y') == 1) {
        written++;
      }
      assertTrue(written > 10 && written < 100, written + " leaves");
      assertArrayEquals(new byte[] {'y', 0}, read(sparse, 3 * 33L * 1024 * 1024, 2));
      sparse.clear();
      assertEquals(little.limitBytes(), little.freeBytes());
    } finally {
      own.close();
    }
  }

  @Test
  void shouldFindDataAndHoles() {
    long far = 1L << 41;
    long size = far + 10 * PAGE;
    assertEquals(size, content.seek(0, size, true));
    assertEquals(0, content.seek(0, size, false));
    write(content, 3L * EXTENT + PAGE, random(PAGE, 1));
    write(content, far, random(PAGE, 2));
    assertEquals(3L * EXTENT + PAGE, content.seek(0, size, true));
    assertEquals(3L * EXTENT + PAGE + 7, content.seek(3L * EXTENT + PAGE + 7, size, true));
    assertEquals(3L * EXTENT + 2 * PAGE, content.seek(3L * EXTENT + PAGE, size, false));
    assertEquals(far, content.seek(3L * EXTENT + 2 * PAGE, size, true));
    assertEquals(far + PAGE, content.seek(far, size, false));
    assertEquals(size, content.seek(far + PAGE, size, true));
  }

  /** As {@link FileCalls} and {@link Node} use it: bytes beyond the size are zero. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void shouldBehaveAsAnArray(long seed) {
    Random random = new Random(seed);
    byte[] model = new byte[MODEL_BYTES];
    int size = 0;
    for (int step = 0; step < 1500; step++) {
      int at = place(random, seed % 2 == 0 ? 2 * PAGE : MODEL_BYTES - 1);
      int length = 1 + random.nextInt(Math.min(MODEL_BYTES - at, 1 << (1 + random.nextInt(18))));
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          byte[] bytes = random(length, random.nextLong());
          assertEquals(length, write(content, at, bytes));
          System.arraycopy(bytes, 0, model, at, length);
          size = Math.max(size, at + length);
        }
        case 3 -> {
          content.punch(at, at + (long) length);
          Arrays.fill(model, at, at + length, (byte) 0);
        }
        case 4 -> {
          if (at < size) {
            content.punch(at, Long.MAX_VALUE);
            Arrays.fill(model, at, size, (byte) 0);
            size = at;
          }
        }
        case 5 -> assertTrue(content.allocate(at, at + (long) length));
        case 6 -> {
          int to = place(random, MODEL_BYTES - 1);
          int count = Math.min(length, Math.min(Math.abs(to - at), MODEL_BYTES - Math.max(at, to)));
          assertEquals(count, content.copyFrom(content, at, to, count));
          System.arraycopy(model, at, model, to, count);
          size = Math.max(size, to + count);
        }
        default -> {
          content.zero(at, at + (long) length);
          Arrays.fill(model, at, at + length, (byte) 0);
        }
      }
      compare(model, at, length, "seed " + seed + ", step " + step);
      assertTrue(content.units() * 512 <= LIMIT - memory.freeBytes() + 0L);
    }
    compare(model, 0, MODEL_BYTES, "seed " + seed);
    content.clear();
    assertEquals(LIMIT, memory.freeBytes());
    compare(new byte[MODEL_BYTES], 0, MODEL_BYTES, "cleared");
  }

  private static int place(Random random, int most) {
    int at = random.nextInt(most);
    return switch (random.nextInt(4)) {
      case 0 -> at & -PAGE;
      case 1 -> at & -EXTENT;
      case 2 -> Math.max(0, (at & -PAGE) - 1);
      default -> at;
    };
  }

  private void compare(byte[] model, int at, int length, String what) {
    int from = Math.max(0, at - 5000);
    int end = Math.min(MODEL_BYTES, at + length + 5000);
    byte[] seen = read(content, from, end - from);
    int wrong = Arrays.mismatch(seen, 0, seen.length, model, from, end);
    assertTrue(wrong < 0, what + " differs at " + (from + wrong));
    boolean isData = content.seek(from, MODEL_BYTES, true) == from;
    assertTrue(isData || model[from] == 0, what + ": data in a hole");
  }
}
