package dev.slabmount.vfs.manifest;

import static dev.slabmount.vfs.manifest.SymlinkTarget.Kind.ABSOLUTE;
import static dev.slabmount.vfs.manifest.SymlinkTarget.Kind.ESCAPING;
import static dev.slabmount.vfs.manifest.SymlinkTarget.Kind.INSIDE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class SymlinkTargetTest {

  @ParameterizedTest(name = "{0} -> {1} is {2}")
  @CsvSource({
    "l, f, INSIDE",
    "l, ..f, INSIDE",
    "l, ...., INSIDE",
    "l, a/../b, INSIDE",
    "l, a/.., INSIDE",
    "l, ., INSIDE",
    "l, ./f, INSIDE",
    "l, a//b/, INSIDE",
    "l, c:x, INSIDE",
    "a/l, ../f, INSIDE",
    "a/b/l, ../../f, INSIDE",
    "l, .., ESCAPING",
    "l, ../f, ESCAPING",
    "l, a/../../f, ESCAPING",
    "a/l, ../../f, ESCAPING",
    "a/l, ../../a/f, ESCAPING",
    "a/l, .//..//./.., ESCAPING",
    "l, /, ABSOLUTE",
    "l, /etc/passwd, ABSOLUTE",
    "a/l, //x, ABSOLUTE",
  })
  void shouldClassifyByResolving(
      final String path, final String target, final SymlinkTarget.Kind kind) {
    assertEquals(kind, SymlinkTarget.classify(path, target, p -> null));
  }

  @Test
  void shouldResolveThroughOtherLinks() {
    final Map<String, String> links =
        Map.of(
            "up", "deep/er/down", // is deep/er/down/.. = deep/er
            "deep/er/down", "../..", // the root
            "out", "/tmp",
            "loop", "pool",
            "pool", "loop",
            "self", "self/x");
    assertEquals(INSIDE, SymlinkTarget.classify("l", "up/f", links::get));
    // As text this stays inside; but "up" is the root, and ".." of the root is outside.
    assertEquals(ESCAPING, SymlinkTarget.classify("l", "up/../f", links::get));
    // As text this leaves; but "deep/er/down" leads up no further than the root.
    assertEquals(INSIDE, SymlinkTarget.classify("deep/er/l", "down/f", links::get));
    assertEquals(ESCAPING, SymlinkTarget.classify("l", "out/f", links::get));
    assertEquals(INSIDE, SymlinkTarget.classify("l", "loop/..", links::get));
    assertEquals(INSIDE, SymlinkTarget.classify("l", "self/..", links::get));
    assertEquals(ABSOLUTE, SymlinkTarget.classify("l", "/up", links::get));
  }

  @Test
  void shouldKnowWhatSurvives() {
    final Set<String> directories = Set.of("$x", "$x/y", "a");
    for (final String target :
        List.of("f", "$", "$5", "a$/b", "/$0/a", "../$0/a", "$x/f", "$x/y/f", "$x/", "a/", " ")) {
      assertTrue(SymlinkTarget.survives(target, directories::contains), target);
    }
    for (final String target :
        List.of("$x/z/f", "$x//f", "$0/f", "$/f", "$x/y/z/", "$/", "", "\0")) {
      assertFalse(SymlinkTarget.survives(target, directories::contains), target);
    }
  }

  @Test
  void shouldLimitTheLengthInBytes() {
    assertNull(SymlinkTarget.defect("é".repeat(2047) + "x"));
    assertNotNull(SymlinkTarget.defect("é".repeat(2048)));
    assertNotNull(SymlinkTarget.defect("a\ud800b"));
  }

  @Test
  void shouldReadTargetsThatLeadOut() throws Exception {
    final Manifest.Builder builder = new Manifest.Builder();
    for (final String target : List.of("/etc/passwd", "../../..", "..", "//", "c:\\x")) {
      builder.add(new SymlinkEntry("link to " + target.hashCode(), target));
    }
    final Manifest manifest = builder.build();
    final byte[] document = ManifestWriter.toBytes(manifest);
    assertEquals(manifest.entries(), ManifestReader.read(document).entries());
    assertTrue(new String(document, StandardCharsets.US_ASCII).contains("\"/etc/passwd\""));
  }

  @Test
  void shouldRefuseLinksThatLeadOutWhereNoneAreWanted() throws Exception {
    final Manifest inside =
        new Manifest.Builder()
            .add(new SymlinkEntry("z", "a/../b"))
            .add(new SymlinkEntry("d/in", "../..b"))
            .build();
    inside.requireLinksInside();
    for (final SymlinkEntry out :
        List.of(
            new SymlinkEntry("y", "/etc/passwd"),
            new SymlinkEntry("a/l", "../../x"),
            new SymlinkEntry("b", "d/in/.."))) {
      final Manifest manifest =
          new Manifest.Builder()
              .add(new SymlinkEntry("z", "a"))
              .add(new SymlinkEntry("d/in", "../d/.."))
              .add(out)
              .build();
      final ManifestException refused =
          assertThrows(ManifestException.class, manifest::requireLinksInside);
      assertEquals("/files/2", refused.pointer());
      assertTrue(String.valueOf(refused.getMessage()).contains("'" + out.path() + "'"));
    }
  }
}
