package dev.slabmount.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.snapshot.SnapshotProgress;
import dev.slabmount.vfs.snapshot.SnapshotReport;
import dev.slabmount.vfs.snapshot.SnapshotRequest;
import dev.slabmount.vfs.snapshot.Snapshotter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of mounts, whose files have the change times that a manifest gave them. */
@Timeout(60)
class SnapshotOfMountIT {

  @TempDir Path dir;

  @Test
  void shouldNotTakeTheFilesOfOneMountForThoseOfTheNext() throws Exception {
    final Path point = Files.createDirectory(dir.resolve("mnt"));
    for (final String content : new String[] {"one", "two"}) {
      final Path tree = Files.createDirectory(dir.resolve(content));
      Files.writeString(tree.resolve("file"), content);
      Files.setLastModifiedTime(tree.resolve("file"), FileTime.fromMillis(1_000_000_000_123L));
      final Path original = dir.resolve(content + ".json");
      snapshot(new SnapshotRequest(tree, dir.resolve("store"), original, 1, false));
      try (LocalContentStore store = LocalContentStore.open(dir.resolve("store"));
          TestMount _ = mount(point, ManifestReader.read(original), store)) {
        final Path again = dir.resolve(content + "-again.json");
        final SnapshotReport report =
            snapshot(
                new SnapshotRequest(point, dir.resolve("store"), again, 1, false)
                    .withIndex(dir.resolve("index"), false));
        assertEquals(1, report.filesRead());
        assertArrayEquals(Files.readAllBytes(original), Files.readAllBytes(again));
      }
    }
  }

  private static TestMount mount(
      final Path point, final Manifest manifest, final LocalContentStore store) throws Exception {
    return TestMount.of(
        point,
        manifest,
        new VerifyingReader(store),
        MemoryPoolConfig.builder().maxSize(4 << 20).blockSize(256 << 10).build(),
        VfsOptions.defaults(),
        TransportKind.DEV);
  }

  private static SnapshotReport snapshot(final SnapshotRequest request) throws Exception {
    return new Snapshotter(request, new SnapshotProgress()).run();
  }
}
