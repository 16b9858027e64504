package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.Xxh128;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Runs {@code slabmount show} in this process. */
@Timeout(60)
class ShowCommandTest {
  private static final String HASH = "890c8a5c5ad2a8a2edba9e94785346a3";
  private static final String TREE =
      "{\"dirs\":[{\"path\":\"d\"}],\"files\":[{\"hash\":\""
          + HASH
          + "\",\"mtime\":1700000001500000,\"path\":\"$0/f\",\"runnable\":true,\"size\":6},"
          + "{\"hash\":\""
          + HASH
          + "\",\"mtime\":-1,\"path\":\"g\",\"size\":6},"
          + "{\"path\":\"l\",\"symlink\":{\"target\":\"$0/f\"}}],\"hashAlg\":\"xxh128\","
          + "\"specificationVersion\":\"relative-manifest-snapshot-beta-2025-12\","
          + "\"totalSize\":12}";
  private static final String DIFF =
      "{\"dirs\":[{\"deleted\":true,\"path\":\"/d\"}],\"files\":[{\"deleted\":true,\"path\":\"/d/f\"}],"
          + "\"hashAlg\":\"xxh128\",\"parentManifestHash\":\""
          + HASH
          + "\",\"specificationVersion\":\"absolute-manifest-diff-beta-2025-12\",\"totalSize\":0}";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path temp;

  @Test
  void shouldSayWhatIsInATree() throws IOException {
    assertEquals(0, show(TREE, "--list"));
    assertEquals(
        """
        d                -  -                            d
        x                6  2023-11-14T22:13:21.500Z     d/f
        -                6  1969-12-31T23:59:59.999999Z  g
        l                -  -                            l -> d/f
        manifest   MANIFEST
        form       relative-manifest-snapshot-beta-2025-12: a tree
        entries    1 folder, 2 files (1 executable), 1 link
        content    12 B (12 bytes) in 1 distinct objects
        hash       d3b10e3a95d75b9a5e1d0c5c2d4c2d3e of 410 bytes, canonical (ascii)
        mountable  yes
        """
            .replaceFirst("d3b10e3a95d75b9a5e1d0c5c2d4c2d3e of 410", hashAndLength()),
        out.toString().replace(temp.resolve("m").toString(), "MANIFEST"));
  }

  @Test
  void shouldSayWhatChangesDelete() throws IOException {
    assertEquals(0, show(DIFF, "-l"));
    final String said = out.toString();
    assertTrue(said.contains("D                -  -                            /d/f\n"), said);
    assertTrue(said.contains("absolute-manifest-diff-beta-2025-12: changes, absolute paths"), said);
    assertTrue(said.contains("deleted    1 folder, 1 file or link\n"), said);
    assertTrue(said.contains("parent     " + HASH + "\n"), said);
    assertTrue(said.contains("mountable  no\n"), said);
    assertFalse(said.contains("defects"), said);
  }

  @Test
  void shouldTellProgramsTheSame() throws IOException {
    assertEquals(0, show(TREE, "--json", "--list"));
    assertEquals(
        "{\"manifest\":\"MANIFEST\",\"form\":\"relative-manifest-snapshot-beta-2025-12\","
            + "\"type\":\"snapshot\",\"paths\":\"relative\",\"length\":LENGTH,\"hash\":\"HASH\","
            + "\"canonical\":\"ascii\",\"parentHash\":null,\"mountable\":true,\"totalSize\":12,"
            + "\"directories\":1,\"files\":2,\"runnable\":1,\"chunked\":0,\"links\":1,"
            + "\"deletedDirectories\":0,\"deletedFiles\":0,\"objects\":1,\"defects\":[],"
            + "\"notes\":[],\"entries\":[{\"path\":\"d\",\"kind\":\"directory\"},"
            + "{\"path\":\"d/f\",\"kind\":\"file\",\"size\":6,\"mtime\":1700000001500000,"
            + "\"runnable\":true,\"hashes\":[\"890c8a5c5ad2a8a2edba9e94785346a3\"]},"
            + "{\"path\":\"g\",\"kind\":\"file\",\"size\":6,\"mtime\":-1,\"runnable\":false,"
            + "\"hashes\":[\"890c8a5c5ad2a8a2edba9e94785346a3\"]},"
            + "{\"path\":\"l\",\"kind\":\"link\",\"target\":\"d/f\"}]}\n",
        out.toString()
            .replace(temp.resolve("m").toString(), "MANIFEST")
            .replaceFirst("\"length\":\\d+", "\"length\":LENGTH")
            .replaceFirst("\"hash\":\"[0-9a-f]{32}", "\"hash\":\"HASH"));
  }

  @Test
  void shouldShowWhatIsWrongAndTheRest() throws IOException {
    final String broken =
        TREE.replaceFirst(HASH, "abc").replace("\"path\":\"g\"", "\"path\":\"../g\"");
    assertEquals(0, show(broken, "-l"));
    final String said = out.toString();
    assertTrue(said.contains("  ../g\n"), said);
    assertTrue(said.contains("mountable  no\ndefects    2\n"), said);
    assertTrue(said.contains("  /files/1/path: the path has the component '..': '../g'\n"), said);
    assertTrue(said.contains("  /files/0/hash: the hash must be 32 lower-case hex digits"), said);
    assertTrue(said.contains("not canonical"), said);
    assertEquals("", err.toString());
    assertEquals(ExitCode.INPUT.code(), show(broken, "--strict"));
    assertTrue(
        err.toString().matches("slabmount: manifest \\S+ is not strictly right: .*\\n"),
        err.toString());
    assertTrue(err.toString().endsWith("(and 1 more)\n"), err.toString());
    assertEquals(0, show(broken, "--json"));
    assertTrue(out.toString().contains("\"mountable\":false"), out.toString());
    assertTrue(
        out.toString().contains("{\"pointer\":\"/files/1/path\",\"message\":"), out.toString());
  }

  @Test
  void shouldNoteLinksThatLeadOutAndRefuseThemIfStrict() throws IOException {
    final String out1 = TREE.replace("\"target\":\"$0/f\"", "\"target\":\"/etc/passwd\"");
    assertEquals(0, show(out1));
    assertTrue(
        out.toString().contains("mountable  yes\nnotes      1\n  /files/2: "), out.toString());
    assertEquals(ExitCode.INPUT.code(), show(out1, "--strict"));
    assertTrue(err.toString().contains("'/etc/passwd'"), err.toString());
    assertEquals(0, show(TREE, "--strict"));
  }

  @Test
  void shouldEscapeControlCharacters() throws IOException {
    final String odd =
        TREE.replace("\"g\"", "\"g\\n\\u001b[31m\"")
            .replace("\"target\":\"$0/f\"", "\"target\":\"\\u0007\"");
    assertEquals(0, show(odd, "--list"));
    assertTrue(out.toString().contains("  g\\u000a\\u001b[31m\n"), out.toString());
    assertTrue(out.toString().contains("l -> \\u0007\n"), out.toString());
  }

  @Test
  void shouldNameSomeDefectsAndCountTheRest() throws IOException {
    final String rows = "1,".repeat(29) + "1";
    assertEquals(
        0, show(TREE.replaceFirst("\"files\":\\[.*\\],\"hash", "\"files\":[" + rows + "],\"hash")));
    assertTrue(out.toString().contains("defects    31\n"), out.toString());
    assertTrue(out.toString().contains("  and 11 more (--json has all)\n"), out.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "é, utf8",
    "\\u00e9, ascii",
  })
  void shouldKnowBothConventions(final String letter, final String convention) throws IOException {
    assertEquals(0, show(TREE.replace("\"path\":\"l\"", "\"path\":\"" + letter + "\"")));
    assertTrue(out.toString().contains("canonical (" + convention + ")"), out.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                | is empty",
        "[1]                               | must be an object",
        "{\"dirs\":[{\"path\":\"a\"        | is the file cut off?",
        "{\"manifestVersion\":\"1999\"}    | unknown form '1999'",
        "{\"specificationVersion\":7}      | must be a string",
        "{\"dirs\":[],\"files\":[]}        | not a manifest",
      })
  void shouldRefuseWhatIsNoManifest(final String text, final String said) throws IOException {
    assertEquals(ExitCode.INPUT.code(), show(text));
    assertTrue(err.toString().matches("slabmount: cannot use manifest [^\\n]*\\n"), err.toString());
    assertTrue(err.toString().contains(said), err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void shouldMissTheManifest() {
    assertEquals(ExitCode.INPUT.code(), run("show", temp.resolve("none").toString()));
    assertTrue(err.toString().endsWith("none: it does not exist\n"), err.toString());
  }

  private String hashAndLength() throws IOException {
    final byte[] bytes = Files.readAllBytes(temp.resolve("m"));
    return Xxh128.hash(bytes) + " of " + bytes.length;
  }

  private int show(final String document, final String... options) throws IOException {
    final Path manifest = Files.writeString(temp.resolve("m"), document);
    final String[] arguments = new String[options.length + 2];
    arguments[0] = "show";
    arguments[1] = manifest.toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    return run(arguments);
  }

  private int run(final String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    final CommandLine command = Slabmount.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
