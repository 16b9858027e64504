package dev.slabmount.vfs.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.manifest.ManifestWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A million entries: how long they take and how much heap. */
@Timeout(240)
class TreeScaleTest {

  private static final int FILES = 999_000;
  private static final int FILES_IN_EACH = 1000;
  private static final int ENTRIES = FILES + FILES / FILES_IN_EACH;
  private static final int HEAP_BYTES_MAX = 200;
  private static final double SECONDS_MAX = 3;

  @TempDir private static Path temp;
  private static Path document;

  @BeforeAll
  static void writeManifest() throws Exception {
    final Manifest.Builder builder = new Manifest.Builder();
    for (int i = 0; i < FILES; i++) {
      builder.add(
          new FileEntry(
              "folder-%04d/file-%07d.dat".formatted(i / FILES_IN_EACH, i),
              1 + i % 5000,
              1_700_000_000_000_000L + i,
              i % 10 == 0,
              List.of(new ContentHash(i % 100, i))));
    }
    document = temp.resolve("m");
    ManifestWriter.write(builder.build(), document);
  }

  /** The processor's time of the one thread that does it, so that a busy machine changes little. */
  @Test
  void shouldReadAndBuildInTime() throws Exception {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < 3; round++) {
      final long began = threadNanos();
      final InodeTree tree = TreeBuilder.build(ManifestReader.read(document));
      best = Math.min(best, (threadNanos() - began) / 1e9);
      assertEquals(ENTRIES + 1, tree.count());
    }
    System.out.printf("a manifest of %d entries becomes a tree in %.2f s%n", ENTRIES, best);
    assertTrue(best < SECONDS_MAX, best + " s");
  }

  @Test
  void shouldTakeLittleHeapForEachEntry() throws Exception {
    final long before = usedHeap();
    final InodeTree tree = TreeBuilder.build(ManifestReader.read(document));
    final long each = (usedHeap() - before) / ENTRIES;
    System.out.printf("a tree takes %d bytes of heap for each entry%n", each);
    assertTrue(each > 20 && each <= HEAP_BYTES_MAX, each + " bytes");
    final byte[] name = "folder-0998".getBytes(StandardCharsets.UTF_8);
    assertTrue(tree.lookup(InodeTree.ROOT, name, 0, name.length) != InodeTree.ABSENT);
  }

  /** On a processor, by /proc/PID/schedstat. */
  private static long threadNanos() throws IOException {
    return Long.parseLong(
        Files.readString(Path.of("/proc/thread-self/schedstat")).split(" ", -1)[0]);
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      final Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
