package dev.slabmount.vfs.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.DirectoryEntry;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestEntry;
import dev.slabmount.vfs.manifest.ManifestException;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.manifest.RandomTrees;
import dev.slabmount.vfs.manifest.SymlinkEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class InodeTreeTest {

  private static final ContentHash HASH = new ContentHash(1, 2);

  @Test
  void shouldHoldTheRootOfAnEmptyTree() throws Exception {
    final InodeTree tree = tree();
    assertEquals(1, tree.count());
    assertTrue(tree.exists(InodeTree.ROOT));
    assertFalse(tree.exists(0));
    assertFalse(tree.exists(2));
    assertFalse(tree.exists(-1));
    assertFalse(tree.exists(Long.MAX_VALUE));
    assertTrue(tree.isDirectory(InodeTree.ROOT));
    assertEquals(0040755, tree.mode(InodeTree.ROOT));
    assertEquals(InodeTree.ROOT, tree.parent(InodeTree.ROOT));
    assertEquals(2, tree.linkCount(InodeTree.ROOT));
    assertEquals(0, tree.mtimeMicros(InodeTree.ROOT));
    assertEquals(0, tree.childCount(InodeTree.ROOT));
    assertEquals("", tree.path(InodeTree.ROOT));
    assertEquals(InodeTree.ABSENT, lookup(tree, "a"));
  }

  @Test
  void shouldGiveEachKindItsAttributes() throws Exception {
    final InodeTree tree =
        tree(
            file("dir/f", 1025, -5),
            new FileEntry("dir/run", 7, 9, true, List.of(HASH)),
            new SymlinkEntry("link", "é/f"),
            new DirectoryEntry("dir/sub/deep"));
    final long dir = lookup(tree, "dir");
    assertEquals(0040755, tree.mode(dir));
    assertEquals(0, tree.size(dir));
    assertEquals(9, tree.mtimeMicros(dir), "the newest file below");
    assertEquals(9, tree.mtimeMicros(InodeTree.ROOT));
    assertEquals(3, tree.linkCount(dir), "2 and its one subdirectory");
    assertEquals(3, tree.linkCount(InodeTree.ROOT));
    assertEquals(0, tree.mtimeMicros(lookup(tree, "dir/sub")), "no file below");
    final long file = lookup(tree, "dir/f");
    assertEquals(0100644, tree.mode(file));
    assertTrue(tree.isRegular(file));
    assertEquals(1025, tree.size(file));
    assertEquals(-5, tree.mtimeMicros(file));
    assertEquals(1, tree.linkCount(file));
    assertEquals(dir, tree.parent(file));
    assertEquals(0, tree.childCount(file));
    assertEquals(HASH, tree.hash(file, 0));
    assertEquals(1, tree.objectCount(file));
    assertEquals(0100755, tree.mode(lookup(tree, "dir/run")));
    final long link = lookup(tree, "link");
    assertEquals(0120777, tree.mode(link));
    assertTrue(tree.isSymlink(link));
    assertEquals(4, tree.size(link), "bytes, not characters");
    assertEquals(0, tree.mtimeMicros(link));
    assertEquals(
        "é/f", new String(tree.targets(), tree.targetStart(link), 4, StandardCharsets.UTF_8));
    assertEquals(2, tree.fileCount());
    assertEquals(1032, tree.totalSize());
    assertEquals(7, tree.count());
    assertEquals("dir/sub/deep", tree.path(lookup(tree, "dir/sub/deep")));
  }

  @Test
  void shouldTakeTheNewestTimeOfFilesEvenIfAllAreNegative() throws Exception {
    final InodeTree tree =
        tree(file("a/b/x", 1, -9), file("a/b/y", 1, -7), new SymlinkEntry("a/b/z", "x"));
    assertEquals(-7, tree.mtimeMicros(lookup(tree, "a/b")));
    assertEquals(-7, tree.mtimeMicros(InodeTree.ROOT));
  }

  @Test
  void shouldKnowTheChunksOfALongFile() throws Exception {
    final List<ContentHash> first = List.of(new ContentHash(1, 2), new ContentHash(3, 4));
    final List<ContentHash> second =
        List.of(new ContentHash(5, 6), new ContentHash(-7, -8), new ContentHash(9, 10));
    final InodeTree tree =
        tree(
            new FileEntry("a", Manifest.CHUNK_BYTES + 1, 0, true, first),
            new FileEntry("b", 3 * Manifest.CHUNK_BYTES, 0, false, second),
            file("c", 3 * Manifest.CHUNK_BYTES, 0));
    final long a = lookup(tree, "a");
    assertEquals(2, tree.objectCount(a));
    assertEquals(Manifest.CHUNK_BYTES, tree.objectStride(a));
    assertEquals(0100755, tree.mode(a));
    final long b = lookup(tree, "b");
    assertEquals(second, List.of(tree.hash(b, 0), tree.hash(b, 1), tree.hash(b, 2)));
    final long c = lookup(tree, "c");
    assertEquals(1, tree.objectCount(c), "a long file may be one object");
    assertEquals(3 * Manifest.CHUNK_BYTES, tree.objectStride(c));
  }

  @Test
  void shouldMakeParentsThatAManifestLeavesOut() throws Exception {
    final InodeTree tree =
        TreeBuilder.build(
            ManifestReader.read(
                ("{\"dirs\":[],\"files\":[{\"hash\":\""
                        + HASH
                        + "\",\"mtime\":3,\"path\":\"a/b/f\","
                        + "\"size\":6}],\"hashAlg\":\"xxh128\",\"specificationVersion\":"
                        + "\"relative-manifest-snapshot-beta-2025-12\",\"totalSize\":6}")
                    .getBytes(StandardCharsets.UTF_8)));
    assertEquals(4, tree.count());
    assertTrue(tree.isDirectory(lookup(tree, "a/b")));
    assertEquals(6, tree.size(lookup(tree, "a/b/f")));
  }

  @Test
  void shouldNumberATreeTheSameWayWhateverItsOrder() throws Exception {
    final Random random = new Random(1);
    final List<ManifestEntry> entries = new ArrayList<>(RandomTrees.tree(random, 200).values());
    final InodeTree tree = tree(entries.toArray(ManifestEntry[]::new));
    Collections.shuffle(entries, random);
    final InodeTree again = tree(entries.toArray(ManifestEntry[]::new));
    assertEquals(tree.count(), again.count());
    for (long ino = 1; ino <= tree.count(); ino++) {
      assertEquals(tree.path(ino), again.path(ino));
    }
  }

  @Test
  void shouldAgreeWithAnObviousModel() throws Exception {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      final Map<String, ManifestEntry> entries = RandomTrees.tree(random, 1 + random.nextInt(60));
      final InodeTree tree = tree(entries.values().toArray(ManifestEntry[]::new));
      RandomTrees.directories(entries).forEach(d -> entries.put(d, new DirectoryEntry(d)));
      final String context = "seed " + seed + ", round " + round;
      assertEquals(entries.size() + 1, tree.count(), context);
      final Map<String, Long> found = new HashMap<>();
      for (long ino = 2; ino <= tree.count(); ino++) {
        final String path = tree.path(ino);
        found.put(path, ino);
        assertEquals(ino, lookup(tree, path), context);
        final long first = tree.firstChild(tree.parent(ino));
        assertTrue(
            ino >= first && ino < first + tree.childCount(tree.parent(ino)),
            context + ": among its parent's children");
      }
      assertEquals(entries.keySet(), found.keySet(), context);
      for (final ManifestEntry entry : entries.values()) {
        assertSame(tree, found.get(entry.path()), entry, context);
      }
      assertChildrenAreSorted(tree, context);
    }
  }

  @Test
  void shouldFindNamesOnlyWhole() throws Exception {
    final InodeTree tree = tree(file("ab", 1, 0), file("abc", 1, 0), file("b", 1, 0));
    assertEquals(InodeTree.ABSENT, lookup(tree, "a"));
    assertEquals(InodeTree.ABSENT, lookup(tree, "abcd"));
    assertEquals(InodeTree.ABSENT, lookup(tree, "c"));
    final byte[] padded = "xxabyy".getBytes(StandardCharsets.UTF_8);
    assertEquals(lookup(tree, "ab"), tree.lookup(InodeTree.ROOT, padded, 2, 2));
    assertEquals(InodeTree.ABSENT, tree.lookup(lookup(tree, "ab"), padded, 2, 2), "in a file");
    assertEquals(InodeTree.ABSENT, tree.lookup(InodeTree.ROOT, new byte[] {-1}, 0, 1));
  }

  @Test
  void shouldHoldAHundredThousandEntriesInOneDirectory() throws Exception {
    final Manifest.Builder builder = new Manifest.Builder();
    for (int i = 0; i < 100_000; i++) {
      builder.add(file("d/file-" + Integer.toString(i * 7919 % 100_000, 36), i, i));
    }
    final InodeTree tree = TreeBuilder.build(builder.build());
    assertEquals(100_000, tree.childCount(lookup(tree, "d")));
    for (int i = 0; i < 100_000; i += 997) {
      final long ino = lookup(tree, "d/file-" + Integer.toString(i * 7919 % 100_000, 36));
      assertEquals(i, tree.size(ino));
    }
    assertEquals(99_999, tree.mtimeMicros(InodeTree.ROOT));
  }

  private static void assertSame(
      final InodeTree tree, final long ino, final ManifestEntry entry, final String context) {
    switch (entry) {
      case DirectoryEntry _ -> assertTrue(tree.isDirectory(ino), context);
      case SymlinkEntry link -> {
        final byte[] target = link.target().getBytes(StandardCharsets.UTF_8);
        final int start = tree.targetStart(ino);
        assertTrue(
            Arrays.equals(
                target, 0, target.length, tree.targets(), start, start + (int) tree.size(ino)),
            context);
      }
      case FileEntry file -> {
        assertEquals(file.size(), tree.size(ino), context);
        assertEquals(file.mtimeMicros(), tree.mtimeMicros(ino), context);
        assertEquals(file.runnable() ? 0100755 : 0100644, tree.mode(ino), context);
        final List<ContentHash> hashes = new ArrayList<>();
        for (int i = 0; i < tree.objectCount(ino); i++) {
          hashes.add(tree.hash(ino, i));
        }
        assertEquals(file.hashes(), hashes, context);
      }
    }
  }

  private static void assertChildrenAreSorted(final InodeTree tree, final String context) {
    for (long ino = 3; ino <= tree.count(); ino++) {
      if (tree.parent(ino) == tree.parent(ino - 1)) {
        final int order =
            Arrays.compareUnsigned(
                tree.names(),
                tree.nameStart(ino - 1),
                tree.nameStart(ino - 1) + tree.nameLength(ino - 1),
                tree.names(),
                tree.nameStart(ino),
                tree.nameStart(ino) + tree.nameLength(ino));
        assertTrue(order < 0, context);
      }
    }
  }

  private static InodeTree tree(final ManifestEntry... entries) throws ManifestException {
    final Manifest.Builder builder = new Manifest.Builder();
    for (final ManifestEntry entry : entries) {
      builder.add(entry);
    }
    return TreeBuilder.build(builder.build());
  }

  private static FileEntry file(final String path, final long size, final long mtime) {
    final ContentHash hash = size == 0 ? ContentHash.EMPTY : HASH;
    return new FileEntry(path, size, mtime, false, List.of(hash));
  }

  private static long lookup(final InodeTree tree, final String path) {
    long ino = InodeTree.ROOT;
    for (final String name : path.split("/", -1)) {
      final byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      ino = tree.lookup(ino, bytes, 0, bytes.length);
      if (ino == InodeTree.ABSENT) {
        return ino;
      }
    }
    return ino;
  }
}
