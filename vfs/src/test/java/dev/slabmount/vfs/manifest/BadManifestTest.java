package dev.slabmount.vfs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way in which a document can be wrong is refused with its place and a clear line. */
@Timeout(60)
class BadManifestTest {

  private static final String HASH = "890c8a5c5ad2a8a2edba9e94785346a3";
  private static final String EMPTY = "99aa06d3014798d86001c324468d497f";
  private static final String SPEC = "relative-manifest-snapshot-beta-2025-12";

  static Stream<Arguments> badDocuments() {
    return Stream.of(
        // The document as a whole.
        bad("empty", "", "", "is empty"),
        bad("blank", "  \n", "", "is empty"),
        bad("not JSON", "hello", "", "is not valid JSON"),
        bad("an array", "[]", "", "a manifest must be an object, found an array"),
        bad("a string", "\"x\"", "", "a manifest must be an object, found a string 'x'"),
        bad("cut off", "{\"dirs\":[{\"path\":\"a\"", "/dirs/0/path", "is the file cut off?"),
        bad("cut off in a string", "{\"dirs\":[{\"path\":\"a", "/dirs/0/path", "cut off"),
        bad("text after the end", document("", "", 0) + "x", "", "is not valid JSON"),
        bad("two documents", document("", "", 0) + "{}", "", "has more text after"),
        bad("a key twice", "{\"dirs\":[],\"dirs\":[]}", "/dirs", "Duplicate"),
        bad(
            "a key twice in a row",
            files("{\"path\":\"a\",\"path\":\"b\"}"),
            "/files/0/path",
            "Dup"),
        bad("no version", "{\"dirs\":[],\"files\":[]}", "", "neither 'specificationVersion' nor"),
        bad("no dirs", "{\"files\":[]," + tail(0) + "}", "", "needs 'dirs'"),
        bad("no files", "{\"dirs\":[]," + tail(0) + "}", "", "needs 'files'"),
        bad("dirs of another type", "{\"dirs\":{}," + tail(0) + "}", "/dirs", "must be an array"),
        bad(
            "files of another type",
            "{\"dirs\":[],\"files\":1," + tail(0) + "}",
            "/files",
            "found a whole number"),
        bad(
            "files first and of another type",
            "{\"files\":null,\"dirs\":[]," + tail(0) + "}",
            "/files",
            "must be an array, found null"),
        bad("a dirs row of another type", dirs("\"a\""), "/dirs/0", "must be an object"),
        bad("a files row of another type", files("[]"), "/files/0", "must be an object"),
        bad(
            "deep nesting",
            "{\"x\":" + "[".repeat(10_000),
            "/x" + "/0".repeat(15),
            "exceeds a limit"),
        bad("a huge number", "{\"x\":" + "9".repeat(10_000), "/x", "exceeds a limit"),
        bad(
            "a huge string",
            "{\"hashAlg\":\"" + "x".repeat(1 << 20),
            "/hashAlg",
            "exceeds a limit"),
        bad("a huge key", "{\"" + "x".repeat(1 << 20), "", "exceeds a limit"),
        // Which form it is, and of what.
        bad(
            "a diff",
            document("", "", 0).replace(SPEC, "relative-manifest-diff-beta-2025-12"),
            "/specificationVersion",
            "'relative-manifest-diff-beta-2025-12' lists changes against another manifest"),
        bad(
            "an absolute diff",
            document("", "", 0).replace(SPEC, "absolute-manifest-diff-beta-2025-12"),
            "/specificationVersion",
            "'absolute-manifest-diff-beta-2025-12' lists changes against another manifest"),
        bad(
            "an absolute snapshot",
            document("", file("/a"), 6).replace(SPEC, "absolute-manifest-snapshot-beta-2025-12"),
            "/specificationVersion",
            "'absolute-manifest-snapshot-beta-2025-12' has absolute paths"),
        bad(
            "an unknown form",
            document("", "", 0).replace(SPEC, "relative-manifest-snapshot-2031"),
            "/specificationVersion",
            "unknown form 'relative-manifest-snapshot-2031'"),
        bad("an unknown older form", "{\"manifestVersion\":\"1\"}", "/manifestVersion", "form '1'"),
        bad("a version of another type", "{\"manifestVersion\":1}", "/manifestVersion", "a string"),
        bad(
            "a parent hash",
            document("", "", 0).replace("{\"dirs\"", "{\"parentManifestHash\":\"x\",\"dirs\""),
            "/parentManifestHash",
            "only a manifest of changes has a parent"),
        bad("another hash", document("", "", 0).replace("xxh128", "md5"), "/hashAlg", "'md5'"),
        bad(
            "no hash algorithm",
            document("", "", 0).replace("\"hashAlg\":\"xxh128\",", ""),
            "",
            "needs 'hashAlg'"),
        bad(
            "no total",
            document("", "", 0).replace(",\"totalSize\":0", ""),
            "",
            "needs 'totalSize'"),
        bad(
            "another total",
            document("", file("a"), 7),
            "/totalSize",
            "says 7, but the files add up"),
        bad("a negative total", document("", "", -1), "/totalSize", "negative total -1"),
        // Paths.
        bad("no directory path", dirs("{}"), "/dirs/0", "needs 'path'"),
        bad("a directory path of another type", dirs("{\"path\":1}"), "/dirs/0/path", "a string"),
        bad("no file path", files("{\"size\":1}"), "/files/0", "needs 'path'"),
        bad("an empty path", files(file("")), "/files/0/path", "the path is empty"),
        bad("an empty directory path", dirs(dir("")), "/dirs/0/path", "the path is empty"),
        bad("an absolute path", files(file("/etc/passwd")), "/files/0/path", "path is absolute"),
        bad("an empty component", files(file("a//b")), "/files/0/path", "an empty component"),
        bad("a slash at the end", dirs(dir("a/")), "/dirs/0/path", "an empty component"),
        bad("the component .", files(file("a/./b")), "/files/0/path", "the component '.'"),
        bad("the component ..", files(file("a/../../b")), "/files/0/path", "component '..'"),
        bad("only ..", dirs(dir("..")), "/dirs/0/path", "component '..'"),
        bad("NUL", files(file("a\\u0000b")), "/files/0/path", "contains NUL: 'a\\u0000b'"),
        bad("half a surrogate", files(file("a\\ud83d")), "/files/0/path", "is not Unicode text"),
        bad("the other half", files(file("\\ude00a")), "/files/0/path", "is not Unicode text"),
        bad(
            "a name of 256 bytes",
            files(file("d/" + "x".repeat(256))),
            "/files/0/path",
            "longer than 255 bytes of UTF-8 (256)"),
        bad(
            "a name of 128 characters that are 256 bytes",
            files(file("é".repeat(128))),
            "/files/0/path",
            "longer than 255 bytes of UTF-8 (256)"),
        bad(
            "a path of 4096 bytes",
            files(file("d/".repeat(2047) + "ff")),
            "/files/0/path",
            "longer than 4095 bytes of UTF-8 (4096)"),
        bad("a directory twice", dirs(dir("a") + "," + dir("a")), "/dirs/1/path", "listed twice"),
        bad(
            "a file twice",
            document("", file("b") + "," + file("a") + "," + file("b"), 18),
            "/files/2/path",
            "'b' is listed twice, first at /files/0"),
        bad(
            "a link where a file is",
            document("", file("a") + "," + link("a", "b"), 6),
            "/files/1/path",
            "'a' is listed twice, first at /files/0"),
        bad(
            "a file that is a directory",
            document(dir("a"), file("a"), 6),
            "/files/0/path",
            "'a' is a file here and a directory elsewhere"),
        bad(
            "a file that is the parent of another",
            document("", file("a") + "," + file("a/b"), 12),
            "/files/0/path",
            "'a' is a file here and a directory elsewhere"),
        bad(
            "a link that is the parent of a file",
            document("", link("a", "b") + "," + file("a/b"), 6),
            "/files/0/path",
            "'a' is a link here and a directory elsewhere"),
        // References to rows.
        bad("a row that is not there", files(file("$0/a")), "/files/0/path", "row 0 of 'dirs'"),
        bad(
            "a row that comes later",
            dirs(dir("$1/a") + "," + dir("b")),
            "/dirs/0/path",
            "'$1/a' refers to row 1 of 'dirs', but only 0 rows come before it"),
        bad("itself as parent", dirs(dir("$0/a")), "/dirs/0/path", "only 0 rows come before it"),
        bad("no digits", files(file("$/a")), "/files/0/path", "begins with '$' but no row"),
        bad("a row in words", files(file("$x/a")), "/files/0/path", "begins with '$' but no row"),
        bad("a row with sign", files(file("$-1/a")), "/files/0/path", "begins with '$' but no row"),
        bad(
            "a row with zeros",
            files(file("$00/a")),
            "/files/0/path",
            "begins with '$' but no row"),
        bad(
            "a row beyond 64 bits",
            files(file("$99999999999999999999/a")),
            "/files/0/path",
            "begins with '$' but no row"),
        bad(
            "a target's row that is not there",
            files(link("a", "$7/b")),
            "/files/0/symlink/target",
            "row 7 of 'dirs'"),
        bad(
            "a path made absolute by its row",
            document(dir("a"), file("$0//b"), 6),
            "/files/0/path",
            "an empty component"),
        // What a row says of its content.
        bad(
            "nothing",
            files("{\"path\":\"a\"}"),
            "/files/0",
            "exactly one of 'hash', 'chunkhashes'"),
        bad(
            "hash and link",
            files("{\"path\":\"a\",\"hash\":\"" + HASH + "\",\"symlink\":{\"target\":\"b\"}}"),
            "/files/0",
            "has 2 ('a')"),
        bad(
            "hash and chunks",
            files("{\"path\":\"a\",\"hash\":\"" + HASH + "\",\"chunkhashes\":[]}"),
            "/files/0",
            "has 2 ('a')"),
        bad("no size", files(without(file("a"), "size")), "/files/0", "a file needs 'size' ('a')"),
        bad("no mtime", files(without(file("a"), "mtime")), "/files/0", "a file needs 'mtime'"),
        bad(
            "a deleted file",
            files(with(file("a"), "\"deleted\":true")),
            "/files/0/deleted",
            "nothing"),
        bad(
            "a deleted directory",
            dirs("{\"path\":\"a\",\"deleted\":true}"),
            "/dirs/0/deleted",
            "nothing in it is deleted"),
        bad("a short hash", files(file("a").replace(HASH, "89")), "/files/0/hash", "32 lower-case"),
        bad(
            "an upper-case hash",
            files(file("a").replace("890c8a", "890C8A")),
            "/files/0/hash",
            "must be 32 lower-case hex digits, found '890C8A5c"),
        bad("null for a hash", files("{\"hash\":null}"), "/files/0/hash", "a string, found null"),
        bad("a hash in a list", files(chunks("a", 1, "1")), "/files/0/chunkhashes/0", "a string"),
        bad(
            "a size of 0 with content",
            document("", file("a").replace("\"size\":6", "\"size\":0"), 0),
            "/files/0/hash",
            "size 0, but the hash " + HASH + " is not that of empty content"),
        bad(
            "a size with empty content",
            files(file("a").replace(HASH, EMPTY)),
            "/files/0/hash",
            "size 6, but the hash is that of empty content (file 'a')"),
        bad("a negative size", files(sized("-1")), "/files/0/size", "negative size -1"),
        bad(
            "a size beyond 64 bits",
            files(sized("9223372036854775808")),
            "/files/0/size",
            "64 bits"),
        bad(
            "a size in quotes",
            files(sized("\"6\"")),
            "/files/0/size",
            "whole number, found a string"),
        bad(
            "a size with fraction",
            files(sized("6.0")),
            "/files/0/size",
            "fraction or exponent '6.0'"),
        bad(
            "a size with exponent",
            files(sized("6e0")),
            "/files/0/size",
            "fraction or exponent '6e0'"),
        bad(
            "an mtime beyond 64 bits",
            files(file("a").replace("\"mtime\":1", "\"mtime\":-9223372036854775809")),
            "/files/0/mtime",
            "'mtime' is beyond 64 bits"),
        bad(
            "sizes that overflow together",
            files(sized("9223372036854775807") + "," + file("b")),
            "/files/1/size",
            "all sizes together exceed 2^63-1 bytes"),
        bad(
            "runnable as a number",
            files(with(file("a"), "\"runnable\":1")),
            "/files/0/runnable",
            "true"),
        bad(
            "a link as text",
            files("{\"symlink\":\"b\"}"),
            "/files/0/symlink",
            "must be an object"),
        bad("a link to nowhere", files("{\"symlink\":{}}"), "/files/0/symlink", "needs 'target'"),
        bad("an empty target", files(link("a", "")), "/files/0/symlink/target", "target is empty"),
        bad(
            "NUL in a target",
            files(link("a", "\\u0000")),
            "/files/0/symlink/target",
            "contains NUL"),
        bad(
            "half a surrogate in a target",
            files(link("a", "\\udc00")),
            "/files/0/symlink/target",
            "the target is not Unicode text"),
        bad(
            "a target of 4096 bytes",
            files(link("a", "x".repeat(4096))),
            "/files/0/symlink/target",
            "longer than 4095 bytes of UTF-8 (4096): 'xxx"),
        bad(
            "chunks of a file that is too short for them",
            files(chunks("a", 268435456, "\"" + HASH + "\"")),
            "/files/0/chunkhashes",
            "a file of 268435456 bytes has one hash, not a list"),
        bad(
            "too few chunks",
            files(chunks("a", 268435457, "\"" + HASH + "\"")),
            "/files/0/chunkhashes",
            "size 268435457 needs 2 chunk hashes, found 1 (file 'a')"),
        bad(
            "too many chunks",
            files(chunks("a", 536870912, "\"" + HASH + "\",\"" + HASH + "\",\"" + HASH + "\"")),
            "/files/0/chunkhashes",
            "size 536870912 needs 2 chunk hashes, found 3"),
        bad(
            "no chunks",
            files(chunks("a", 6, "")),
            "/files/0/chunkhashes",
            "has one hash, not a list"),
        bad(
            "an empty chunk",
            files(chunks("a", 268435457, "\"" + HASH + "\",\"" + EMPTY + "\"")),
            "/files/0/chunkhashes/1",
            "a chunk is never empty"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badDocuments")
  void shouldRefuse(
      final String what, final String document, final String pointer, final String text) {
    final ManifestException e =
        assertThrows(
            ManifestException.class,
            () -> ManifestReader.read(document.getBytes(StandardCharsets.UTF_8)));
    final String message = e.getMessage();
    assertEquals(pointer, e.pointer(), message);
    assertTrue(message.startsWith(pointer.isEmpty() ? "" : pointer + ": "), message);
    assertTrue(message.contains(text), message);
    assertFalse(message.chars().anyMatch(Character::isISOControl), message);
    assertTrue(message.length() < 400, message);
    assertFalse(message.contains("com.fasterxml"), message);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badDocuments")
  void shouldNotTakeForSoundWhenLooking(
      final String what, final String document, final String pointer, final String text)
      throws ManifestException {
    final ManifestDocument looked;
    try {
      looked = ManifestDocument.read(document.getBytes(StandardCharsets.UTF_8));
    } catch (final ManifestException e) {
      assertEquals(pointer, e.pointer(), e.getMessage());
      return;
    }
    if (looked.form().isMountable()) {
      assertTrue(
          looked.defects().stream().anyMatch(defect -> defect.pointer().equals(pointer)),
          pointer + " is not among " + looked.defects());
      assertThrows(ManifestException.class, looked::toManifest);
      assertThrows(ManifestException.class, looked::view);
      assertThrows(
          ManifestException.class, () -> ManifestWriter.toBytes(looked, TextConvention.ASCII));
    }
    looked.defects().forEach(defect -> assertEquals(-1, defect.message().indexOf('\n')));
  }

  @Test
  void shouldRefuseBytesThatAreNotUtf8() {
    final byte[] document = document("", file("caf_"), 6).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < document.length; i++) {
      if (document[i] == '_') {
        document[i] = (byte) 0xe9;
      }
    }
    final ManifestException e =
        assertThrows(ManifestException.class, () -> ManifestReader.read(document));
    assertEquals("/files/0/path", e.pointer());
    assertTrue(e.getMessage().contains("UTF-8"), e.getMessage());
  }

  @Test
  void shouldRefuseOtherUnicodeEncodings() {
    final byte[] document = document("", "", 0).getBytes(StandardCharsets.UTF_16BE);
    assertThrows(ManifestException.class, () -> ManifestReader.read(document));
  }

  @Test
  void shouldRefuseADocumentThatGrowsBeyondAllBounds() {
    // 80 000 directories with a path of nearly 4 KiB each, from a few megabytes of text.
    final StringBuilder rows = new StringBuilder(dir("d"));
    String parent = "$0";
    for (int row = 1; row < 16; row++) {
      rows.append(',').append(dir(parent + "/" + "x".repeat(250)));
      parent = "$" + row;
    }
    for (int i = 0; i < 80_000; i++) {
      rows.append(',').append(dir("$15/" + i));
    }
    final ManifestException e =
        assertThrows(
            ManifestException.class,
            () -> ManifestReader.read(dirs(rows.toString()).getBytes(StandardCharsets.US_ASCII)));
    assertTrue(e.getMessage().contains("the paths of all directories together"), e.getMessage());
  }

  private static Arguments bad(
      final String what, final String document, final String pointer, final String text) {
    return Arguments.of(what, document, pointer, text);
  }

  private static String document(final String dirs, final String files, final long total) {
    return "{\"dirs\":[" + dirs + "],\"files\":[" + files + "]," + tail(total) + "}";
  }

  private static String tail(final long total) {
    return "\"hashAlg\":\"xxh128\",\"specificationVersion\":\""
        + SPEC
        + "\",\"totalSize\":"
        + total;
  }

  private static String dirs(final String rows) {
    return document(rows, "", 0);
  }

  private static String files(final String rows) {
    return document("", rows, 6);
  }

  private static String dir(final String path) {
    return "{\"path\":\"" + path + "\"}";
  }

  private static String file(final String path) {
    return "{\"hash\":\"" + HASH + "\",\"mtime\":1,\"path\":\"" + path + "\",\"size\":6}";
  }

  private static String sized(final String size) {
    return file("a").replace("\"size\":6", "\"size\":" + size);
  }

  private static String chunks(final String path, final long size, final String hashes) {
    return "{\"chunkhashes\":["
        + hashes
        + "],\"mtime\":1,\"path\":\""
        + path
        + "\",\"size\":"
        + size
        + "}";
  }

  private static String link(final String path, final String target) {
    return "{\"path\":\"" + path + "\",\"symlink\":{\"target\":\"" + target + "\"}}";
  }

  private static String without(final String row, final String key) {
    return row.replaceFirst(",?\"" + key + "\":\\d+", "");
  }

  private static String with(final String row, final String field) {
    return row.replaceFirst("\\}$", "," + field + "}");
  }
}
