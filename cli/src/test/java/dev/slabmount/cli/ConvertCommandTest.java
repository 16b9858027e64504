package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Runs {@code slabmount convert} in this process. */
@Timeout(60)
class ConvertCommandTest {
  private static final String FILE =
      "{\"hash\":\"890c8a5c5ad2a8a2edba9e94785346a3\",\"mtime\":1,\"path\":\"PATH\",\"size\":6}";
  private static final String LEGACY =
      "{\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2023-03-03\",\"paths\":["
          + FILE.replace("PATH", "d/\\u00e9")
          + "],\"totalSize\":6}";
  private static final String RELATIVE = current("d", "$0/\\u00e9", "relative-manifest-snapshot");
  private static final String ABSOLUTE =
      current("/p\"},{\"path\":\"$0/d", "$1/\\u00e9", "absolute-manifest-snapshot");
  private static final String DIFF = diff(RELATIVE, "relative");
  private static final String ABSOLUTE_DIFF = diff(ABSOLUTE, "absolute");
  private static final String BETA =
      RELATIVE
          .replace("\"path\"", "\"name\"")
          .replaceFirst("\"specification.*?\",", "\"manifestVersion\":\"2025-12-04-beta\",");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path temp;
  private Path manifest;
  private Path result;

  @BeforeEach
  void nameFiles() {
    manifest = temp.resolve("in");
    result = temp.resolve("out");
  }

  @Test
  void shouldConvertTreesBetweenAllForms() throws IOException {
    assertEquals(RELATIVE, converted(LEGACY, "--to", "relative-snapshot"));
    assertEquals(RELATIVE, converted(LEGACY, "--to", "2025-12"));
    assertEquals(LEGACY, converted(RELATIVE, "--to", "2023-03-03"));
    assertEquals(LEGACY, converted(BETA, "--to", "2023-03-03"));
    assertEquals(RELATIVE, converted(BETA));
    assertEquals(ABSOLUTE, converted(RELATIVE, "--to", "absolute-snapshot", "--root", "/p"));
    assertEquals(ABSOLUTE, converted(LEGACY, "--to", "absolute-snapshot", "--root", "/p"));
    assertEquals(ABSOLUTE, converted(BETA, "--to", "absolute-snapshot", "--root", "/p"));
    assertEquals(RELATIVE, converted(ABSOLUTE, "--to", "relative-snapshot", "--root", "/p"));
    assertEquals(LEGACY, converted(ABSOLUTE, "--to", "2023-03-03", "--root", "/p"));
  }

  @Test
  void shouldConvertChangesBetweenAllForms() throws IOException {
    assertEquals(ABSOLUTE_DIFF, converted(DIFF, "--to", "absolute-diff", "--root", "/p"));
    assertEquals(DIFF, converted(ABSOLUTE_DIFF, "--to", "relative-diff", "--root", "/p"));
    final String beta =
        BETA.replace(
            "\"manifestVersion\"",
            "\"parentManifestHash\":\"890c8a5c5ad2a8a2edba9e94785346a3\",\"manifestVersion\"");
    assertEquals(DIFF, converted(beta));
  }

  @Test
  void shouldWriteTheCanonicalSpellingOfItsOwnForm() throws IOException {
    for (final String document : List.of(LEGACY, RELATIVE, ABSOLUTE, DIFF, ABSOLUTE_DIFF)) {
      assertEquals(document, converted(document.replace(",", " ,\n")));
      assertEquals(document.replace("\\u00e9", "é"), converted(document, "--utf8"));
      assertEquals(document, converted(document.replace("\\u00e9", "é")));
    }
  }

  @Test
  void shouldLeaveNothingOutUnlessToldTo() throws IOException {
    final String linked =
        RELATIVE.replace(
            "}],\"hashAlg\"", "},{\"path\":\"l\",\"symlink\":{\"target\":\"x\"}}],\"hashAlg\"");
    assertEquals(ExitCode.INPUT.code(), convert(linked, "--to", "2023-03-03"));
    assertSaid("'2023-03-03' has no words for 1 link (the first is 'l'); --lossy leaves that out");
    assertFalse(Files.exists(result));
    assertEquals(LEGACY, converted(linked, "--to", "2023-03-03", "--lossy"));
    assertTrue(out.toString().endsWith("left out: 1 link (the first is 'l')\n"), out.toString());
  }

  @Test
  void shouldSayWhichExecuteBitsTheFormLoses() throws IOException {
    final String runnable = RELATIVE.replace("\"size\"", "\"runnable\":true,\"size\"");
    assertEquals(LEGACY, converted(runnable, "--to", "2023-03-03"));
    assertTrue(
        out.toString()
            .endsWith("this form does not say: 1 execute bit (the first is 'd/\u00e9')\n"),
        out.toString());
  }

  @Test
  void shouldNeverLeaveOutContent() throws IOException {
    final String chunked =
        RELATIVE
            .replaceAll("\"hash\":(\"[0-9a-f]+\")", "\"chunkhashes\":[$1,$1]")
            .replace("\"size\":6", "\"size\":300000000")
            .replace("\"totalSize\":6", "\"totalSize\":300000000");
    for (final String option : List.of("--utf8", "--lossy")) {
      assertEquals(ExitCode.INPUT.code(), convert(chunked, "--to", "2023-03-03", option));
      assertSaid("1 in chunks (the first is 'd/\u00e9'); take a snapshot with --form 2023-03-03");
      assertFalse(Files.exists(result));
    }
  }

  @Test
  void shouldMakeLinksRelativeToTheirFolders() throws IOException {
    final String linked =
        RELATIVE.replace(
            "}],\"hashAlg\"",
            "},{\"path\":\"$0/l\",\"symlink\":{\"target\":\"x/y\"}}],\"hashAlg\"");
    final String written = converted(linked, "--links-from-root");
    assertTrue(
        written.contains("{\"path\":\"$0/l\",\"symlink\":{\"target\":\"../x/y\"}}"), written);
  }

  @ParameterizedTest
  @CsvSource({
    "RELATIVE, --to relative-diff, 3, 'is a whole tree, and changes are made of two'",
    "DIFF, --to relative-snapshot, 3, 'lists changes, and a tree is made of its parent too'",
    "DIFF, --to 2023-03-03, 3, 'lists changes'",
    "ABSOLUTE, --to relative-snapshot --root /q, 3, 'is not below '",
    "RELATIVE, --to absolute-snapshot --root q, 3, 'is not absolute'",
    "RELATIVE, --to absolute-snapshot, 2, 'issing option ''--root'''",
    "ABSOLUTE, --to relative-snapshot, 2, 'issing option ''--root'''",
    "RELATIVE, --root /p, 2, 'nvalid option ''--root'''",
    "RELATIVE, --lossy, 2, 'goes with --to 2023-03-03 only'",
    "RELATIVE, --to 2025-12-04-beta, 2, 'no form that is written'",
    "BROKEN, --to 2023-03-03, 3, '/files/0/size: negative size'",
    "NONE, --to 2023-03-03, 3, ': it is empty, not a JSON document'",
  })
  void shouldRefuse(
      final String document, final String options, final int exitCode, final String said)
      throws IOException {
    final String text =
        switch (document) {
          case "RELATIVE" -> RELATIVE;
          case "ABSOLUTE" -> ABSOLUTE;
          case "DIFF" -> DIFF;
          case "BROKEN" -> RELATIVE.replace("\"size\":6", "\"size\":-6");
          default -> "";
        };
    assertEquals(exitCode, convert(text, options.split(" ", -1)), err.toString());
    assertSaid(said);
    assertFalse(Files.exists(result));
  }

  @Test
  void shouldSayThatTheResultCannotBeWritten() throws IOException {
    result = temp.resolve("no/such/folder");
    assertEquals(ExitCode.OUTPUT.code(), convert(RELATIVE));
    assertSaid("cannot write " + result + ": there is no folder " + temp.resolve("no/such"));
    result = Files.createDirectory(temp.resolve("folder"));
    assertEquals(ExitCode.OUTPUT.code(), convert(RELATIVE));
    assertSaid("not a regular file");
  }

  private static String current(final String dirs, final String path, final String form) {
    return "{\"dirs\":[{\"path\":\""
        + dirs
        + "\"}],\"files\":["
        + FILE.replace("PATH", path)
        + "],\"hashAlg\":\"xxh128\",\"specificationVersion\":\""
        + form
        + "-beta-2025-12\",\"totalSize\":6}";
  }

  private static String diff(final String snapshot, final String paths) {
    return snapshot.replace(
        "\"specificationVersion\":\"" + paths + "-manifest-snapshot",
        "\"parentManifestHash\":\"890c8a5c5ad2a8a2edba9e94785346a3\",\"specificationVersion\":\""
            + paths
            + "-manifest-diff");
  }

  private void assertSaid(final String said) {
    assertTrue(err.toString().matches("slabmount: [^\\n]*\\n"), err.toString());
    assertTrue(err.toString().contains(said), err.toString());
  }

  private String converted(final String document, final String... options) throws IOException {
    assertEquals(0, convert(document, options), err.toString());
    final String written = Files.readString(result);
    Files.delete(result);
    return written;
  }

  private int convert(final String document, final String... options) throws IOException {
    Files.writeString(manifest, document);
    final List<String> arguments =
        new ArrayList<>(List.of("convert", manifest.toString(), "--out", result.toString()));
    arguments.addAll(List.of(options));
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    final CommandLine command = Slabmount.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments.toArray(String[]::new));
  }
}
