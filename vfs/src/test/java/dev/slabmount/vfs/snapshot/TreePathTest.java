package dev.slabmount.vfs.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TreePathTest {

  @Test
  void shouldBeTextIfTheBytesAre() {
    final TreePath path = TreePath.of("d/caf\u00e9\ufffd".getBytes(UTF_8));
    assertTrue(path.isText());
    assertEquals("d/caf\u00e9\ufffd", path.text());
    assertArrayEquals("d/caf\u00e9\ufffd".getBytes(UTF_8), path.bytes());
    assertEquals(TreePath.of("d/caf\u00e9\ufffd"), path);
  }

  @Test
  void shouldShowBytesThatAreNoText() {
    final byte[] bytes = {'a', (byte) 0xff, (byte) 0xc3, (byte) 0xa9, (byte) 0xe2, (byte) 0x82};
    final TreePath path = TreePath.of(bytes);
    assertFalse(path.isText());
    assertEquals("a\\xff\u00e9\\xe2\\x82", path.text());
    assertArrayEquals(bytes, path.bytes());
    assertNotEquals(TreePath.of(path.text()), path, "text that looks the same");
  }

  @Test
  void shouldKeepAnyBytes() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      final byte[] bytes = new byte[random.nextInt(1, 12)];
      random.nextBytes(bytes);
      assertArrayEquals(bytes, TreePath.of(bytes).bytes(), "seed " + seed);
    }
  }

  @Test
  void shouldPrintOnOneLineWithoutTerminalCommands() {
    assertEquals(
        "a\\u000ab\\u001b[31m\\u202ec\\u2028d\\u0000e",
        TreePath.of("a\nb\u001b[31m\u202ec\u2028d\0e").toString());
    assertEquals("caf\u00e9 \ud83d\ude00", TreePath.of("caf\u00e9 \ud83d\ude00").toString());
  }
}
