package dev.slabmount.core.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What docs/POOL.md shows, as it stands there. */
@Timeout(60)
class PoolExampleTest {
  private static final byte[] TEXT = "what never changes".getBytes(StandardCharsets.UTF_8);

  private int reads;

  private int read(final BlockKey key, final MemorySegment slot) {
    assertEquals(0, key.block());
    reads++;
    MemorySegment.copy(TEXT, 0, slot, ValueLayout.JAVA_BYTE, 0, TEXT.length);
    return TEXT.length;
  }

  private static MemoryPool create() {
    return MemoryPool.create(MemoryPoolConfig.builder().maxSize(64 << 20).build());
  }

  @Test
  void shouldServeAsACacheOfWhatNeverChanges() {
    try (MemoryPool pool = create()) {
      final BlockKey key = BlockKey.ofContent("9f86d081884c7d659a2feaa0c55ad015", 0);
      for (int i = 0; i < 2; i++) {
        try (BlockHandle block = pool.acquire(key, this::read)) {
          assertArrayEquals(TEXT, block.data().toArray(ValueLayout.JAVA_BYTE));
        }
      }
      assertEquals(1, reads);
      final long token = pool.pin(key.high(), key.low(), 0);
      assertNotEquals(MemoryPool.NO_BLOCK, token);
      try {
        assertEquals(0, pool.address(token) % BlockPages.PAGE_BYTES);
        assertEquals(TEXT.length, pool.length(token));
      } finally {
        pool.unpin(token);
      }
    }
  }

  @Test
  void shouldTakeWritesToABlockThatIsNotThere() {
    final int length = 16384;
    final byte[] page = new byte[BlockPages.PAGE_BYTES];
    page[0] = 7;
    final MemorySegment source = MemorySegment.ofArray(page);
    final List<String> filled = new ArrayList<>();
    final List<String> flushed = new ArrayList<>();
    try (MemoryPool pool = create()) {
      final long token = pool.claimDirty(1, 0, length, length);
      try {
        pool.write(token, 8192, source, 0, 4096);
        pool.fillPages(
            token,
            0,
            length,
            (key, offset, pages) -> {
              filled.add(offset + "+" + pages.byteSize());
              pages.fill((byte) 1);
            });
        assertEquals(7, pool.view(token).get(ValueLayout.JAVA_BYTE, 8192));
      } finally {
        pool.unpin(token);
      }
      pool.flush(
          1,
          0,
          (inode, block, runs) -> {
            for (int run = 0; run < runs.count(); run++) {
              flushed.add(runs.offset(run) + "+" + runs.length(run));
            }
          });
      assertEquals(0, pool.stats().dirtyBlocks());
    }
    assertEquals(List.of("0+8192", "12288+4096"), filled);
    assertEquals(List.of("8192+4096"), flushed);
  }
}
