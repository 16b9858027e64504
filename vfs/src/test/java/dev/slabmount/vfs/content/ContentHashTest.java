package dev.slabmount.vfs.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentHashTest {

  @Test
  void shouldPrintWhatItParsed() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      final ContentHash hash = new ContentHash(random.nextLong(), random.nextLong());
      final String text = hash.toString();
      assertEquals("%016x%016x".formatted(hash.high(), hash.low()), text, "seed " + seed);
      assertEquals(hash, ContentHash.parse(text), "seed " + seed);
    }
  }

  @Test
  void shouldNameEmptyContent() {
    assertEquals("99aa06d3014798d86001c324468d497f", ContentHash.EMPTY.toString());
  }

  @Test
  void shouldTellHashesApartByEitherHalf() {
    final ContentHash hash = new ContentHash(1, 2);
    assertNotEquals(hash, new ContentHash(1, 3));
    assertNotEquals(hash, new ContentHash(3, 2));
    assertNotEquals(hash, new ContentHash(2, 1));
  }

  @Test
  void shouldSortLikeTheTextForm() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      final ContentHash a = new ContentHash(random.nextInt(3) - 1L, random.nextLong());
      final ContentHash b = new ContentHash(random.nextInt(3) - 1L, random.nextLong());
      assertEquals(
          Integer.signum(a.toString().compareTo(b.toString())),
          Integer.signum(a.compareTo(b)),
          "seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "99aa06d3014798d86001c324468d497",
        "99aa06d3014798d86001c324468d497f0",
        "99AA06D3014798D86001C324468D497F",
        "99aa06d3014798d8g001c324468d497f",
        "99aa06d3014798d86001c324468d497\u0660",
        "+9aa06d3014798d8-001c324468d497f",
        "../aa06d3014798d86001c324468d49/",
      })
  void shouldRefuseAnythingButThirtyTwoLowerCaseHexDigits(final String text) {
    final IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> ContentHash.parse(text));
    assertTrue(refused.getMessage().contains("'" + text + "'"), refused.getMessage());
    assertTrue(refused.getMessage().contains("32 lower-case hex digits"), refused.getMessage());
  }
}
