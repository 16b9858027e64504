package dev.slabmount.vfs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What can be wrong in documents of the forms besides the usual one, and that whoever only looks
 * sees the rest of the document all the same.
 */
@Timeout(60)
class BadFormsTest {

  private static final String HASH = "890c8a5c5ad2a8a2edba9e94785346a3";
  private static final String FILE = "\"hash\":\"" + HASH + "\",\"mtime\":1,\"size\":6";
  private static final String BIG = FILE.replace("\"size\":6", "\"size\":268435457");

  static Stream<Arguments> badDocuments() {
    return Stream.of(
        // 2023-03-03
        bad("no paths", legacy("").replace("\"paths\":[]", "\"p\":0"), "", "needs 'paths'"),
        bad("paths of another type", legacy("").replace("[]", "{}"), "/paths", "an array"),
        bad("a row of another type", legacy("7"), "/paths/0", "must be an object"),
        bad("no path", legacy("{" + FILE + "}"), "/paths/0", "a row of 'paths' needs 'path'"),
        bad("no hash", legacy("{\"path\":\"a\",\"mtime\":1,\"size\":6}"), "/paths/0", "'hash'"),
        bad("no size", legacy(row("a").replace(",\"size\":6", "")), "/paths/0", "needs 'size'"),
        bad("no mtime", legacy(row("a").replace("\"mtime\":1,", "")), "/paths/0", "'mtime'"),
        bad("a hash like none", legacy(row("a").replace(HASH, "xyz")), "/paths/0/hash", "'xyz'"),
        bad("a size in quotes", legacy(row("a").replace(":6", ":\"6\"")), "/paths/0/size", "whole"),
        bad("..", legacy(row("../a")), "/paths/0/path", "the component '..'"),
        bad("an absolute path", legacy(row("/a")), "/paths/0/path", "the path is absolute"),
        bad("an empty path", legacy(row("")), "/paths/0/path", "the path is empty"),
        bad(
            "a path twice",
            legacy(row("a") + "," + row("a")),
            "/paths/1/path",
            "first at /paths/0"),
        bad(
            "a file that is a folder",
            legacy(row("a") + "," + row("a/b")),
            "/paths/0/path",
            "a directory elsewhere"),
        bad("another total", legacy(row("a")).replace("Size\":6", "Size\":5"), "/totalSize", "5"),
        bad("another hash", legacy("").replace("xxh128", "md5"), "/hashAlg", "'md5'"),
        bad(
            "a parent",
            legacy("").replace("\"paths\"", "\"parentManifestHash\":\"" + HASH + "\",\"paths\""),
            "/parentManifestHash",
            "only a manifest of changes"),
        // 2025-12-04-beta
        bad("no name", beta("", row("a")), "/files/0", "a row of 'files' needs 'name'"),
        bad("no name of a folder", beta("{\"path\":\"d\"}", ""), "/dirs/0", "needs 'name'"),
        bad("a name like none", beta("", named("a//b")), "/files/0/name", "an empty component"),
        bad(
            "a folder twice",
            beta("{\"name\":\"d\"},{\"name\":\"d\"}", ""),
            "/dirs/1/name",
            "twice"),
        bad(
            "a row that is not there",
            beta("", "{\"name\":\"l\",\"symlink_target\":\"$0/x\"}"),
            "/files/0/symlink_target",
            "row 0"),
        bad(
            "an empty target",
            beta("", "{\"name\":\"l\",\"symlink\":{\"name\":\"\"}}"),
            "/files/0/symlink/name",
            "the target is empty"),
        bad(
            "a target of today",
            beta("", "{\"name\":\"l\",\"symlink\":{\"target\":\"x\"}}"),
            "/files/0/symlink",
            "a symlink needs 'name'"),
        bad(
            "two targets",
            beta("", "{\"name\":\"l\",\"symlink\":{\"name\":\"x\"},\"symlink_target\":\"x\"}"),
            "/files/0",
            "has 2"),
        bad(
            "a deletion",
            beta("", "{\"name\":\"x\",\"delete\":true}"),
            "/files/0/delete",
            "snapshot"),
        bad(
            "a deleted folder",
            beta("{\"name\":\"x\",\"delete\":true}", ""),
            "/dirs/0/delete",
            "snapshot"),
        // Changes
        bad("no parent", diff("", "").replace("parentM", "m"), "", "needs 'parentManifestHash'"),
        bad(
            "a parent like none",
            diff("", "").replace(HASH, "abc"),
            "/parentManifestHash",
            "found 'abc'"),
        bad(
            "a parent of another type",
            diff("", "").replace("\"" + HASH + "\"", "1"),
            "/parentM",
            ""),
        bad("hash of a deletion", diff("", deleted(FILE)), "/files/0/hash", "has 'hash'"),
        bad(
            "chunks of a deletion",
            diff("", deleted("\"chunkhashes\":[],\"size\":1")),
            "/files/0/chunkhashes",
            "'chunkhashes'"),
        bad(
            "target of a deletion",
            diff("", deleted("\"symlink\":{\"target\":\"x\"},\"runnable\":true")),
            "/files/0/symlink",
            "'symlink'"),
        bad(
            "execute bit of a deletion",
            diff("", deleted("\"runnable\":true,\"mtime\":1")),
            "/files/0/runnable",
            "'runnable'"),
        bad("size of a deletion", diff("", deleted("\"size\":1,\"mtime\":1")), "/files/0/size", ""),
        bad("mtime of a deletion", diff("", deleted("\"mtime\":1")), "/files/0/mtime", "'mtime'"),
        bad("no content", diff("", "{\"path\":\"a\",\"mtime\":1,\"size\":6}"), "/files/0", "has 0"),
        bad(
            "deleted and there",
            diff("", "{\"deleted\":true,\"path\":\"a\"}," + row("a")),
            "/files/1/path",
            "'a' is listed twice, first at /files/0"),
        bad(
            "a folder deleted and there",
            diff("{\"deleted\":true,\"path\":\"d\"},{\"path\":\"d\"}", ""),
            "/dirs/1/path",
            "listed twice"),
        bad(
            "a file and a folder",
            diff("{\"path\":\"d\"}", row("d")),
            "/files/0/path",
            "a directory elsewhere"),
        bad("chunks missing", diff("", row("a", BIG)), "/totalSize", "add up to 268435457"),
        // Absolute paths
        bad("a relative path", absolute("", row("a")), "/files/0/path", "the path is not absolute"),
        bad("a relative folder", absolute("{\"path\":\"d\"}", ""), "/dirs/0/path", "not absolute"),
        bad("the root", absolute("{\"path\":\"/\"}", ""), "/dirs/0/path", "the root of a machine"),
        bad("two slashes", absolute("", row("//a")), "/files/0/path", "an empty component"),
        bad(".. at the root", absolute("", row("/../a")), "/files/0/path", "the component '..'"),
        bad("a drive without a slash", absolute("", row("C:a")), "/files/0/path", "not absolute"),
        bad("an empty absolute path", absolute("", row("")), "/files/0/path", "the path is empty"),
        bad("NUL", absolute("", row("/a\\u0000")), "/files/0/path", "contains NUL"),
        bad(
            "an absolute deletion",
            absolute("", "{\"deleted\":true,\"path\":\"/a\"}"),
            "/files/0/deleted",
            "snapshot"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badDocuments")
  void shouldFind(final String what, final String document, final String pointer, final String text)
      throws ManifestException {
    final byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    final ManifestDocument looked = ManifestDocument.read(bytes);
    assertTrue(
        looked.defects().stream()
            .anyMatch(
                defect -> defect.pointer().startsWith(pointer) && defect.message().contains(text)),
        looked.defects().toString());
    assertThrows(ManifestException.class, looked::view);
    final ManifestException e =
        assertThrows(ManifestException.class, () -> ManifestReader.read(bytes));
    if (looked.form().isMountable()) {
      assertEquals(pointer, e.pointer(), e.getMessage());
      assertTrue(e.getMessage().contains(text), e.getMessage());
    } else {
      assertTrue(e.getMessage().contains("cannot be mounted") || looked.form().isAbsolute());
    }
    assertFalse(e.getMessage().chars().anyMatch(Character::isISOControl), e.getMessage());
  }

  @Test
  void shouldAcceptWhatChangesMayContradict() throws Exception {
    // A folder in the place of a file, a file in that of a folder, and something new in an old one.
    final ManifestDocument looked =
        read(
            diff(
                "{\"path\":\"was file\"},{\"deleted\":true,\"path\":\"was dir\"},"
                    + "{\"deleted\":true,\"path\":\"again\"}",
                "{\"deleted\":true,\"path\":\"was file\"},{\"deleted\":true,\"path\":\"was dir/x\"},"
                    + row("was dir")
                    + ","
                    + row("again/f")));
    assertEquals(
        List.of("/totalSize"),
        looked.defects().stream().map(ManifestDocument.Finding::pointer).toList());
  }

  @Test
  void shouldTakeHashesOfAnyFormWhenLooking() throws Exception {
    final String document =
        legacy(
                row("a").replace(HASH, "MD5:1")
                    + ","
                    + row("b").replace(HASH, "abc")
                    + ","
                    + row("c"))
            .replace("Size\":6", "Size\":18");
    final ManifestDocument looked = read(document);
    assertEquals(List.of("MD5:1"), looked.files().getFirst().hashes());
    assertEquals(List.of("abc"), looked.files().get(1).hashes());
    assertEquals(1, looked.defects().size(), "said once: " + looked.defects());
    assertEquals("/paths/0/hash", looked.defects().getFirst().pointer());
    assertTrue(looked.defects().getFirst().message().contains("1 more; taken as an opaque name"));
  }

  @Test
  void shouldReadOnAfterADefect() throws Exception {
    final ManifestDocument looked =
        read(
            diff(
                    "7,{\"path\":[{\"x\":[1]}],\"deleted\":false},{\"path\":\"d\"}",
                    "{\"path\":\"$2/f\",\"hash\":{\"a\":[1,2]},\"size\":\"6\",\"mtime\":1},null,"
                        + "{\"path\":\"$1/g\","
                        + FILE
                        + "},{\"path\":\"$9/h\","
                        + FILE
                        + "},{\"path\":\"c\",\"size\":1,\"mtime\":1,\"chunkhashes\":[1,[2]]},"
                        + row("last"))
                .replace("\"hashAlg\":\"xxh128\"", "\"hashAlg\":[\"xxh128\"]"));
    assertEquals(
        List.of("", "", "d"), looked.directories().stream().map(DirectoryRow::path).toList());
    assertEquals(
        List.of("d/f", "", "$1/g", "$9/h", "c", "last"),
        looked.files().stream().map(ManifestRow::path).toList());
    assertEquals(ManifestRow.NOT_SAID, looked.files().getFirst().size());
    assertEquals(
        List.of(
            "/dirs/0",
            "/dirs/1/path",
            "/files/0/hash",
            "/files/0/size",
            "/files/1",
            "/files/2/path",
            "/files/3/path",
            "/files/4/chunkhashes/0",
            "/hashAlg",
            "",
            "/totalSize"),
        looked.defects().stream().map(ManifestDocument.Finding::pointer).toList(),
        looked.defects().toString());
  }

  @Test
  void shouldGiveUpOnGarbageThatIsJson() {
    final String rows = "1,".repeat(DocumentReader.DEFECTS_MAX + 10) + "1";
    final ManifestException e = assertThrows(ManifestException.class, () -> read(legacy(rows)));
    assertEquals("/paths/0", e.pointer());
    assertTrue(e.getMessage().contains("the first of more than 10000 defects"), e.getMessage());
  }

  @Test
  void shouldCountTheDefectsThatItDoesNotName() throws Exception {
    final ManifestException e = assertThrows(ManifestException.class, read(legacy("1,2,3"))::view);
    assertTrue(
        e.getMessage().contains("(and 2 more; 'slabmount show' lists them)"), e.getMessage());
  }

  @Test
  void shouldNoteLinksThatLeadOut() throws Exception {
    final String links =
        link("in", "a/../b")
            + ","
            + link("d/in", "../..b")
            + ","
            + link("abs", "/etc/passwd")
            + ","
            + link("a/l", "../../x")
            + ","
            + link("up", "..");
    final ManifestDocument looked =
        read(
            "{\"dirs\":[],\"files\":["
                + links
                + "],\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2025-12\",\"totalSize\":0}");
    assertEquals(List.of(), looked.defects());
    assertEquals(
        List.of("/files/2", "/files/3", "/files/4"),
        looked.notes().stream().map(ManifestDocument.Finding::pointer).toList());
    assertTrue(looked.notes().getFirst().message().contains("an absolute target '/etc/passwd'"));
    assertTrue(looked.notes().get(1).message().contains("'a/l' leads out of the tree"));
  }

  @Test
  void shouldMakeTargetsRelativeThatWereMeantFromTheRoot() throws Exception {
    final ManifestDocument looked =
        read(
            "{\"dirs\":[],\"files\":["
                + link("top", "d/f")
                + ","
                + link("d/e/l", "d/f")
                + ","
                + link("d/abs", "/etc")
                + "],\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2025-12\",\"totalSize\":0}");
    assertEquals(
        List.of("d/f", "../../d/f", "/etc"),
        looked.withLinksFromRoot().files().stream().map(ManifestRow::target).toList());
    final ManifestDocument deep =
        read(
            "{\"dirs\":[],\"files\":["
                + link("d/".repeat(2000) + "l", "x".repeat(255))
                + "],\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2025-12\",\"totalSize\":0}");
    assertEquals(List.of(), deep.defects());
    assertThrows(ManifestException.class, deep::withLinksFromRoot);
  }

  private static Arguments bad(
      final String what, final String document, final String pointer, final String text) {
    return Arguments.of(what, document, pointer, text);
  }

  private static String legacy(final String rows) {
    return "{\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2023-03-03\",\"paths\":["
        + rows
        + "],\"totalSize\":"
        + (rows.contains("\"size\":6") ? 6 : 0)
        + "}";
  }

  private static String beta(final String dirs, final String files) {
    return "{\"dirs\":["
        + dirs
        + "],\"files\":["
        + files
        + "],\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2025-12-04-beta\",\"totalSize\":0}";
  }

  private static String diff(final String dirs, final String files) {
    return "{\"dirs\":["
        + dirs
        + "],\"files\":["
        + files
        + "],\"hashAlg\":\"xxh128\",\"parentManifestHash\":\""
        + HASH
        + "\",\"specificationVersion\":\"relative-manifest-diff-beta-2025-12\",\"totalSize\":0}";
  }

  private static String absolute(final String dirs, final String files) {
    return "{\"dirs\":["
        + dirs
        + "],\"files\":["
        + files
        + "],\"hashAlg\":\"xxh128\","
        + "\"specificationVersion\":\"absolute-manifest-snapshot-beta-2025-12\",\"totalSize\":0}";
  }

  private static String row(final String path) {
    return row(path, FILE);
  }

  private static String row(final String path, final String rest) {
    return "{\"path\":\"" + path + "\"," + rest + "}";
  }

  private static String named(final String path) {
    return "{\"name\":\"" + path + "\"," + FILE + "}";
  }

  private static String deleted(final String rest) {
    return "{\"path\":\"a\",\"deleted\":true," + rest + "}";
  }

  private static String link(final String path, final String target) {
    return "{\"path\":\"" + path + "\",\"symlink\":{\"target\":\"" + target + "\"}}";
  }

  private static ManifestDocument read(final String document) throws ManifestException {
    return ManifestDocument.read(document.getBytes(StandardCharsets.UTF_8));
  }
}
