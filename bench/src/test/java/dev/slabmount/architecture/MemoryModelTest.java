package dev.slabmount.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds docs/MEMORY_MODEL.md to the code: ids, classes and tests that it names have to be there.
 */
class MemoryModelTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern ROW = Pattern.compile("(?m)^\\| ([A-Z]\\d+) \\|.*\\| ([^|]+) \\|$");

  /**
   * A class in code type, and a method of it; or the end of a method's name, of the class before.
   */
  private static final Pattern TEST =
      Pattern.compile("`(?:([A-Z]\\w*[a-z]\\w*)(?:\\.(\\w+))?|…(\\w+))`");

  private static final Pattern CLASS = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)(?:\\.\\w+)?`");
  private static final Pattern CITATION =
      Pattern.compile("//.*?\\b([EFRV]\\d+)\\b|\\(([EFRV]\\d+)\\)");

  private final String document = read(ROOT.resolve("docs/MEMORY_MODEL.md"));
  private final Map<String, String> sources = sources();

  private static String read(final Path file) {
    try {
      return Files.readString(file);
    } catch (final IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, String> sources() {
    final Map<String, String> sources = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      files
          .filter(file -> file.toString().endsWith(".java") && file.toString().contains("/src/"))
          .forEach(
              file -> sources.put(file.getFileName().toString().replace(".java", ""), read(file)));
    } catch (final IOException e) {
      throw new AssertionError(e);
    }
    return sources;
  }

  /** Each ordering's last cell: the tests. */
  private Map<String, String> rows() {
    final Map<String, String> rows = new LinkedHashMap<>();
    final Matcher matcher = ROW.matcher(document);
    while (matcher.find()) {
      assertEquals(null, rows.put(matcher.group(1), matcher.group(2)), matcher.group(1));
    }
    assertTrue(rows.size() > 20, rows.keySet().toString());
    return rows;
  }

  @Test
  void shouldNameTestsThatThereAre() {
    final List<String> missing = new ArrayList<>();
    rows()
        .forEach((id, tests) -> {
          final Matcher matcher = TEST.matcher(tests);
          String current = "";
          int named = 0;
          while (matcher.find()) {
            named++;
            current = matcher.group(1) == null ? current : matcher.group(1);
            final String method = matcher.group(2);
            final String end = matcher.group(3);
            final String source = sources.getOrDefault(current, "");
            final boolean found =
                end != null
                    ? Pattern.compile("void \\w*" + end + "\\(").matcher(source).find()
                    : method == null ? !source.isEmpty() : source.contains("void " + method + "(");
            if (!found) {
              missing.add(id + ": " + matcher.group());
            }
          }
          if (named == 0 && !tests.startsWith("the same")) {
            missing.add(id + ": no test");
          }
        });
    assertEquals(List.of(), missing);
  }

  @Test
  void shouldNameTestsThatThereAreInItsOtherTablesAndWordsToo() {
    final TreeSet<String> missing = new TreeSet<>();
    final Matcher matcher = TEST.matcher(document);
    String current = "";
    int named = 0;
    while (matcher.find()) {
      current = matcher.group(1) == null ? current : matcher.group(1);
      final String method = matcher.group(2) == null ? matcher.group(3) : matcher.group(2);
      if (method != null && method.startsWith("should")) {
        named++;
        if (!sources.getOrDefault(current, "").contains("void " + method + "(")) {
          missing.add(matcher.group());
        }
      }
    }
    assertEquals(new TreeSet<>(), missing);
    assertTrue(named > 50, named + " tests");
  }

  @Test
  void shouldNameClassesThatThereAre() {
    final TreeSet<String> missing = new TreeSet<>();
    final Matcher matcher = CLASS.matcher(document);
    while (matcher.find()) {
      if (!sources.containsKey(matcher.group(1)) && !isOfTheJdk(matcher.group(1))) {
        missing.add(matcher.group(1));
      }
    }
    assertEquals(new TreeSet<>(), missing);
  }

  private static boolean isOfTheJdk(final String name) {
    return Stream.of("java.util.concurrent.", "java.util.concurrent.locks.", "java.lang.foreign.")
        .anyMatch(owner ->
            ClassLoader.getSystemResource(owner.replace('.', '/') + name + ".class") != null);
  }

  @Test
  void shouldHaveAJcstressClassForEachOrderingOfThePool() {
    final List<String> wrong = new ArrayList<>();
    rows()
        .forEach((id, tests) -> {
          if (id.startsWith("E")) {
            final Matcher matcher = Pattern.compile("`(\\w+Jcstress)`").matcher(tests);
            if (!matcher.find()
                || !sources.getOrDefault(matcher.group(1), "").contains("/** " + id + ": ")) {
              wrong.add(id + ": " + tests);
            }
          }
        });
    sources.keySet().stream()
        .filter(name -> name.endsWith("Jcstress") && !document.contains("`" + name + "`"))
        .forEach(wrong::add);
    assertEquals(List.of(), wrong);
  }

  @Test
  void shouldKnowEveryOrderingThatTheCodeCites() {
    final Map<String, String> rows = rows();
    final TreeSet<String> unknown = new TreeSet<>();
    final TreeSet<String> cited = new TreeSet<>();
    sources.forEach((name, source) -> {
      final Matcher matcher = CITATION.matcher(source);
      while (matcher.find()) {
        final String id = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        cited.add(id);
        if (!rows.containsKey(id)) {
          unknown.add(name + ": " + id);
        }
      }
    });
    assertEquals(new TreeSet<>(), unknown);
    assertTrue(cited.size() > 8, cited.toString());
  }
}
