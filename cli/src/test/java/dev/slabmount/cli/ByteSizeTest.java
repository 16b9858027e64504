package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "65536, 65536",
    "17B, 17",
    "64k, 65536",
    "64M, 67108864",
    "64MiB, 67108864",
    "64 mib, 67108864",
    "1.5G, 1610612736",
    "0.5K, 512",
    "4T, 4398046511104",
    "9223372036854775807, 9223372036854775807"
  })
  void shouldReadSizes(final String text, final long bytes) {
    assertEquals(bytes, ByteSize.parse(text).bytes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "M",
        "-1",
        "64MB",
        "64kb",
        "64Mi",
        "1e6",
        "64X",
        "64 M M",
        "0.3",
        "1.1K",
        "9223372036854775808",
        "8388608T",
        "99999999999999999999",
        "iB",
        "5iB",
        "0x10",
        "1,5G"
      })
  void shouldRefuseWhatIsNoSize(final String text) {
    final var refused = assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(text));
    assertTrue(
        refused.getMessage().startsWith("'" + text + "' is not a size: "), refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "67108864, 64.0 MiB",
    "1610612736, 1.5 GiB"
  })
  void shouldWriteSizes(final long bytes, final String text) {
    assertEquals(text, ByteSize.format(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 bytes",
    "1000, 1000 bytes",
    "1024, 1 KiB",
    "1536, 1536 bytes",
    "67108864, 64 MiB",
    "1610612736, 1536 MiB",
    "1125899906842624, 1024 TiB"
  })
  void shouldWriteSizesExactly(final long bytes, final String text) {
    assertEquals(text, ByteSize.exact(bytes));
  }
}
