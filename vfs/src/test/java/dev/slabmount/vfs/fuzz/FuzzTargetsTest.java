package dev.slabmount.vfs.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.vfs.NameFuzz;
import dev.slabmount.vfs.manifest.ManifestFuzz;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The short form of {@code make fuzz}: the same targets, fewer inputs, and none learned from. */
@Timeout(120)
class FuzzTargetsTest {

  private static final int INPUTS = 50_000;

  private interface Target {
    void take(byte[] input) throws Exception;
  }

  @Test
  void shouldTakeAnyDocument() {
    feed(ManifestFuzz::fuzzerTestOneInput, ManifestFuzz.seeds(), ManifestFuzz.words());
  }

  @Test
  void shouldTakeAnyName() {
    feed(NameFuzz::fuzzerTestOneInput, NameFuzz.seeds(), NameFuzz.words());
  }

  @Test
  void shouldFindAPlantedBug() {
    final AssertionError found =
        assertThrows(
            AssertionError.class,
            () -> feed(PlantedBug::fuzzerTestOneInput, PlantedBug.seeds(), PlantedBug.words()));
    assertEquals("the planted bug", found.getCause().getMessage());
  }

  private static void feed(
      final Target target, final List<byte[]> seeds, final List<String> words) {
    final long seed = new Random().nextLong();
    final Mutator inputs = new Mutator(new Random(seed), seeds, words);
    for (int i = 0; i < INPUTS; i++) {
      final byte[] input = inputs.next();
      try {
        target.take(input);
      } catch (final Exception | Error e) {
        throw new AssertionError(
            "seed %d, input %d: %s".formatted(seed, i, Base64.getEncoder().encodeToString(input)),
            e);
      }
    }
  }
}
