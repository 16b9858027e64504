package dev.slabmount.nativebindings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Holds the files of jextract against {@code jextract/CHECKSUMS}. */
final class GeneratedCode {
  private static final String MEND =
      "; run 'make bindings' (and edit only native-bindings/jextract, never the generated code)";

  private GeneratedCode() {}

  /** One line per file that was edited, is missing, or is not of jextract's making. */
  static List<String> differences(final Path module) throws IOException {
    final Map<String, String> expected = new TreeMap<>();
    for (final String line : Files.readAllLines(module.resolve("jextract/CHECKSUMS"))) {
      if (!line.startsWith("#")) {
        final String[] parts = line.split(" {2}", 2);
        expected.put(parts[1], parts[0]);
      }
    }
    final Map<String, String> found = new TreeMap<>();
    try (Stream<Path> inputs = Files.list(module.resolve("jextract"));
        Stream<Path> outputs = Files.walk(module.resolve("src/generated"))) {
      Stream.concat(
              inputs.filter(f -> f.toString().endsWith(".h") || f.toString().endsWith(".includes")),
              outputs.filter(Files::isRegularFile))
          .forEach(f -> found.put(module.relativize(f).toString(), sha256(f)));
    }
    final List<String> differences = new ArrayList<>();
    expected.forEach((file, sum) -> {
      if (!found.containsKey(file)) {
        differences.add(file + " is missing" + MEND);
      } else if (!sum.equals(found.get(file))) {
        differences.add(file + " was edited" + MEND);
      }
    });
    found.forEach((file, sum) -> {
      if (!expected.containsKey(file)) {
        differences.add(file + " is not in jextract/CHECKSUMS" + MEND);
      }
    });
    return differences;
  }

  private static String sha256(final Path file) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
