package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slabmount.vfs.content.LocalContentStore;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A mount of a million entries in 512 MiB, all of its pool of 128 MiB in use. */
@Timeout(180)
class SmallMemoryIT {
  private static final long LIMIT = 512L << 20;
  private static final int FOLDERS = 1000;
  private static final int ENTRIES = 1_000_000;
  private static final int BIG_FILES = 200;
  private static final int BIG_BYTES = 1 << 20;

  @TempDir private static Path shared;
  @TempDir private Path temp;
  private Launcher launcher;
  private Path point;

  /** The big files come first in each of the first folders; they are of zeros. */
  @BeforeAll
  static void makeManifestAndStore() throws IOException {
    LocalContentStore.create(shared.resolve("store")).close();
    long total = 0;
    try (BufferedWriter json = Files.newBufferedWriter(shared.resolve("tree.json"))) {
      json.write("{\"dirs\":[");
      for (int i = 0; i < FOLDERS; i++) {
        json.write((i == 0 ? "" : ",") + "{\"path\":\"folder%04d\"}".formatted(i));
      }
      json.write("],\"files\":[");
      for (int i = 0; i < ENTRIES - FOLDERS; i++) {
        final int folder = i % FOLDERS;
        final boolean big = i < BIG_FILES;
        final String hash = "%032x".formatted(i + 1);
        final int size = big ? BIG_BYTES : 6;
        json.write(i == 0 ? "{\"hash\":\"" : ",{\"hash\":\"");
        json.write(hash);
        json.write("\",\"mtime\":1700000000000000,\"path\":\"$" + folder + "/file");
        json.write(i + "\",\"size\":" + size + "}");
        total += size;
        if (big) {
          final Path object = shared.resolve("store/Data/" + hash + ".xxh128");
          try (RandomAccessFile file = new RandomAccessFile(object.toFile(), "rw")) {
            file.setLength(BIG_BYTES);
          }
        }
      }
      json.write(
          "],\"hashAlg\":\"xxh128\",\"specificationVersion\":"
              + "\"relative-manifest-snapshot-beta-2025-12\",\"totalSize\":"
              + total
              + "}");
    }
  }

  @BeforeEach
  void makeMountpoint() throws IOException {
    launcher = new Launcher(temp);
    point = Files.createDirectory(temp.resolve("mnt"));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    launcher.assertNothingLeft();
  }

  @Test
  void shouldStayBelowTheLimitWhereNothingEnforcesIt() throws IOException {
    final FlatJson stats = mountReadAndAsk();
    final String all = stats.toString();
    assertEquals(ENTRIES + 1, stats.number("/filesystem/inodes"), all);
    assertTrue(stats.number("/pool/capacityInUse") > 120 << 20, all);
    assertTrue(stats.number("/process/peakResidentBytes") < LIMIT, all);
  }

  @Test
  void shouldLiveInAControlGroup() throws IOException {
    final Optional<ControlGroup> group = ControlGroup.ofMemory(LIMIT);
    assumeTrue(group.isPresent(), "needs to make a control group that limits memory");
    try (ControlGroup limited = group.get()) {
      launcher.through(limited.command());
      final FlatJson stats = mountReadAndAsk();
      assertTrue(stats.number("/process/heapMaxBytes") <= LIMIT / 2, stats.toString());
    }
  }

  @Test
  void shouldTakeItsDefaultsFromTheControlGroup() throws IOException {
    final Optional<ControlGroup> group = ControlGroup.ofMemory(LIMIT);
    assumeTrue(group.isPresent(), "needs to make a control group that limits memory");
    try (ControlGroup limited = group.get()) {
      launcher.through(limited.command());
      final SmallTree tree = new SmallTree(launcher, temp.resolve("small"));
      final Launcher.Started mount = tree.mount();
      final FlatJson stats = ask(tree.point);
      assertEquals(LIMIT / 4, stats.number("/pool/maxSize"), stats.toString());
      launcher.run("unmount", tree.point.toString()).assertOk();
      mount.awaitEnd().assertOk();
    }
  }

  /** Mounts the million, fills the pool and lists a part of the tree. */
  private FlatJson mountReadAndAsk() throws IOException {
    final Launcher.Started mount =
        launcher.start(
            "mount",
            shared.resolve("tree.json").toString(),
            point.toString(),
            "--store=" + shared.resolve("store"),
            "--pool-size=128M",
            "--verify=off");
    mount.awaitLine("mounted ");
    for (int i = 0; i < BIG_FILES; i++) {
      final String file = String.format(Locale.ROOT, "folder%04d/file%d", i, i);
      try (InputStream content = Files.newInputStream(point.resolve(file))) {
        assertEquals(BIG_BYTES, content.readAllBytes().length);
      }
    }
    for (int i = 0; i < FOLDERS; i += 10) {
      final String folder = String.format(Locale.ROOT, "folder%04d", i);
      try (Stream<Path> entries = Files.walk(point.resolve(folder))) {
        assertEquals(ENTRIES / FOLDERS - 1, entries.count() - 1);
      }
    }
    final FlatJson stats = ask(point);
    launcher.run("unmount", point.toString()).assertOk();
    mount.awaitEnd().assertOk();
    return stats;
  }

  private FlatJson ask(final Path mountpoint) {
    return FlatJson.parse(launcher.run("stats", mountpoint.toString(), "--json").assertOk().out());
  }
}
