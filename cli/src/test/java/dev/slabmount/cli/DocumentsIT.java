package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What readers paste has to work, and what documents name has to be there. */
@Timeout(120)
class DocumentsIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern SHELL_BLOCK = Pattern.compile("(?ms)^```sh\\n(.*?)^```$");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

  /** A class in code type, with or without its package; acronyms are none. */
  private static final Pattern CLASS = Pattern.compile("`(?:[a-z]+\\.)*([A-Z][a-z]\\w+)`");

  @TempDir private Path temp;

  @Test
  void shouldWorkWhenPasted() throws IOException {
    final String script =
        blocks().filter(block -> block.contains("slabmount snapshot")).findFirst().orElseThrow();
    final Launcher shell =
        new Launcher(temp)
            .program(Path.of("/bin/bash"))
            .in(ROOT)
            .with("XDG_RUNTIME_DIR", Files.createDirectory(temp.resolve("run")).toString())
            .with("PATH", Launcher.DISTRIBUTION + "/bin:" + System.getenv("PATH"));
    final Launcher.Result result = shell.run("-ec", script);
    assertEquals(0, result.exitCode(), result.toString());
    assertEquals("", result.err());
    assertTrue(result.out().contains("\nmounted "), result.out());
    assertTrue(result.out().contains(", log " + temp + "/.local/state/slabmount/"), result.out());
    assertTrue(result.out().contains(" ARCHITECTURE.md\n"), result.out());
    shell.assertNoProcessLeft();
  }

  @Test
  void shouldNameTargetsThatMakeHas() throws IOException {
    final String makefile = Files.readString(ROOT.resolve("Makefile"));
    final List<String> named =
        blocks().flatMap(String::lines).filter(line -> line.startsWith("make ")).toList();
    assertTrue(named.size() >= 3, named.toString());
    for (final String line : named) {
      final String target = line.split("\\s+", -1)[1];
      assertTrue(makefile.contains("\n" + target + ":"), line);
    }
  }

  @Test
  void shouldLinkToFilesThatAreThere() throws IOException {
    final List<String> broken = new ArrayList<>();
    final List<Path> documents = new ArrayList<>();
    for (final String folder : List.of("", "docs", "docs/adr", "docs/perf")) {
      try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
        files.filter(path -> path.toString().endsWith(".md")).forEach(documents::add);
      }
    }
    for (final Path document : documents) {
      final Matcher links = LINK.matcher(Files.readString(document));
      while (links.find()) {
        if (!Files.exists(document.resolveSibling(links.group(1)))) {
          broken.add(ROOT.relativize(document) + ": " + links.group(1));
        }
      }
    }
    assertEquals(List.of(), broken);
  }

  @Test
  void shouldNameClassesThatThereAre() throws IOException {
    final Set<String> classes = new HashSet<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .forEach(name -> classes.add(name.substring(0, name.length() - ".java".length())));
    }
    final List<String> missing = new ArrayList<>();
    for (final String document :
        List.of("docs/ARCHITECTURE.md", "docs/TESTING.md", "docs/CLI.md")) {
      final Matcher names = CLASS.matcher(Files.readString(ROOT.resolve(document)));
      assertTrue(names.find(), document + " names no class");
      do {
        if (!classes.contains(names.group(1))) {
          missing.add(document + ": " + names.group(1));
        }
      } while (names.find());
    }
    assertEquals(List.of(), missing);
  }

  private static Stream<String> blocks() throws IOException {
    final Matcher matcher = SHELL_BLOCK.matcher(Files.readString(ROOT.resolve("README.md")));
    return matcher.results().map(result -> result.group(1));
  }
}
