package dev.slabmount.vfs.fuzz;

import dev.slabmount.vfs.NameFuzz;
import dev.slabmount.vfs.manifest.ManifestFuzz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes what Jazzer begins with: a folder of inputs and a dictionary for each target. */
public final class Corpus {

  private Corpus() {}

  /** The one argument is the folder for all of it. */
  public static void main(final String[] arguments) throws IOException {
    final Path folder = Path.of(arguments[0]);
    write(folder, "ManifestFuzz", ManifestFuzz.seeds(), ManifestFuzz.words());
    write(folder, "NameFuzz", NameFuzz.seeds(), NameFuzz.words());
    write(folder, "PlantedBug", PlantedBug.seeds(), PlantedBug.words());
    System.exit(0); // The filesystem of NameFuzz has threads that nobody ends.
  }

  private static void write(
      final Path folder, final String target, final List<byte[]> seeds, final List<String> words)
      throws IOException {
    final Path corpus = Files.createDirectories(folder.resolve(target));
    for (int i = 0; i < seeds.size(); i++) {
      Files.write(corpus.resolve("seed-" + i), seeds.get(i));
    }
    Files.write(
        folder.resolve(target + ".dict"), words.stream().map(Corpus::dictionaryLine).toList());
  }

  /** A line of libFuzzer's dictionaries: quoted, and all but plain characters as {@code \xNN}. */
  private static String dictionaryLine(final String word) {
    final StringBuilder line = new StringBuilder("\"");
    for (final byte each : word.getBytes(StandardCharsets.UTF_8)) {
      line.append("\\x%02X".formatted(each));
    }
    return line.append('"').toString();
  }
}
