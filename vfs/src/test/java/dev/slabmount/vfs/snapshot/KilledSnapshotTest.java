package dev.slabmount.vfs.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ChildJvm;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.Xxh128;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot that is killed leaves a store that the next one can use and cleans. */
@Timeout(120)
class KilledSnapshotTest {

  @TempDir private Path temp;

  @Test
  void shouldLeaveAUsableStoreWhenKilled() throws Exception {
    final SampleTree tree = new SampleTree(temp.resolve("tree"));
    for (int i = 0; i < 20; i++) {
      tree.file("f" + i, TestBytes.random(i, 10_000));
    }
    try (RandomAccessFile sparse = new RandomAccessFile(tree.path("huge").toFile(), "rw")) {
      for (int chunk = 0; chunk < 40; chunk++) {
        sparse.seek(chunk * (256L << 20));
        sparse.write(chunk);
      }
    }
    final Path data = temp.resolve("store/Data");
    try (ChildJvm child =
        ChildJvm.start(
            PathBytesTest.TakeSnapshot.class,
            Map.of(),
            List.of(),
            tree.root().toString(),
            temp.resolve("store").toString(),
            temp.resolve("m").toString())) {
      final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (unfinished(data) == 0) {
        assertTrue(child.process().isAlive() && System.nanoTime() < deadline);
      }
      child.process().destroyForcibly();
      assertTrue(child.process().waitFor(30, TimeUnit.SECONDS));
    }
    assertFalse(Files.exists(temp.resolve("m")));
    assertTrue(unfinished(data) > 0, "killed in the middle of an object");
    assertEveryObjectIsWhole(data);

    Files.delete(tree.path("huge"));
    final SnapshotReport report =
        new Snapshotter(
                new SnapshotRequest(
                    tree.root(), temp.resolve("store"), temp.resolve("m"), 2, false),
                new SnapshotProgress())
            .run();
    assertEquals(20, report.objectsWritten() + report.objectsPresent());
    assertEquals(0, unfinished(data));
    assertEveryObjectIsWhole(data);
  }

  private static long unfinished(final Path data) throws Exception {
    if (!Files.isDirectory(data)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(data)) {
      return files.filter(file -> file.getFileName().toString().startsWith(".")).count();
    }
  }

  private static void assertEveryObjectIsWhole(final Path data) throws Exception {
    try (Stream<Path> files = Files.list(data)) {
      for (final Path file : files.toList()) {
        final String name = file.getFileName().toString();
        if (!name.startsWith(".") && Files.size(file) < 1 << 20) {
          assertEquals(
              ContentHash.parse(name.substring(0, 32)), Xxh128.hash(Files.readAllBytes(file)));
        }
      }
    }
  }
}
