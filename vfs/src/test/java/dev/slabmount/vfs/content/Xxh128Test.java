package dev.slabmount.vfs.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected values are what {@code xxhsum -H2} of xxHash 0.8.1 prints. */
@Timeout(60)
class Xxh128Test {

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @ParameterizedTest
  @CsvSource({
    "'',99aa06d3014798d86001c324468d497f",
    "a,a96faf705af16834e6c632b61e964e1f",
    "hello,b5e9c1ad071b3e7fc779cfaa5e523818",
    "hello world,df8d09e93f874900a99b8775cc15b6c7",
  })
  void shouldHashKnownTexts(final String text, final String expected) {
    final byte[] bytes = text.getBytes(UTF_8);
    assertEquals(ContentHash.parse(expected), Xxh128.hash(bytes));
    assertEquals(ContentHash.parse(expected), new Xxh128().hash(MemorySegment.ofArray(bytes)));
  }

  @Test
  void shouldHashKnownZeros() {
    assertEquals(
        ContentHash.parse("0717191e67688313de5f15ab6daf7941"), Xxh128.hash(new byte[1024]));
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment piece = arena.allocate(1 << 20);
      final Xxh128 hasher = new Xxh128();
      for (int i = 0; i < 256; i++) {
        hasher.update(piece);
      }
      assertEquals(ContentHash.parse("e7e6e2cfd0fb193c998e510addb2da2d"), hasher.digest());
    }
  }

  @Test
  void shouldGiveTheSameHashHoweverTheBytesAreCut() {
    try (Arena arena = Arena.ofConfined()) {
      final Xxh128 hasher = new Xxh128();
      for (int round = 0; round < 500; round++) {
        final int length = random.nextInt(1 << random.nextInt(1, 18));
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        final MemorySegment segment = arena.allocate(length + 1).asSlice(1);
        MemorySegment.copy(bytes, 0, segment, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, length);
        final ContentHash expected = Xxh128.hash(bytes);

        hasher.reset();
        int from = 0;
        while (from < length) {
          final int to = from + 1 + random.nextInt(length - from);
          if (random.nextBoolean()) {
            hasher.update(segment.asSlice(from, to - from));
          } else {
            hasher.update(bytes, from, to - from);
          }
          from = to;
        }
        final String where = "seed " + seed + " round " + round + " length " + length;
        assertEquals(expected, hasher.digest(), where);
        assertEquals(expected, hasher.digest(), "asked twice, " + where);
        assertEquals(expected, hasher.hash(segment), "one-shot, off-heap, " + where);
        assertEquals(expected, hasher.hash(MemorySegment.ofArray(bytes)), "one-shot, " + where);
      }
    }
  }

  @Test
  void shouldForgetWhatWasAddedOnReset() {
    final Xxh128 hasher = new Xxh128();
    hasher.update(new byte[100], 0, 100);
    hasher.reset();
    assertEquals(ContentHash.EMPTY, hasher.digest());
  }

  @Test
  void shouldHashOnlyTheBytesNamed() {
    final byte[] bytes = "xxhelloyy".getBytes(UTF_8);
    assertEquals(Xxh128.hash("hello".getBytes(UTF_8)), Xxh128.hash(bytes, 2, 5));
    assertThrows(IndexOutOfBoundsException.class, () -> Xxh128.hash(bytes, 5, 5));
  }
}
