package dev.slabmount.vfs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PathRulesTest {

  @Test
  void shouldAcceptWhatLinuxAccepts() {
    for (final String path :
        List.of(
            "a",
            "...",
            "..a",
            ".a/b.",
            "a b",
            "\n",
            "\\",
            "$0",
            "a/$1/b",
            "C:",
            "😀",
            "x".repeat(255),
            "é".repeat(127) + "x",
            "d/".repeat(2047) + "f")) {
      assertNull(PathRules.defect(path), path);
    }
  }

  @Test
  void shouldRefuseAtTheBounds() {
    for (final String path :
        List.of(
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/.",
            "../a",
            "a/../b",
            "a\0",
            "x".repeat(256),
            "é".repeat(128),
            "😀".repeat(64),
            "d/".repeat(2047) + "ff",
            "\ud83d",
            "\ude00",
            "\ude00\ud83d",
            "a\ud83d/\ude00")) {
      assertNotNull(PathRules.defect(path), path);
    }
  }

  @Test
  void shouldPrintAnyTextOnOneLine() {
    assertEquals("a/é 😀\\$'", PathRules.printable("a/é 😀\\$'"));
    assertEquals(
        "a\\u000a\\u0000\\u001b\\u0085\\ud83dx\\ude00",
        PathRules.printable("a\n\0\u001b\u0085\ud83dx\ude00"));
    assertEquals("\\ud83d", PathRules.printable("\ud83d"));
  }

  @Test
  void shouldCompareAsUtf8BytesCompare() {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    final int[] edges = {0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
    for (int round = 0; round < 20_000; round++) {
      final String a = text(random, edges);
      final String b = text(random, edges);
      assertEquals(
          Integer.signum(
              Arrays.compareUnsigned(
                  a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8))),
          PathRules.compareUtf8(a, b),
          "seed " + seed + ", round " + round);
    }
  }

  private static String text(final Random random, final int[] edges) {
    final StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      text.appendCodePoint(edges[random.nextInt(edges.length)]);
    }
    return text.toString();
  }
}
