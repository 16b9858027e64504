package dev.slabmount.vfs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Damaged documents: refused with a {@link ManifestException}, or read as something valid. */
@Timeout(120)
class ManifestFuzzTest {

  private static final int ROUNDS = 30_000;

  /** Pieces of documents, to be put where they do not belong. */
  static final List<String> PIECES =
      List.of(
          "\"",
          "\\",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "0",
          "-",
          "-1",
          "1e9",
          "9".repeat(30),
          "null",
          "true",
          "\"path\":",
          "\"size\":",
          "\"$0/\"",
          "$",
          "/",
          "..",
          "\\u0000",
          "\\ud800",
          "\0",
          "\"hash\":\"99aa06d3014798d86001c324468d497f\"",
          "\"deleted\":true",
          "é",
          " ",
          "\n");

  @Test
  void shouldNeverFailInAnyOtherWay() throws Exception {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    final List<byte[]> corpus = new ArrayList<>();
    for (final String example :
        List.of(
            ManifestRoundTripTest.EXAMPLE,
            ManifestFormsTest.LEGACY,
            ManifestFormsTest.BETA,
            ManifestFormsTest.DIFF)) {
      corpus.add(example.getBytes(StandardCharsets.UTF_8));
    }
    for (int i = 0; i < 20; i++) {
      corpus.add(randomDocument(random));
    }
    int accepted = 0;
    for (int round = 0; round < ROUNDS; round++) {
      final byte[] document = mutate(random, corpus.get(random.nextInt(corpus.size())));
      final String context = "seed " + seed + ", round " + round;
      try {
        final Manifest manifest = ManifestReader.read(document);
        accepted++;
        assertIsSound(manifest, context);
        final ManifestDocument looked = ManifestDocument.read(document);
        assertEquals(List.of(), looked.defects(), context);
        assertEquals(manifest.entries(), looked.toManifest().entries(), context);
      } catch (final ManifestException e) {
        final String message = e.getMessage();
        assertTrue(message.startsWith(e.pointer()), context + ": " + message);
        assertFalse(message.chars().anyMatch(Character::isISOControl), context + ": " + message);
        assertNotSound(document, context + ": " + message);
      } catch (final RuntimeException | Error e) {
        throw new AssertionError(
            context + ": " + new String(document, StandardCharsets.ISO_8859_1), e);
      }
    }
    // Without such rounds only the refusals were tested.
    assertTrue(accepted > 100, "seed " + seed + ": accepted " + accepted);
  }

  /** What cannot be mounted is not taken for a sound tree either when it is only looked at. */
  private static void assertNotSound(final byte[] document, final String context) {
    try {
      final ManifestDocument looked = ManifestDocument.read(document);
      assertFalse(looked.form().isMountable() && looked.defects().isEmpty(), context);
      for (final ManifestDocument.Finding defect : looked.defects()) {
        assertTrue(defect.message().startsWith(defect.pointer()), context);
        assertFalse(defect.message().chars().anyMatch(Character::isISOControl), context);
      }
      if (looked.defects().isEmpty()) {
        final byte[] written =
            looked.form().isWritable()
                ? ManifestWriter.toBytes(looked, TextConvention.UTF8)
                : new byte[0];
        assertTrue(
            written.length == 0 || ManifestDocument.read(written).defects().isEmpty(), context);
      }
    } catch (final ManifestException e) {
      assertTrue(e.getMessage().startsWith(e.pointer()), context + ": " + e.getMessage());
    }
  }

  /** Whatever was accepted keeps the rules and, if it can be written, survives. */
  private static void assertIsSound(final Manifest manifest, final String context)
      throws ManifestException {
    for (final ManifestEntry entry : manifest.entries()) {
      assertEquals(null, ManifestValidator.defectOf(entry), context);
    }
    final Set<String> directories = Set.copyOf(directories(manifest));
    for (final ManifestEntry entry : manifest.entries()) {
      if (entry instanceof SymlinkEntry link
          && !SymlinkTarget.survives(link.target(), directories::contains)) {
        return;
      }
    }
    assertEquals(
        manifest.entries(),
        ManifestReader.read(ManifestWriter.toBytes(manifest)).entries(),
        context);
  }

  private static List<String> directories(final Manifest manifest) {
    return manifest.entries().subList(0, manifest.directoryCount()).stream()
        .map(ManifestEntry::path)
        .toList();
  }

  static byte[] randomDocument(final Random random) throws ManifestException {
    final Map<String, ManifestEntry> tree = RandomTrees.tree(random, 12);
    final Set<String> directories = RandomTrees.directories(tree);
    final Manifest.Builder builder = new Manifest.Builder();
    for (final ManifestEntry entry : tree.values()) {
      if (!(entry instanceof SymlinkEntry link)
          || SymlinkTarget.survives(link.target(), directories::contains)) {
        builder.add(entry);
      }
    }
    for (final String directory : directories) {
      if (!tree.containsKey(directory)) {
        builder.add(new DirectoryEntry(directory));
      }
    }
    return ManifestWriter.toBytes(builder.build());
  }

  private static byte[] mutate(final Random random, final byte[] original) {
    byte[] document = original;
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      final int at = random.nextInt(document.length + 1);
      final int cut = Math.min(document.length - at, random.nextInt(12));
      document =
          switch (random.nextInt(7)) {
            case 0 -> Arrays.copyOf(document, at);
            case 1 -> splice(document, at, cut, new byte[0]);
            case 2 -> splice(document, at, 0, piece(random));
            case 3 -> splice(document, at, cut, piece(random));
            case 4 -> splice(document, at, 0, Arrays.copyOfRange(document, at, at + cut));
            case 5 -> digit(random, document);
            default -> flip(random, document);
          };
      if (document.length == 0) {
        return document;
      }
    }
    return document;
  }

  private static byte[] piece(final Random random) {
    return PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] splice(
      final byte[] document, final int at, final int cut, final byte[] piece) {
    final byte[] result = new byte[document.length - cut + piece.length];
    System.arraycopy(document, 0, result, 0, at);
    System.arraycopy(piece, 0, result, at, piece.length);
    System.arraycopy(document, at + cut, result, at + piece.length, document.length - at - cut);
    return result;
  }

  private static byte[] flip(final Random random, final byte[] document) {
    final byte[] result = document.clone();
    result[random.nextInt(result.length)] ^= (byte) (1 << random.nextInt(8));
    return result;
  }

  /** Changes one digit or letter of a hash, number or reference. */
  private static byte[] digit(final Random random, final byte[] document) {
    final byte[] result = document.clone();
    for (int tries = 0; tries < 50; tries++) {
      final int at = random.nextInt(result.length);
      if (result[at] >= '0' && result[at] <= '9') {
        result[at] = (byte) ('0' + random.nextInt(10));
        break;
      }
    }
    return result;
  }
}
