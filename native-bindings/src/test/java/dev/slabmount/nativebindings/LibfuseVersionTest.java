package dev.slabmount.nativebindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Releases as numbers, and which row of the table each one gets. */
class LibfuseVersionTest {
  @ParameterizedTest
  @CsvSource({
    "310, 3.10.5, 3, 10, 5",
    "314, 3.14.0, 3, 14, 0",
    "314, 3.14.1-extra, 3, 14, 1",
    "317, 3.17.1-rc0, 3, 17, 1",
    "318, 3.18, 3, 18, 0",
    "39, 3.9.4, 3, 9, 4",
    "400, 4.0.0, 4, 0, 0"
  })
  void shouldReadWhatALibrarySaysOfItself(
      final int number, final String text, final int major, final int minor, final int patch) {
    assertEquals(
        Optional.of(new LibfuseVersion(major, minor, patch)), LibfuseVersion.parse(number, text));
  }

  @ParameterizedTest
  @CsvSource({"314, 3.15.0", "314, ''", "314, fuse", "314, 3", "0, 3.14.0", "-1, 3.14.0"})
  void shouldRefuseAContradiction(final int number, final String text) {
    assertEquals(Optional.empty(), LibfuseVersion.parse(number, text));
  }

  @Test
  void shouldOrderByEachNumberInTurn() {
    final LibfuseVersion a = new LibfuseVersion(3, 9, 9);
    final LibfuseVersion b = new LibfuseVersion(3, 14, 0);
    final LibfuseVersion c = new LibfuseVersion(3, 14, 1);
    final LibfuseVersion d = new LibfuseVersion(4, 0, 0);
    assertEquals(List.of(a, b, c, d), List.of(d, b, c, a).stream().sorted().toList());
  }

  @Test
  void shouldTellApart3140And3141() {
    final LibfuseAbi before = LibfuseAbi.of(new LibfuseVersion(3, 14, 0)).orElseThrow();
    final LibfuseAbi after = LibfuseAbi.of(new LibfuseVersion(3, 14, 1)).orElseThrow();
    assertEquals(8, before.fileInfoFlags().flush());
    assertEquals(16, after.fileInfoFlags().flush());
    assertEquals(0, before.fileInfoFlags().parallelDirectWrites());
    assertEquals(8, after.fileInfoFlags().parallelDirectWrites());
  }

  @Test
  void shouldHaveARowForEverySeriesAndNoOther() {
    for (int minor = 10; minor <= 18; minor++) {
      assertTrue(LibfuseAbi.of(new LibfuseVersion(3, minor, 0)).isPresent(), "3." + minor);
      assertTrue(LibfuseAbi.of(new LibfuseVersion(3, minor, 99)).isPresent(), "3." + minor);
    }
    assertTrue(LibfuseAbi.of(new LibfuseVersion(3, 9, 99)).isEmpty());
    assertTrue(LibfuseAbi.of(new LibfuseVersion(3, 19, 0)).isEmpty());
    assertTrue(LibfuseAbi.of(new LibfuseVersion(4, 14, 0)).isEmpty());
    assertTrue(LibfuseAbi.of(new LibfuseVersion(2, 14, 0)).isEmpty());
  }

  @Test
  void shouldKnowWhichCallbacksAReleaseHas() {
    final LibfuseAbi v316 = LibfuseAbi.of(new LibfuseVersion(3, 16, 2)).orElseThrow();
    final LibfuseAbi v317 = LibfuseAbi.of(new LibfuseVersion(3, 17, 1)).orElseThrow();
    final LibfuseAbi v318 = LibfuseAbi.of(new LibfuseVersion(3, 18, 0)).orElseThrow();
    assertTrue(v316.has(LowlevelOperation.LSEEK) && !v316.has(LowlevelOperation.TMPFILE));
    assertTrue(v317.has(LowlevelOperation.TMPFILE) && !v317.has(LowlevelOperation.STATX));
    assertTrue(v318.has(LowlevelOperation.STATX));
  }

  @Test
  void shouldKnowTheProcessorsByTheirJavaNames() {
    assertEquals(Optional.of(Platform.X86_64), Platform.of("amd64"));
    assertEquals(Optional.of(Platform.AARCH64), Platform.of("aarch64"));
    assertEquals(Optional.empty(), Platform.of("riscv64"));
  }
}
