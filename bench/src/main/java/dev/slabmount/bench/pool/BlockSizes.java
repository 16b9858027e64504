package dev.slabmount.bench.pool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Random;

/** The sizes of the blocks that the files of a tree are cut into. */
final class BlockSizes {
  private static final long SEED = 0x51ab;
  private static final int BLOCKS_MAX = 1 << 20;

  private BlockSizes() {}

  /**
   * The blocks of every regular file below a folder, in an order that has nothing to do with the
   * tree's; what may not be read is left out.
   *
   * @param blockBytes most bytes in a block
   * @throws IOException if there is no such folder or no file in it
   */
  static int[] ofTree(Path folder, int blockBytes) throws IOException {
    int[] sizes = new int[BLOCKS_MAX];
    int[] count = new int[1];
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            long left = attributes.isRegularFile() ? attributes.size() : 0;
            while (left > 0 && count[0] < BLOCKS_MAX) {
              int size = (int) Math.min(left, blockBytes);
              sizes[count[0]++] = size;
              left -= size;
            }
            return count[0] < BLOCKS_MAX ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException why) {
            if (file.equals(folder)) {
              throw new UncheckedIOException(why);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    if (count[0] == 0) {
      throw new IOException("no file with content is below " + folder);
    }
    int[] found = Arrays.copyOf(sizes, count[0]);
    shuffle(found);
    return found;
  }

  private static void shuffle(int[] numbers) {
    Random random = new Random(SEED);
    for (int i = numbers.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int number = numbers[i];
      numbers[i] = numbers[other];
      numbers[other] = number;
    }
  }
}
