package dev.slabmount.vfs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import dev.slabmount.vfs.content.ContentHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ManifestRoundTripTest {

  /** An empty directory, nested rows, a chunked file, a link and an executable file. */
  static final String EXAMPLE =
      "{\"dirs\":[{\"path\":\"assets\"},{\"path\":\"$0/tex\"},{\"path\":\"empty\"}],\"files\":["
          + "{\"chunkhashes\":[\"e7e6e2cfd0fb193c998e510addb2da2d\","
          + "\"9872ce5eb2ae11905d6348f8e683f04b\"],"
          + "\"mtime\":1700000000000000,\"path\":\"$0/big.bin\",\"size\":314572800},"
          + "{\"hash\":\"890c8a5c5ad2a8a2edba9e94785346a3\",\"mtime\":1700000000000000,"
          + "\"path\":\"$1/a.txt\",\"size\":6},"
          + "{\"path\":\"latest\",\"symlink\":{\"target\":\"$1/a.txt\"}},"
          + "{\"hash\":\"38d6a0c73ce3aa28b9b26f0f4702a844\",\"mtime\":1700000001500000,"
          + "\"path\":\"run.sh\",\"runnable\":true,\"size\":18}],\"hashAlg\":\"xxh128\","
          + "\"specificationVersion\":\"relative-manifest-snapshot-beta-2025-12\","
          + "\"totalSize\":314572824}";

  @Test
  void shouldReadTheExample() throws Exception {
    final Manifest manifest = ManifestReader.read(EXAMPLE.getBytes(StandardCharsets.UTF_8));
    assertEquals(
        List.of(
            new DirectoryEntry("assets"),
            new DirectoryEntry("assets/tex"),
            new DirectoryEntry("empty"),
            new FileEntry(
                "assets/big.bin",
                314572800,
                1700000000000000L,
                false,
                List.of(
                    ContentHash.parse("e7e6e2cfd0fb193c998e510addb2da2d"),
                    ContentHash.parse("9872ce5eb2ae11905d6348f8e683f04b"))),
            new FileEntry(
                "assets/tex/a.txt",
                6,
                1700000000000000L,
                false,
                List.of(ContentHash.parse("890c8a5c5ad2a8a2edba9e94785346a3"))),
            new SymlinkEntry("latest", "assets/tex/a.txt"),
            new FileEntry(
                "run.sh",
                18,
                1700000001500000L,
                true,
                List.of(ContentHash.parse("38d6a0c73ce3aa28b9b26f0f4702a844")))),
        manifest.entries());
    assertEquals(3, manifest.directoryCount());
    assertEquals(314572824, manifest.totalSize());
  }

  @Test
  void shouldWriteTheExampleWithTheSameBytes() throws Exception {
    final byte[] bytes =
        ManifestWriter.toBytes(ManifestReader.read(EXAMPLE.getBytes(StandardCharsets.UTF_8)));
    assertEquals(EXAMPLE, new String(bytes, StandardCharsets.US_ASCII));
    final HashValue128 hash = Hashing.xxh3_128().hashBytesTo128Bits(bytes);
    assertEquals(
        "de7f5261f80aebb878a33ead50d87984",
        new ContentHash(hash.getMostSignificantBits(), hash.getLeastSignificantBits()).toString());
  }

  @Test
  void shouldListEveryParentDirectory() throws Exception {
    final Manifest manifest =
        new Manifest.Builder()
            .add(file("a/b/c/f"))
            .add(new SymlinkEntry("x/l", "nowhere"))
            .add(new DirectoryEntry("a/b"))
            .add(new DirectoryEntry("e/f"))
            .build();
    assertEquals(
        "{\"dirs\":[{\"path\":\"a\"},{\"path\":\"$0/b\"},{\"path\":\"$1/c\"},{\"path\":\"e\"},"
            + "{\"path\":\"$3/f\"},{\"path\":\"x\"}],\"files\":[{\"hash\":\"890c8a5c5ad2a8a2edba9e94"
            + "785346a3\",\"mtime\":-1,\"path\":\"$2/f\",\"size\":6},{\"path\":\"$5/l\",\"symlink\":"
            + "{\"target\":\"nowhere\"}}],\"hashAlg\":\"xxh128\",\"specificationVersion\":"
            + "\"relative-manifest-snapshot-beta-2025-12\",\"totalSize\":6}",
        text(manifest));
  }

  @Test
  void shouldNotChangeOnceItIsBuilt() throws Exception {
    final Manifest.Builder builder = new Manifest.Builder().add(file("a"));
    final Manifest manifest = builder.build();
    assertThrows(IllegalStateException.class, () -> builder.add(file("b")));
    assertThrows(IllegalStateException.class, builder::build);
    assertEquals(List.of(file("a")), manifest.entries());
  }

  @Test
  void shouldWriteAnEmptyTree() throws Exception {
    final String document =
        "{\"dirs\":[],\"files\":[],\"hashAlg\":\"xxh128\",\"specificationVersion\":"
            + "\"relative-manifest-snapshot-beta-2025-12\",\"totalSize\":0}";
    assertEquals(document, text(new Manifest.Builder().build()));
    assertEquals(List.of(), read(document).entries());
  }

  @Test
  void shouldEscapeEverythingButPrintableAscii() throws Exception {
    final String name = "~ \"\\\b\f\n\r\t\u0001\u001f\u007f\u0080é€\ufffd😀'<&";
    final String document = text(new Manifest.Builder().add(file(name)).build());
    assertTrue(
        document.contains(
            "\"path\":\"~ \\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u0080\\u00e9\\u20ac\\ufffd"
                + "\\ud83d\\ude00'<&\""),
        document);
    assertEquals(name, read(document).entries().getFirst().path());
  }

  @Test
  void shouldReadNamesThatAreNotEscaped() throws Exception {
    final String document =
        text(new Manifest.Builder().add(file("XYZ")).build())
            .replace("XYZ", "h\u00f6 \ud83d\ude00");
    assertEquals("hö 😀", read(document).entries().getFirst().path());
  }

  @Test
  void shouldSortDirectoriesByUtf8AndFilesByUtf16() throws Exception {
    // U+1F600 is after U+FF5E as UTF-8 and as code point, but before it as UTF-16.
    final Manifest manifest =
        new Manifest.Builder()
            .add(file("\uff5e"))
            .add(file("😀"))
            .add(file("z"))
            .add(new DirectoryEntry("d\uff5e"))
            .add(new DirectoryEntry("d😀"))
            .add(new DirectoryEntry("d"))
            .add(new DirectoryEntry("d/x"))
            .add(new DirectoryEntry("d!"))
            .build();
    assertEquals(
        List.of("d", "d!", "d/x", "d\uff5e", "d😀", "z", "😀", "\uff5e"),
        manifest.entries().stream().map(ManifestEntry::path).toList());
  }

  @Test
  void shouldSortByTheFullPathNotTheShortOne() throws Exception {
    // "$1/b" would be before "$10/a" and before "a".
    final Manifest.Builder builder = new Manifest.Builder();
    for (int i = 0; i < 12; i++) {
      builder.add(file("d%02d/f".formatted(i)));
    }
    final String document = text(builder.add(file("a")).build());
    final List<String> paths = read(document).entries().stream().map(ManifestEntry::path).toList();
    assertEquals("a", paths.get(12));
    assertEquals("d00/f", paths.get(13));
    assertEquals("d11/f", paths.get(24));
    assertTrue(document.indexOf("\"$2/f\"") < document.indexOf("\"$10/f\""), document);
  }

  @Test
  void shouldReadRowsAndKeysInAnyOrder() throws Exception {
    final String document =
        " {\"totalSize\" : 12,\n\"files\":[{\"size\":6,\"path\":\"$1/f\",\"mtime\":-1,"
            + "\"hash\":\"890c8a5c5ad2a8a2edba9e94785346a3\"},{\"hash\":"
            + "\"890c8a5c5ad2a8a2edba9e94785346a3\",\"mtime\":-1,\"path\":\"$0/f\",\"size\":6}],"
            + "\"specificationVersion\":\"relative-manifest-snapshot-beta-2025-12\","
            + "\"hashAlg\":\"xxh128\",\"dirs\":[{\"path\":\"z\"},{\"path\":\"a/b\"}]}\n";
    final Manifest manifest = read(document);
    assertEquals(
        List.of(
            new DirectoryEntry("a"),
            new DirectoryEntry("a/b"),
            new DirectoryEntry("z"),
            file("a/b/f"),
            file("z/f")),
        manifest.entries());
  }

  @Test
  void shouldNameErrorsInFilesThatComeFirst() {
    final ManifestException e =
        assertThrows(
            ManifestException.class,
            () ->
                read(
                    "{\"files\":[{\"path\":\"l\",\"symlink\":{\"target\":\"$0/x\"}}],\"dirs\":[],"
                        + "\"specificationVersion\":\"relative-manifest-snapshot-beta-2025-12\","
                        + "\"hashAlg\":\"xxh128\",\"totalSize\":0}"));
    assertEquals("/files/0/symlink/target", e.pointer());
  }

  @Test
  void shouldSkipUnknownKeys() throws Exception {
    final String document =
        EXAMPLE
            .replace("\"hashAlg\"", "\"future\":[{\"x\":[1,2.5,null,\"\\u00e9\"]}],\"hashAlg\"")
            .replace("{\"path\":\"empty\"}", "{\"mode\":493,\"path\":\"empty\"}")
            .replace("\"size\":6", "\"size\":6,\"owner\":{\"uid\":0}")
            .replace("\"target\":", "\"kind\":true,\"target\":");
    assertEquals(read(EXAMPLE).entries(), read(document).entries());
  }

  @Test
  void shouldIgnoreTimesAndSizesOfLinksAndExplicitFalse() throws Exception {
    final String document =
        EXAMPLE
            .replace("\"path\":\"latest\"", "\"mtime\":5,\"size\":7,\"path\":\"latest\"")
            .replace("\"size\":6", "\"size\":6,\"runnable\":false,\"deleted\":false")
            .replace("{\"path\":\"empty\"}", "{\"path\":\"empty\",\"deleted\":false}");
    assertEquals(read(EXAMPLE).entries(), read(document).entries());
  }

  @Test
  void shouldReadTheOtherNameOfTheForm() throws Exception {
    final String document =
        EXAMPLE.replace(
            "\"specificationVersion\":\"relative-manifest-snapshot-beta-2025-12\"",
            "\"manifestVersion\":\"2025-12\"");
    assertEquals(EXAMPLE, text(read(document)));
  }

  @Test
  void shouldKeepALongFileUnderOneHash() throws Exception {
    final FileEntry big =
        new FileEntry("big", 300L << 20, 0, false, List.of(new ContentHash(1, 2)));
    assertEquals(List.of(big), read(text(new Manifest.Builder().add(big).build())).entries());
  }

  @Test
  void shouldKeepANameThatLooksLikeAReference() throws Exception {
    final Manifest manifest =
        new Manifest.Builder()
            .add(new DirectoryEntry("$0"))
            .add(file("$0/$1"))
            .add(file("$x/y/z"))
            .add(file("$"))
            .add(new SymlinkEntry("l", "$5"))
            .add(new SymlinkEntry("m", "$x/y"))
            .build();
    assertEquals(manifest.entries(), read(text(manifest)).entries());
    assertEquals(
        List.of("$0", "$x", "$x/y", "$", "$0/$1", "$x/y/z", "l", "m"),
        manifest.entries().stream().map(ManifestEntry::path).toList());
  }

  @Test
  void shouldRefuseToWriteATargetThatWouldComeBackChanged() throws Exception {
    for (final String target : List.of("$0/x", "$/x", "$y/z", "$d/", "$d//x")) {
      final Manifest manifest =
          new Manifest.Builder()
              .add(new DirectoryEntry("d"))
              .add(new SymlinkEntry("l", target))
              .build();
      final ManifestException e =
          assertThrows(ManifestException.class, () -> ManifestWriter.toBytes(manifest));
      assertEquals("/files/0/symlink/target", e.pointer());
      assertTrue(e.getMessage().contains("'" + target + "'"), e.getMessage());
    }
  }

  @Test
  void shouldWriteMoreThanOneBufferful() throws Exception {
    final Manifest.Builder builder = new Manifest.Builder();
    for (int i = 0; i < 5000; i++) {
      builder.add(file("d" + i % 100 + "/\u20ac".repeat(i % 10) + i));
    }
    final Manifest manifest = builder.build();
    final byte[] document = ManifestWriter.toBytes(manifest);
    assertTrue(document.length > 300_000);
    assertEquals(manifest.entries(), ManifestReader.read(document).entries());
  }

  @Test
  void shouldReadWhatItWroteForRandomTrees() throws Exception {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      final Map<String, ManifestEntry> tree = RandomTrees.tree(random, 1 + random.nextInt(40));
      final Set<String> directories = RandomTrees.directories(tree);
      tree.values()
          .removeIf(entry ->
              entry instanceof SymlinkEntry link
                  && !SymlinkTarget.survives(link.target(), directories::contains));
      directories.forEach(path -> tree.put(path, new DirectoryEntry(path)));
      final List<ManifestEntry> shuffled = new ArrayList<>(tree.values());
      Collections.shuffle(shuffled, random);
      final Manifest.Builder builder = new Manifest.Builder();
      for (final ManifestEntry entry : shuffled) {
        builder.add(entry);
      }
      final Manifest manifest = builder.build();
      final byte[] bytes = ManifestWriter.toBytes(manifest);
      final Manifest again = ManifestReader.read(bytes);
      final String context = "seed " + seed + ", round " + round;
      assertEquals(manifest.entries(), again.entries(), context);
      assertEquals(text(manifest), text(again), context);
      final Map<String, ManifestEntry> found = new TreeMap<>();
      again.entries().forEach(entry -> found.put(entry.path(), entry));
      assertEquals(new TreeMap<>(tree), found, context);
    }
  }

  @Test
  void shouldCallEveryTargetUnsayableThatDoesNotSurvive() {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    int unsayable = 0;
    for (int round = 0; round < 20_000; round++) {
      // No directory is named like its own row, which would be read back rightly by accident.
      final List<String> rows = List.of("$1", "$0", "a", "a/b", "😀");
      final String target = RandomTrees.target(random, rows);
      String back;
      try {
        back = IndexedPath.decode(IndexedPath.encode(target, rows::indexOf), rows);
      } catch (final IllegalArgumentException _) {
        back = null;
      }
      final boolean survives = SymlinkTarget.survives(target, new HashSet<>(rows)::contains);
      if (SymlinkTarget.defect(target) == null) {
        assertEquals(target.equals(back), survives, "seed " + seed + ": " + target);
      }
      unsayable += survives ? 0 : 1;
    }
    assertTrue(unsayable > 100 && unsayable < 19_000, "a test of something: " + unsayable);
  }

  private static FileEntry file(final String path) {
    return new FileEntry(
        path, 6, -1, false, List.of(ContentHash.parse("890c8a5c5ad2a8a2edba9e94785346a3")));
  }

  private static Manifest read(final String document) throws ManifestException {
    return ManifestReader.read(document.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(final Manifest manifest) throws ManifestException {
    return new String(ManifestWriter.toBytes(manifest), StandardCharsets.US_ASCII);
  }
}
