package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.Xxh128;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A mount of a million entries in 512 MiB: what it serves is checked against its hashes, all of its
 * pool of 128 MiB is in use, and then every entry is listed.
 */
@Timeout(180)
class SmallMemoryIT {
  private static final long LIMIT = 512L << 20;
  private static final int FOLDERS = 1000;
  private static final int ENTRIES = 1_000_000;
  private static final int BIG_FILES = 200;
  private static final int BIG_BYTES = 1 << 20;
  private static final int SMALL_OBJECTS = 100;

  @TempDir private static Path shared;
  @TempDir private Path temp;
  private Launcher launcher;
  private Path point;

  /** The big files come first in each of the first folders; they differ in eight bytes. */
  @BeforeAll
  static void makeManifestAndStore() throws IOException {
    LocalContentStore.create(shared.resolve("store")).close();
    final String[] smallHashes = new String[SMALL_OBJECTS];
    for (int i = 0; i < SMALL_OBJECTS; i++) {
      smallHashes[i] = Xxh128.hash(small(i)).toString();
      Files.write(object(smallHashes[i]), small(i));
    }
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
        final String hash = big ? storeBig(i) : smallHashes[i % SMALL_OBJECTS];
        final int size = big ? BIG_BYTES : small(i).length;
        json.write(i == 0 ? "{\"hash\":\"" : ",{\"hash\":\"");
        json.write(hash);
        json.write("\",\"mtime\":1700000000000000,\"path\":\"$" + folder + "/file");
        json.write(i + "\",\"size\":" + size + "}");
        total += size;
      }
      json.write(
          "],\"hashAlg\":\"xxh128\",\"specificationVersion\":"
              + "\"relative-manifest-snapshot-beta-2025-12\",\"totalSize\":"
              + total
              + "}");
    }
  }

  /** Content of the small file of that number, always as long. */
  private static byte[] small(final int file) {
    return String.format(Locale.ROOT, "small %04d\n", file % SMALL_OBJECTS)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Stores a file of zeros but for its number, most of which takes no room; returns its hash. */
  private static String storeBig(final int file) throws IOException {
    final byte[] content = new byte[BIG_BYTES];
    ByteBuffer.wrap(content).putLong(file + 1L);
    final String hash = Xxh128.hash(content).toString();
    try (RandomAccessFile object = new RandomAccessFile(object(hash).toFile(), "rw")) {
      object.writeLong(file + 1L);
      object.setLength(BIG_BYTES);
    }
    return hash;
  }

  private static Path object(final String hash) {
    return shared.resolve("store/Data/" + hash + ".xxh128");
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

  /** Mounts the million, fills the pool, reads of every folder and lists the whole tree. */
  private FlatJson mountReadAndAsk() throws IOException {
    final Launcher.Started mount =
        launcher.start(
            "mount",
            shared.resolve("tree.json").toString(),
            point.toString(),
            "--store=" + shared.resolve("store"),
            "--pool-size=128M");
    mount.awaitLine("mounted ");
    for (int i = 0; i < BIG_FILES; i++) {
      final String file = String.format(Locale.ROOT, "folder%04d/file%d", i, i);
      try (InputStream content = Files.newInputStream(point.resolve(file))) {
        final byte[] bytes = content.readAllBytes();
        assertEquals(BIG_BYTES, bytes.length);
        assertEquals(i + 1L, ByteBuffer.wrap(bytes).getLong());
      }
    }
    final FlatJson full = ask(point);
    assertTrue(full.number("/pool/capacityInUse") > 120 << 20, full.toString());
    for (int i = FOLDERS; i < 2 * FOLDERS; i++) {
      final String file = String.format(Locale.ROOT, "folder%04d/file%d", i % FOLDERS, i);
      assertArrayEquals(small(i), Files.readAllBytes(point.resolve(file)));
    }
    assertEquals(ENTRIES + 1L, count("find '" + point + "' | wc -l"), "find");
    final FlatJson stats = ask(point);
    launcher.run("unmount", point.toString()).assertOk();
    mount.awaitEnd().assertOk();
    return stats;
  }

  /** The number that a script prints, in a process that is none of the mount's. */
  private static long count(final String script) throws IOException {
    final Process process =
        new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
    final String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertTrue(said.matches("[0-9]+"), said);
    return Long.parseLong(said);
  }

  private FlatJson ask(final Path mountpoint) {
    return FlatJson.parse(launcher.run("stats", mountpoint.toString(), "--json").assertOk().out());
  }
}
