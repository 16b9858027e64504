package dev.slabmount.vfs.manifest;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A hundred megabytes of what is no manifest: refused in one line, without a heap to match. */
@Timeout(60)
class GarbageTest {

  private static final int BYTES = 100 << 20;

  private static final String HEADER =
      "{\"manifestVersion\":\"2023-03-03\",\"hashAlg\":\"xxh128\",\"totalSize\":0,";

  @TempDir private Path folder;

  @Test
  void shouldRefuseZeros() throws IOException {
    final Path file = folder.resolve("zeros");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(BYTES);
    }
    assertRefused(file, "is not valid JSON");
  }

  @Test
  void shouldRefuseNoise() throws IOException {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    final byte[] noise = new byte[1 << 20];
    final Path file = folder.resolve("noise");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write('{'); // Or most of it would not even be looked at.
      for (int i = 0; i < BYTES; i += noise.length) {
        random.nextBytes(noise);
        out.write(noise);
      }
    }
    assertRefused(file, "valid");
  }

  @ParameterizedTest(name = "{0}{1}{1}...")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | [ | must be an object",
        "{\"x\": | [ | exceeds a limit",
        "{\"x\": | {\"x\": | exceeds a limit",
        "\" | x | exceeds a limit",
        "{\"x\":\" | x | cut off",
        "{\"manifestVersion\":\" | x | exceeds a limit",
        "{\" | x | exceeds a limit",
        "{\"x\": | 9 | exceeds a limit",
        "{\"x\":[0 | ,0 | cut off",
        "{\"x\":[0 | ,[] | cut off",
        "{\"x\":0 | ,\"x\":0 | Duplicate",
        "~~ | ~ ~ | is empty",
        "~~ | {} | has more text after",
      })
  void shouldRefuseRepetitions(final String start, final String repeated, final String said)
      throws IOException {
    assertRefused(write(start, repeated), said);
  }

  @Test
  void shouldRefuseRowsThatAreNone() throws IOException {
    final Path file = write(HEADER + "\"paths\":[0", ",0");
    final ManifestException e =
        assertThrows(ManifestException.class, () -> ManifestReader.read(file));
    assertTrue(e.getMessage().startsWith("/paths/0: "), e.getMessage());
    final ManifestException looked =
        assertThrows(ManifestException.class, () -> ManifestDocument.read(file));
    assertTrue(looked.getMessage().contains("cut off"), looked.getMessage());
  }

  /** Writes the start, and then repetitions up to the size. */
  private Path write(final String start, final String repeated) throws IOException {
    final Path file = folder.resolve("garbage");
    final byte[] block =
        repeated.repeat(1 + (1 << 16) / repeated.length()).getBytes(StandardCharsets.US_ASCII);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      out.write(start.getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < BYTES; i += block.length) {
        out.write(block);
      }
    }
    return file;
  }

  private static void assertRefused(final Path file, final String said) {
    for (final ManifestException e :
        Arrays.asList(
            assertThrows(ManifestException.class, () -> ManifestReader.read(file)),
            assertThrows(ManifestException.class, () -> ManifestDocument.read(file)))) {
      final String message = e.getMessage();
      assertTrue(message.contains(said), message);
      assertTrue(message.length() < 400, message);
      assertFalse(message.chars().anyMatch(Character::isISOControl), message);
    }
  }
}
