package dev.slabmount.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.sharded.ShardedMemoryPool;
import dev.slabmount.core.slot.SlotTable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of its limit a small pool uses for content, and how much memory it takes for that. */
@Timeout(120)
class PoolMemoryTest {
  private static final long POOL = 64L << 20;
  private static final int BLOCK = 1 << 20;
  private static final int PAGE = 4096;

  /** How many blocks are loaded from one look at the pool to the next. */
  private static final int BATCH = 50;

  private long next;

  private static MemoryPool pool(final long bytes, final boolean prefault) {
    return MemoryPool.create(
        MemoryPoolConfig.builder()
            .maxSize(bytes)
            .blockSize(BLOCK)
            .hugePages(false)
            .prefault(prefault)
            .build());
  }

  // ---- Content per limit ----

  @ParameterizedTest
  @ValueSource(ints = {PAGE, 64 << 10, BLOCK})
  void shouldBeFullOfBlocksOfOneSize(final int length) {
    try (MemoryPool pool = pool(POOL, false)) {
      load(pool, Collections.nCopies((int) (2 * POOL / length), length));
      assertTrue(share(pool) >= 0.95, "share " + share(pool));
      PoolAudit.audit(pool);
    }
  }

  @Test
  void shouldBeFullAgainAfterSmallBlocksGaveWayToLargeOnesAndBack() {
    try (MemoryPool pool = pool(POOL, false)) {
      for (int round = 0; round < 2; round++) {
        for (final int length : new int[] {PAGE, BLOCK}) {
          load(pool, Collections.nCopies((int) (POOL / length), length));
          load(pool, Collections.nCopies((int) (POOL / length), length));
          assertTrue(share(pool) >= 0.9, length + " bytes each: share " + share(pool));
        }
      }
      assertEquals(0, pool.stats().waits());
      PoolAudit.audit(pool);
    }
  }

  @Test
  void shouldUseNineTenthsForTheFilesOfARealTree() throws IOException {
    final List<Integer> lengths = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of(System.getProperty("java.home")))) {
      files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .forEach(file -> addBlocks(file.toFile().length(), lengths));
    }
    assertNineTenths(lengths);
  }

  @Test
  void shouldUseNineTenthsForFilesOfAllSizes() {
    final long seed = System.nanoTime();
    System.out.println("PoolMemoryTest: seed " + seed);
    final Random random = new Random(seed);
    final List<Integer> lengths = new ArrayList<>();
    for (int i = 0;
        i < 20_000;
        i++) { // Half of all files below 5 KiB, half of all bytes above 1 MiB.
      addBlocks((long) Math.exp(8.5 + 2.2 * random.nextGaussian()), lengths);
    }
    assertNineTenths(lengths);
  }

  private static void addBlocks(final long fileBytes, final List<Integer> lengths) {
    for (long left = fileBytes; left > 0; left -= BLOCK) {
      lengths.add((int) Math.min(left, BLOCK));
    }
  }

  /** In any order that files are read in, and at any time after the pool was full once. */
  private void assertNineTenths(final List<Integer> lengths) {
    Collections.shuffle(lengths, new Random(1));
    final long bytes = lengths.stream().mapToLong(length -> length).sum();
    assertTrue(bytes > 2 * POOL, "too little to fill a pool with: " + bytes);
    try (MemoryPool pool = pool(POOL, false)) {
      long loaded = 0;
      for (int from = 0; from < lengths.size(); from += BATCH) {
        final List<Integer> batch = lengths.subList(from, Math.min(lengths.size(), from + BATCH));
        load(pool, batch);
        loaded += batch.stream().mapToLong(length -> length).sum();
        if (loaded > 2 * POOL) {
          assertTrue(share(pool) >= 0.9, "share " + share(pool) + " after " + loaded + " bytes");
        }
      }
      assertEquals(0, pool.stats().waits());
      PoolAudit.audit(pool);
    }
  }

  /**
   * Loads blocks of these lengths that were never loaded before; touches nothing of their memory.
   */
  private void load(final MemoryPool pool, final List<Integer> lengths) {
    for (final int length : lengths) {
      pool.unpin(pool.pinOrLoad(1, next++, 0, length, (key, slot) -> length));
    }
  }

  /** The content, each block rounded up to whole pages, as a share of the limit. */
  private static double share(final MemoryPool pool) {
    final SlotTable table = ((ShardedMemoryPool) pool).table();
    long pages = 0;
    for (int slab = 0; slab < table.allocator.slabCount(); slab++) {
      for (final int slot : table.allocator.takenSlots(slab)) {
        pages += Math.ceilDiv(table.headers.lengthAcquire(slot), PAGE);
      }
    }
    return pages * PAGE / (double) pool.config().maxSize();
  }

  // ---- Memory for content ----

  @Test
  void shouldTakeNoMoreMemoryThanItsLimitAndATenth() throws IOException {
    try (MemoryPool pool = pool(POOL, false)) {
      for (final int length : new int[] {PAGE, BLOCK, 12 * PAGE, PAGE}) {
        write(pool, (int) (2 * POOL / length), length);
        final long resident = residentBytes(pool);
        assertTrue(resident <= POOL + POOL / 10, resident + " bytes with blocks of " + length);
      }
    }
  }

  @Test
  void shouldGiveItsRangeBackWhenItCannotBeCreated() throws IOException {
    final long range = 64L << 30;
    final long before = virtualBytes();
    final OutOfMemoryError planned = new OutOfMemoryError("planned");
    assertSame(
        planned,
        assertThrows(
            OutOfMemoryError.class,
            () ->
                new ShardedMemoryPool(
                    MemoryPoolConfig.builder().maxSize(range).blockSize(256 << 20).build(),
                    words -> {
                      throw planned; // The range is there, and nobody else knows of it.
                    })));
    final long after = virtualBytes();
    assertTrue(after < before + range / 2, before + " bytes of address space before, " + after);
  }

  private static long virtualBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmSize:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
            .sum()
        * 1024;
  }

  @Test
  void shouldTouchNoMemoryBeforeItIsNeededAndUseAgainWhatWasTouched() throws IOException {
    try (MemoryPool pool = pool(POOL, false)) {
      assertEquals(0, residentBytes(pool));
      write(pool, 100, 64 << 10);
      final long first = residentBytes(pool);
      assertTrue(first <= (100 * (64L << 10)) * 11 / 10, first + " bytes for 6.25 MiB of content");
      for (int round = 0; round < 20; round++) {
        pool.clear();
        write(pool, 800, 2 * PAGE); // As much, in other slots.
        pool.clear();
        write(pool, 100, 64 << 10);
      }
      final long later = residentBytes(pool);
      assertTrue(later <= first * 12 / 10, later + " bytes after " + first);
    }
  }

  @Test
  void shouldHaveAllBlockMemoryInPlaceIfAskedTo() throws IOException {
    try (MemoryPool pool = pool(8L << 20, true)) {
      final MemorySegment blocks = ((ShardedMemoryPool) pool).region().blocks();
      assertEquals(8L << 20, residentBytes(blocks));
    }
  }

  private void write(final MemoryPool pool, final int count, final int length) {
    for (int i = 0; i < count; i++) {
      pool.unpin(
          pool.pinOrLoad(
              1,
              next++,
              0,
              length,
              (key, slot) -> {
                slot.asSlice(0, length).fill((byte) 1);
                return length;
              }));
    }
  }

  private static long residentBytes(final MemoryPool pool) throws IOException {
    final ShardedMemoryPool sharded = (ShardedMemoryPool) pool;
    return residentBytes(sharded.region().blocks()) + residentBytes(sharded.region().headers());
  }

  /** What of this memory is in place: bit 63 of its pages' entries in pagemap. */
  private static long residentBytes(final MemorySegment memory) throws IOException {
    try (RandomAccessFile pagemap = new RandomAccessFile("/proc/self/pagemap", "r")) {
      final byte[] entries = new byte[(int) (memory.byteSize() / PAGE) * Long.BYTES];
      pagemap.seek(memory.address() / PAGE * Long.BYTES);
      pagemap.readFully(entries);
      long pages = 0;
      for (int i = Long.BYTES - 1; i < entries.length; i += Long.BYTES) {
        pages += entries[i] < 0 ? 1 : 0; // Little-endian.
      }
      return pages * PAGE;
    }
  }
}
