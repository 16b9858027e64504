package dev.slabmount.vfs.manifest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.Xxh128;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All forms of documents are read, and those that are written come back with the same bytes. */
@Timeout(60)
class ManifestFormsTest {

  /** {@code a.txt}, {@code bin/run.sh} and {@code café/empty}. */
  static final String LEGACY =
      "{\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2023-03-03\",\"paths\":["
          + "{\"hash\":\"890c8a5c5ad2a8a2edba9e94785346a3\",\"mtime\":1700000000000000,"
          + "\"path\":\"a.txt\",\"size\":6},"
          + "{\"hash\":\"38d6a0c73ce3aa28b9b26f0f4702a844\",\"mtime\":1700000001500000,"
          + "\"path\":\"bin/run.sh\",\"size\":18},"
          + "{\"hash\":\"99aa06d3014798d86001c324468d497f\",\"mtime\":1700000002000000,"
          + "\"path\":\"caf\\u00e9/empty\",\"size\":0}],\"totalSize\":24}";

  /** Changes against {@link ManifestRoundTripTest#EXAMPLE}. */
  static final String DIFF =
      "{\"dirs\":[{\"deleted\":true,\"path\":\"empty\"},{\"path\":\"logs\"}],\"files\":["
          + "{\"deleted\":true,\"path\":\"latest\"},"
          + "{\"hash\":\"8371c99a3a69dd53125cbcfaf9e42121\",\"mtime\":1700000100000000,"
          + "\"path\":\"$1/new.txt\",\"size\":5}],\"hashAlg\":\"xxh128\","
          + "\"parentManifestHash\":\"de7f5261f80aebb878a33ead50d87984\","
          + "\"specificationVersion\":\"relative-manifest-diff-beta-2025-12\",\"totalSize\":5}";

  static final String BETA =
      "{\"dirs\":[{\"name\":\"logs\"}],\"files\":["
          + "{\"name\":\"latest\",\"symlink_target\":\"logs/new.txt\"},"
          + "{\"hash\":\"8371c99a3a69dd53125cbcfaf9e42121\",\"mtime\":1700000100000000,"
          + "\"name\":\"logs/new.txt\",\"size\":5}],\"hashAlg\":\"xxh128\","
          + "\"manifestVersion\":\"2025-12-04-beta\",\"totalSize\":5}";

  static final String ABSOLUTE =
      "{\"dirs\":[{\"path\":\"/p\"},{\"path\":\"$0/x\"}],\"files\":["
          + "{\"hash\":\"890c8a5c5ad2a8a2edba9e94785346a3\",\"mtime\":1,\"path\":\"$1/a\","
          + "\"size\":6},{\"path\":\"/z\",\"symlink\":{\"target\":\"$1/a\"}}],"
          + "\"hashAlg\":\"xxh128\","
          + "\"specificationVersion\":\"absolute-manifest-snapshot-beta-2025-12\","
          + "\"totalSize\":6}";

  private static final ContentHash ALPHA = ContentHash.parse("890c8a5c5ad2a8a2edba9e94785346a3");

  @Test
  void shouldReadAndWriteTheFormOf2023() throws Exception {
    assertEquals("ac9d691db6424411765ca213c899d845", hash(LEGACY));
    final Manifest manifest = ManifestReader.read(bytes(LEGACY));
    assertEquals(
        List.of(
            new DirectoryEntry("bin"),
            new DirectoryEntry("café"),
            new FileEntry("a.txt", 6, 1700000000000000L, false, List.of(ALPHA)),
            new FileEntry(
                "bin/run.sh",
                18,
                1700000001500000L,
                false,
                List.of(ContentHash.parse("38d6a0c73ce3aa28b9b26f0f4702a844"))),
            new FileEntry("café/empty", 0, 1700000002000000L, false, List.of(ContentHash.EMPTY))),
        manifest.entries());
    assertEquals(
        LEGACY, text(ManifestWriter.toBytes(manifest, legacy(TextConvention.ASCII, false))));
    assertEquals(LEGACY, written(LEGACY, TextConvention.ASCII));
  }

  @Test
  void shouldReadAndWriteTheSnapshotOf2025() throws Exception {
    final String example = ManifestRoundTripTest.EXAMPLE;
    assertEquals("de7f5261f80aebb878a33ead50d87984", hash(example));
    assertEquals(example, written(example, TextConvention.ASCII));
    final ManifestDocument document = ManifestDocument.read(bytes(example));
    assertEquals(List.of(), document.defects());
    assertEquals(ManifestReader.read(bytes(example)).entries(), document.toManifest().entries());
    assertInstanceOf(ManifestView.Snapshot.class, document.view());
  }

  @Test
  void shouldReadAndWriteADiff() throws Exception {
    assertEquals("1060cb2169b47955df3779b3c4b350d7", hash(DIFF));
    final ManifestDocument document = ManifestDocument.read(bytes(DIFF));
    assertEquals(List.of(), document.defects());
    assertEquals(
        List.of(new DirectoryRow("empty", true), new DirectoryRow("logs", false)),
        document.directories());
    assertEquals(ManifestRow.Kind.DELETED, document.files().getFirst().kind());
    assertEquals("logs/new.txt", document.files().getLast().path());
    final ManifestView.SnapshotDiff view =
        assertInstanceOf(ManifestView.SnapshotDiff.class, document.view());
    assertEquals("de7f5261f80aebb878a33ead50d87984", view.parentHash());
    assertEquals(DIFF, written(DIFF, TextConvention.ASCII));
  }

  @Test
  void shouldReadTheDraft() throws Exception {
    final List<ManifestEntry> expected =
        List.of(
            new DirectoryEntry("logs"),
            new SymlinkEntry("latest", "logs/new.txt"),
            new FileEntry(
                "logs/new.txt",
                5,
                1700000100000000L,
                false,
                List.of(ContentHash.parse("8371c99a3a69dd53125cbcfaf9e42121"))));
    for (final String spelling :
        List.of(
            BETA,
            BETA.replace("logs/new.txt", "$0/new.txt"),
            BETA.replace(
                "\"symlink_target\":\"logs/new.txt\"", "\"symlink\":{\"name\":\"$0/new.txt\"}"),
            BETA.replace("\"name\":\"latest\"", "\"name\":\"latest\",\"delete\":false"))) {
      assertEquals(expected, ManifestReader.read(bytes(spelling)).entries(), spelling);
      final ManifestDocument document = ManifestDocument.read(bytes(spelling));
      assertEquals(List.of(), document.defects());
      assertEquals(expected, document.toManifest().entries());
      final ManifestException e =
          assertThrows(
              ManifestException.class,
              () -> ManifestWriter.toBytes(document, TextConvention.ASCII));
      assertTrue(e.getMessage().contains("'2025-12-04-beta' is not written"), e.getMessage());
    }
  }

  @Test
  void shouldTellTheDraftOfADiffByItsParent() throws Exception {
    final String diff =
        BETA.replace(
                "\"manifestVersion\"",
                "\"parentManifestHash\":\"" + ALPHA + "\",\"manifestVersion\"")
            .replace("\"symlink_target\":\"logs/new.txt\"", "\"delete\":true")
            .replace(
                "{\"name\":\"logs\"}", "{\"name\":\"logs\"},{\"name\":\"old\",\"delete\":true}");
    final ManifestDocument document = ManifestDocument.read(bytes(diff));
    assertEquals(List.of(), document.defects());
    assertEquals(ManifestForm.BETA_DIFF, document.form());
    assertEquals(new DirectoryRow("old", true), document.directories().getLast());
    assertEquals(ManifestRow.Kind.DELETED, document.files().getFirst().kind());
    final ManifestException e =
        assertThrows(ManifestException.class, () -> ManifestReader.read(bytes(diff)));
    assertEquals("/parentManifestHash", e.pointer());
    assertTrue(e.getMessage().contains("cannot be mounted"), e.getMessage());
  }

  @Test
  void shouldReadTheKeysOfAFormInThatFormOnly() throws Exception {
    assertEquals(
        "/files/0",
        assertThrows(
                ManifestException.class,
                () ->
                    ManifestReader.read(
                        bytes(BETA.replace("\"name\":\"latest\"", "\"path\":\"latest\""))))
            .pointer());
    assertEquals(
        "/files/2",
        assertThrows(
                ManifestException.class,
                () ->
                    ManifestReader.read(
                        bytes(
                            ManifestRoundTripTest.EXAMPLE.replace(
                                "\"symlink\":{\"target\":\"$1/a.txt\"}",
                                "\"symlink_target\":\"x\""))))
            .pointer());
    // In the form of 2023 a dollar is a letter and an execute bit an unknown key.
    final Manifest legacy =
        ManifestReader.read(
            bytes(LEGACY.replace("\"a.txt\"", "\"$0/a\",\"runnable\":true,\"deleted\":true")));
    assertEquals("$0", legacy.entries().getFirst().path());
    assertEquals("$0/a", legacy.entries().get(3).path());
  }

  @ParameterizedTest
  @EnumSource
  void shouldTakeEverySpecificationAtItsWord(final ManifestForm form) throws Exception {
    if (form.isNamedBySpecification()) {
      final String document =
          (form.isAbsolute() ? ABSOLUTE : ManifestRoundTripTest.EXAMPLE)
              .replaceFirst("[a-z]+-manifest-snapshot-beta-2025-12", form.text())
              .replaceFirst(
                  ",\"specification",
                  form.isDiff()
                      ? ",\"parentManifestHash\":\"" + ALPHA + "\",\"specification"
                      : ",\"specification");
      final ManifestDocument read = ManifestDocument.read(bytes(document));
      assertEquals(form, read.form());
      assertEquals(List.of(), read.defects());
      assertEquals(document, written(document, TextConvention.ASCII));
      assertEquals(document, written(document, TextConvention.UTF8));
      final ManifestView view = read.view();
      assertEquals(form.isDiff(), view.getClass().getSimpleName().endsWith("Diff"));
      assertEquals(form.isAbsolute(), view.getClass().getSimpleName().startsWith("Absolute"));
      if (form.isMountable()) {
        assertEquals(document, text(ManifestWriter.toBytes(ManifestReader.read(bytes(document)))));
      } else {
        final ManifestException e =
            assertThrows(ManifestException.class, () -> ManifestReader.read(bytes(document)));
        assertEquals("/specificationVersion", e.pointer());
        assertTrue(e.getMessage().contains("'" + form.text() + "'"), e.getMessage());
        assertThrows(ManifestException.class, read::toManifest);
      }
    }
  }

  @Test
  void shouldMoveATreeToAPlaceAndBack() throws Exception {
    final ManifestView.Snapshot tree =
        assertInstanceOf(
            ManifestView.Snapshot.class,
            ManifestDocument.read(bytes(ManifestRoundTripTest.EXAMPLE)).view());
    for (final String root : List.of("/", "/srv", "/srv/a b/c", "C:/", "C:/proj")) {
      final byte[] there =
          ManifestWriter.toBytes(tree.under(root).document(), TextConvention.ASCII);
      final ManifestDocument read = ManifestDocument.read(there);
      assertEquals(List.of(), read.defects(), root);
      final ManifestView.AbsoluteSnapshot absolute =
          assertInstanceOf(ManifestView.AbsoluteSnapshot.class, read.view());
      assertEquals(
          ManifestRoundTripTest.EXAMPLE,
          text(ManifestWriter.toBytes(absolute.below(root).document(), TextConvention.ASCII)),
          root);
      assertEquals(tree.tree().entries(), absolute.below(root).tree().entries());
    }
    assertThrows(ManifestException.class, () -> tree.under("srv"));
    assertThrows(ManifestException.class, () -> tree.under(""));
    assertThrows(ManifestException.class, () -> tree.under("/srv/"));
    assertThrows(ManifestException.class, () -> tree.under("/" + "x/".repeat(2044) + "x"));
  }

  @Test
  void shouldMoveChangesToAPlaceAndBack() throws Exception {
    final ManifestView.SnapshotDiff diff =
        assertInstanceOf(
            ManifestView.SnapshotDiff.class, ManifestDocument.read(bytes(DIFF)).view());
    final ManifestView.AbsoluteSnapshotDiff there = diff.under("/srv");
    assertEquals(diff.parentHash(), there.parentHash());
    assertEquals(new DirectoryRow("/srv/empty", true), there.document().directories().getFirst());
    assertEquals(
        DIFF, text(ManifestWriter.toBytes(there.below("/srv").document(), TextConvention.ASCII)));
  }

  @Test
  void shouldRefuseToLoseWhatLiesOutsideOfTheRoot() throws Exception {
    final ManifestView.AbsoluteSnapshot view =
        assertInstanceOf(
            ManifestView.AbsoluteSnapshot.class, ManifestDocument.read(bytes(ABSOLUTE)).view());
    final ManifestException e = assertThrows(ManifestException.class, () -> view.below("/p"));
    assertEquals("/files/1/path", e.pointer());
    assertTrue(e.getMessage().contains("'/z' is not below '/p/'"), e.getMessage());
    assertThrows(ManifestException.class, () -> view.below("/p/x"));
    assertEquals("z", view.below("/").document().files().getLast().path());
  }

  @Test
  void shouldSpellTextInEitherConvention() throws Exception {
    final String name = "\u007f é€\uffff😀\"\\\u0001\n";
    final Manifest manifest =
        new Manifest.Builder().add(new FileEntry(name, 6, 1, false, List.of(ALPHA))).build();
    final WriteOptions utf8 =
        new WriteOptions(ManifestForm.RELATIVE_SNAPSHOT, TextConvention.UTF8, false);
    final byte[] raw = ManifestWriter.toBytes(manifest, utf8);
    assertTrue(
        new String(raw, StandardCharsets.UTF_8)
            .contains("\"path\":\"\u007f é€\uffff😀\\\"\\\\\\u0001\\n\","),
        new String(raw, StandardCharsets.UTF_8));
    final byte[] escaped = ManifestWriter.toBytes(manifest);
    assertTrue(
        text(escaped)
            .contains(
                "\"path\":\"\\u007f \\u00e9\\u20ac\\uffff\\ud83d\\ude00\\\"\\\\\\u0001\\n\","),
        text(escaped));
    assertEquals(manifest.entries(), ManifestReader.read(raw).entries());
    assertArrayEquals(
        raw, ManifestWriter.toBytes(ManifestDocument.read(escaped), utf8.convention()));
    assertArrayEquals(
        escaped, ManifestWriter.toBytes(ManifestDocument.read(raw), TextConvention.ASCII));
    assertEquals(
        LEGACY.replace("\\u00e9", "é"),
        new String(
            ManifestWriter.toBytes(
                ManifestReader.read(bytes(LEGACY)), legacy(TextConvention.UTF8, false)),
            StandardCharsets.UTF_8));
  }

  @Test
  void shouldRefuseToLeaveAnythingOutUnlessToldTo() throws Exception {
    final Manifest manifest =
        new Manifest.Builder()
            .add(new DirectoryEntry("empty"))
            .add(new FileEntry("d/plain", 6, 1, false, List.of(ALPHA)))
            .add(new FileEntry("d/run", 6, 2, true, List.of(ALPHA)))
            .add(new FileEntry("whole", 300L << 20, 4, false, List.of(ALPHA)))
            .add(new SymlinkEntry("links/l", "x"))
            .add(new SymlinkEntry("m", "x"))
            .build();
    final ManifestException e =
        assertThrows(
            ManifestException.class,
            () -> ManifestWriter.toBytes(manifest, legacy(TextConvention.ASCII, false)));
    assertTrue(
        e.getMessage()
            .contains(
                "'2023-03-03' has no words for 2 links, 2 folders without files (the first is"
                    + " 'links/l'); --lossy leaves that out"),
        e.getMessage());
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final Losses losses = ManifestWriter.write(manifest, out, legacy(TextConvention.ASCII, true));
    assertEquals(new Losses(2, 2, 1, "links/l", "d/run"), losses);
    assertEquals(
        List.of(
            new DirectoryEntry("d"),
            new FileEntry("d/plain", 6, 1, false, List.of(ALPHA)),
            new FileEntry("d/run", 6, 2, false, List.of(ALPHA)),
            new FileEntry("whole", 300L << 20, 4, false, List.of(ALPHA))),
        ManifestReader.read(out.toByteArray()).entries());
  }

  @Test
  void shouldRefuseALinkOrAnEmptyFolderAlone() throws Exception {
    for (final ManifestEntry entry : List.of(new DirectoryEntry("x"), new SymlinkEntry("x", "y"))) {
      final Manifest manifest = new Manifest.Builder().add(entry).build();
      final ManifestException e =
          assertThrows(
              ManifestException.class,
              () -> ManifestWriter.toBytes(manifest, legacy(TextConvention.ASCII, false)));
      assertTrue(
          e.getMessage().matches(".* has no words for 1 [a-z ]+ \\(.*'x'\\); .*"), e.getMessage());
    }
  }

  @Test
  void shouldCountExecuteBitsThatAreLost() throws Exception {
    final Manifest manifest =
        new Manifest.Builder().add(new FileEntry("x", 6, 2, true, List.of(ALPHA))).build();
    final Losses losses =
        ManifestWriter.write(
            manifest, new ByteArrayOutputStream(), legacy(TextConvention.ASCII, false));
    assertEquals(new Losses(0, 0, 1, "", "x"), losses);
    assertEquals("1 execute bit (the first is 'x')", losses.describeExecuteBits());
  }

  @Test
  void shouldNeverLeaveOutAFileInChunks() throws Exception {
    final Manifest manifest =
        new Manifest.Builder()
            .add(new FileEntry("big", 300L << 20, 3, false, List.of(ALPHA, ALPHA)))
            .build();
    for (final boolean lossy : List.of(false, true)) {
      final ManifestException e =
          assertThrows(
              ManifestException.class,
              () -> ManifestWriter.toBytes(manifest, legacy(TextConvention.ASCII, lossy)));
      assertTrue(
          e.getMessage()
              .contains(
                  "1 in chunks (the first is 'big'); take a snapshot with --form 2023-03-03"
                      + " instead"),
          e.getMessage());
    }
  }

  @Test
  void shouldListParentsOfWhatIsThereButNotOfWhatIsGone() throws Exception {
    final String hash = "\"hash\":\"" + ALPHA + "\",\"mtime\":1,\"size\":6";
    final String diff =
        "{\"dirs\":[{\"deleted\":true,\"path\":\"gone\"}],\"files\":["
            + "{\"deleted\":true,\"path\":\"gone/f\"},{\"deleted\":true,\"path\":\"old/f\"},"
            + "{\"path\":\"n/m/f\","
            + hash
            + "}],\"hashAlg\":\"xxh128\",\"parentManifestHash\":\""
            + ALPHA
            + "\",\"specificationVersion\":\"relative-manifest-diff-beta-2025-12\","
            + "\"totalSize\":6}";
    final String canonical = written(diff, TextConvention.ASCII);
    assertTrue(
        canonical.startsWith(
            "{\"dirs\":[{\"deleted\":true,\"path\":\"gone\"},{\"path\":\"n\"},{\"path\":\"$1/m\"}],"
                + "\"files\":[{\"deleted\":true,\"path\":\"$0/f\"},{\"hash\""),
        canonical);
    assertTrue(canonical.contains("{\"deleted\":true,\"path\":\"old/f\"}"), canonical);
    assertEquals(canonical, written(canonical, TextConvention.ASCII));
    // Without its parent in the list this path would come back as a reference.
    final String unsayable = diff.replace("n/m/f", "$x/f").replace("old/f", "$y/f");
    final ManifestException refused =
        assertThrows(ManifestException.class, () -> ManifestDocument.read(bytes(unsayable)).view());
    assertTrue(refused.getMessage().contains("begins with '$'"), refused.getMessage());
  }

  @Test
  void shouldWriteTheSameBytesFromATreeAndFromADocument() throws Exception {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      final byte[] document = ManifestFuzzTest.randomDocument(random);
      for (final TextConvention convention : TextConvention.values()) {
        assertArrayEquals(
            ManifestWriter.toBytes(
                ManifestReader.read(document),
                new WriteOptions(ManifestForm.RELATIVE_SNAPSHOT, convention, false)),
            ManifestWriter.toBytes(ManifestDocument.read(document), convention),
            "seed " + seed + ", round " + round);
      }
    }
  }

  @Test
  void shouldReadTheOldFormsWithTheirKeysInAnyOrder() throws Exception {
    final String shuffled =
        LEGACY
            .replace("\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2023-03-03\",", "")
            .replace("\"totalSize\"", "\"manifestVersion\":\"2023-03-03\",\"totalSize\"")
            .replace("}],", "}],\"hashAlg\":\"xxh128\",");
    assertEquals(
        ManifestReader.read(bytes(LEGACY)).entries(),
        ManifestReader.read(bytes(shuffled)).entries());
    final String filesFirst =
        "{\"files\":[{\"name\":\"$0/l\",\"symlink_target\":\"$0/x\"}],\"dirs\":[{\"name\":\"d\"}],"
            + "\"totalSize\":0,\"manifestVersion\":\"2025-12-04-beta\",\"hashAlg\":\"xxh128\"}";
    final List<ManifestEntry> expected =
        List.of(new DirectoryEntry("d"), new SymlinkEntry("d/l", "d/x"));
    assertEquals(expected, ManifestReader.read(bytes(filesFirst)).entries());
    assertEquals(expected, ManifestDocument.read(bytes(filesFirst)).toManifest().entries());
  }

  @Test
  void shouldGoByTheSpecificationIfBothVersionsAreSaid() throws Exception {
    for (final String other : List.of("2023-03-03", "2025-12-04-beta", "2025-12", "1999")) {
      final String both =
          "{\"manifestVersion\":\"" + other + "\"," + ManifestRoundTripTest.EXAMPLE.substring(1);
      assertEquals(
          ManifestReader.read(bytes(ManifestRoundTripTest.EXAMPLE)).entries(),
          ManifestReader.read(bytes(both)).entries());
      assertEquals(List.of(), ManifestDocument.read(bytes(both)).defects());
    }
  }

  @Test
  void shouldRefuseAFormThatTreesAreNotWrittenIn() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new WriteOptions(ManifestForm.RELATIVE_DIFF, TextConvention.ASCII, false));
    assertThrows(
        IllegalArgumentException.class,
        () -> new WriteOptions(ManifestForm.BETA_SNAPSHOT, TextConvention.ASCII, false));
  }

  private static WriteOptions legacy(final TextConvention convention, final boolean lossy) {
    return new WriteOptions(ManifestForm.LEGACY_2023, convention, lossy);
  }

  private static String written(final String document, final TextConvention convention)
      throws ManifestException {
    return new String(
        ManifestWriter.toBytes(ManifestDocument.read(bytes(document)), convention),
        StandardCharsets.UTF_8);
  }

  private static String hash(final String document) {
    return Xxh128.hash(bytes(document)).toString();
  }

  private static byte[] bytes(final String document) {
    return document.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(final byte[] document) {
    return new String(document, StandardCharsets.US_ASCII);
  }
}
