package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FileLayoutTest {

  private static final long CHUNK = Manifest.CHUNK_BYTES;
  private static final long INO = 2;

  @Test
  void shouldCoverEveryRangeOnceAndInOrder() throws Exception {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      final int blockSize = 1 << (12 + random.nextInt(17));
      final boolean chunked = random.nextBoolean();
      final long size = chunked ? CHUNK + 1 + random.nextLong(4 * CHUNK) : random.nextLong(CHUNK);
      final InodeTree tree = tree(size, chunked);
      final FileLayout layout = new FileLayout(tree, blockSize);
      if (size == 0) {
        continue;
      }
      final long offset = edge(random, size, blockSize);
      final int count = (int) Math.min(1 + random.nextInt(3 << 20), size - offset);
      assertCovers(layout, size, offset, count, blockSize, "seed " + seed + ", round " + round);
    }
  }

  private static void assertCovers(
      final FileLayout layout,
      final long size,
      final long offset,
      final int count,
      final int blockSize,
      final String context) {
    long position = offset;
    int left = count;
    int blocks = 0;
    while (left > 0) {
      final int object = layout.object(INO, position);
      final long block = layout.block(object, position);
      final int length = layout.lengthInBlock(position, left);
      assertEquals(
          position,
          object * CHUNK + layout.blockStart(block) + layout.withinBlock(position),
          context);
      assertTrue(length > 0, context);
      assertTrue(
          layout.withinBlock(position) + length <= layout.blockLength(INO, object, block), context);
      assertTrue(layout.blockLength(INO, object, block) <= blockSize, context);
      assertTrue(
          object * CHUNK + layout.blockStart(block) + layout.blockLength(INO, object, block)
              <= size,
          context);
      position += length;
      left -= length;
      blocks++;
    }
    assertEquals(offset + count, position, context);
    assertEquals(layout.blocksTouched(offset, count), blocks, context);
  }

  @Test
  void shouldRefuseABlockSizeThatDoesNotDivideAChunk() throws Exception {
    final InodeTree tree = tree(1, false);
    for (final int size : new int[] {0, -4096, 2048, 12288, 512 << 20}) {
      assertThrows(IllegalArgumentException.class, () -> new FileLayout(tree, size));
    }
  }

  private static long edge(final Random random, final long size, final int blockSize) {
    final long near =
        switch (random.nextInt(4)) {
          case 0 -> CHUNK;
          case 1 -> blockSize;
          case 2 -> size;
          default -> random.nextLong(size);
        };
    return Math.clamp(near + random.nextInt(5) - 2, 0, size - 1);
  }

  private static InodeTree tree(final long size, final boolean chunked) throws Exception {
    final List<ContentHash> hashes = new ArrayList<>();
    for (long i = chunked ? Manifest.chunkCount(size) : 1; i > 0; i--) {
      hashes.add(size == 0 ? ContentHash.EMPTY : new ContentHash(i, i));
    }
    return TreeBuilder.build(
        new Manifest.Builder().add(new FileEntry("f", size, 0, false, hashes)).build());
  }
}
