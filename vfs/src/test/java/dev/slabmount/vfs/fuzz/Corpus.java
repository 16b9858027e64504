package dev.slabmount.vfs.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes what Jazzer begins with: a folder of inputs and a dictionary for each target. */
public final class Corpus {

  private Corpus() {}

  /**
   * The arguments are the folder for all of it, and classes with {@code seeds} and {@code words}.
   */
  @SuppressWarnings("unchecked") // said by the targets' signatures
  public static void main(final String[] arguments)
      throws IOException, ReflectiveOperationException {
    final Path folder = Path.of(arguments[0]);
    for (int i = 1; i < arguments.length; i++) {
      final Class<?> target = Class.forName(arguments[i]);
      write(
          folder,
          target.getSimpleName(),
          (List<byte[]>) target.getMethod("seeds").invoke(null),
          (List<String>) target.getMethod("words").invoke(null));
    }
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
