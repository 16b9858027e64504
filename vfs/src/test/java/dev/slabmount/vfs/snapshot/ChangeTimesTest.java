package dev.slabmount.vfs.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChangeTimesTest {

  @TempDir private Path temp;

  @Test
  void shouldBelieveOnlyFilesystemsThatSetThemselves() throws Exception {
    final Path memory = Files.createTempFile(Path.of("/dev/shm"), "slabmount", "");
    try {
      assertTrue(believes(memory));
    } finally {
      Files.delete(memory);
    }
    assertFalse(believes(Path.of("/proc/version")));
    assertFalse(believes(Path.of("/sys/kernel/fscaps")));
  }

  @Test
  void shouldNotBelieveWhatCannotBeAsked() throws Exception {
    final Path file = Files.createFile(temp.resolve("file"));
    assertFalse(new ChangeTimes().proveContent(temp.resolve("gone"), FileStat.of(file)));
  }

  /** The lower layer is on another filesystem than the upper one. */
  @Test
  void shouldBelieveOnlyTheUpperLayerOfAnOverlay() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(temp.resolve("disk"), "1M")) {
      assumeTrue(disk != null, "may not mount");
      try (SmallDisk other = SmallDisk.mount(temp.resolve("lower"), "1M")) {
        Files.createFile(other.folder().resolve("low"));
        final Path upper = Files.createDirectory(disk.folder().resolve("upper"));
        final Path work = Files.createDirectory(disk.folder().resolve("work"));
        Files.createFile(upper.resolve("up"));
        final Path merged = Files.createDirectory(temp.resolve("merged"));
        for (final String more : new String[] {"xino=on", "xino=off", "xino=on,ro"}) {
          final String layers =
              "lowerdir=%s,upperdir=%s,workdir=%s,%s".formatted(other.folder(), upper, work, more);
          assumeTrue(
              SampleTree.run("mount", "-t", "overlay", "-o", layers, "x", merged.toString()),
              "no overlays");
          try {
            assertEquals("xino=on".equals(more), believes(merged.resolve("up")), more);
            assertFalse(believes(merged.resolve("low")), more);
          } finally {
            assertTrue(SampleTree.run("umount", merged.toString()));
          }
        }
      }
    }
  }

  /** The usual case of containers: all layers on one filesystem. */
  @Test
  void shouldBelieveAnOverlayOfOneFilesystem() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(temp.resolve("disk"), "1M")) {
      assumeTrue(disk != null, "may not mount");
      final Path lower = Files.createDirectory(disk.folder().resolve("lower"));
      Files.createFile(lower.resolve("low"));
      final Path upper = Files.createDirectory(disk.folder().resolve("upper"));
      final Path work = Files.createDirectory(disk.folder().resolve("work"));
      final Path merged = Files.createDirectory(temp.resolve("merged"));
      final String layers = "lowerdir=%s,upperdir=%s,workdir=%s".formatted(lower, upper, work);
      assumeTrue(
          SampleTree.run("mount", "-t", "overlay", "-o", layers, "x", merged.toString()),
          "no overlays");
      try {
        Files.createFile(merged.resolve("up"));
        assertTrue(believes(merged.resolve("up")));
        assertTrue(believes(merged.resolve("low")));
      } finally {
        assertTrue(SampleTree.run("umount", merged.toString()));
      }
    }
  }

  private static boolean believes(final Path file) throws IOException {
    return new ChangeTimes().proveContent(file, FileStat.of(file));
  }
}
