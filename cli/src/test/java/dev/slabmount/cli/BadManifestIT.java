package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.Xxh128;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * Manifests that cannot be mounted, through the built command: one clear line and the documented
 * exit code, both from the mount and from whoever wants to know.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
class BadManifestIT {
  private static final String HASH = "890c8a5c5ad2a8a2edba9e94785346a3";
  private static final int ENTRIES = 300_000;

  @TempDir private Path temp;
  private Launcher launcher;
  private Path manifest;
  private Path store;
  private Path point;

  @BeforeEach
  void makeWhatAMountNeeds() throws IOException {
    launcher = new Launcher(temp);
    manifest = temp.resolve("tree.json");
    store = temp.resolve("store");
    LocalContentStore.create(store).close();
    point = Files.createDirectory(temp.resolve("mnt"));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    launcher.assertNothingLeft();
  }

  /** In the documents F is a file's hash, time and size, and V the end of a document. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~                                                  | is empty",
        "{\"dirs\":[{\"path\":\"a\"},{\"pa                  | is the file cut off?",
        "PNG\\r\\n                                           | is not valid JSON",
        "{\"dirs\":{},\"files\":[]V                          | /dirs: 'dirs' must be an array",
        "{\"dirs\":[],\"files\":[{\"path\":7,F}]V            | /files/0/path: 'path' must be a string",
        "{\"dirs\":[],\"files\":[],\"manifestVersion\":\"9\"} | /manifestVersion: unknown form '9'",
        "{\"dirs\":[],\"files\":[{\"path\":\"../a\",F}]V     | /files/0/path: the path has the component '..'",
        "{\"dirs\":[],\"files\":[{\"path\":\"a/./b\",F}]V    | /files/0/path: the path has the component '.'",
        "{\"dirs\":[],\"files\":[{\"path\":\"/a\",F}]V       | /files/0/path: the path is absolute",
        "{\"dirs\":[],\"files\":[{\"path\":\"\",F}]V         | /files/0/path: the path is empty",
        "{\"dirs\":[],\"files\":[{\"path\":\"a\\u0000\",F}]V | /files/0/path: the path contains NUL",
        "{\"dirs\":[],\"files\":[{\"path\":\"a\",F},{\"path\":\"a\",F}]V | /files/1/path: 'a' is listed twice",
        "{\"dirs\":[{\"path\":\"a\"}],\"files\":[{\"path\":\"a\",F}]V | a directory elsewhere",
        "{\"dirs\":[],\"files\":[{\"path\":\"$4/a\",F}]V     | refers to row 4 of 'dirs'",
        "{\"dirs\":[{\"path\":\"$1/a\"},{\"path\":\"b\"}],\"files\":[]V | refers to row 1 of 'dirs', but only 0",
        "{\"dirs\":[],\"files\":[{\"path\":\"a\",\"hash\":\"XY\",\"mtime\":1,\"size\":6}]V | 32 lower-case hex",
        "{\"dirs\":[],\"files\":[{\"path\":\"a\",\"chunkhashes\":[],\"mtime\":1,\"size\":268435457}]V | needs 2 chunk",
        "{\"dirs\":[],\"files\":[{\"path\":\"a\",F0}]V       | /files/0/hash: size 0, but the hash",
        "{\"dirs\":[],\"files\":[{\"path\":\"a\",F-1}]V      | /files/0/size: negative size -1",
        "{\"dirs\":[],\"files\":[{\"path\":\"a\",F9223372036854775808}]V | 'size' is beyond 64 bits",
        "{\"x\":NEST                                         | exceeds a limit",
      })
  void shouldBeRefusedInOneLine(final String document, final String said) throws IOException {
    Files.writeString(
        manifest,
        document
            .replaceAll("F(-?\\d*)\\}", "\"hash\":\"" + HASH + "\",\"mtime\":1,\"size\":6$1}")
            .replace("\"size\":60}", "\"size\":0}")
            .replace("\"size\":6-1}", "\"size\":-1}")
            .replace("\"size\":69223372036854775808}", "\"size\":9223372036854775808}")
            .replaceAll(
                "V$", ",\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2025-12\",\"totalSize\":6}")
            .replace("NEST", "[".repeat(10_000)));
    assertRefused(mount(), said);
    assertRefused(showStrictly(), said);
  }

  /** In this process: a JVM for each document would take half a minute. */
  private Launcher.Result showStrictly() {
    final StringWriter err = new StringWriter();
    final CommandLine command = Slabmount.commandLine();
    command.setOut(new PrintWriter(new StringWriter()));
    command.setErr(new PrintWriter(err));
    final int exitCode = command.execute("show", "--strict", manifest.toString());
    return new Launcher.Result(exitCode, "", err.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "relative-manifest-diff-beta-2025-12, lists changes against another manifest",
    "absolute-manifest-diff-beta-2025-12, lists changes against another manifest",
    "absolute-manifest-snapshot-beta-2025-12, has absolute paths",
  })
  void shouldBeDataAndNoTree(final String form, final String said) throws IOException {
    final String parent = form.contains("diff") ? "\"parentManifestHash\":\"" + HASH + "\"," : "";
    Files.writeString(
        manifest,
        "{\"dirs\":[],\"files\":[],\"hashAlg\":\"xxh128\","
            + parent
            + "\"specificationVersion\":\""
            + form
            + "\",\"totalSize\":0}");
    assertRefused(mount(), said);
    final String shown = launcher.run("show", "--strict", manifest.toString()).assertOk().out();
    assertTrue(shown.contains("mountable  no\n"), shown);
  }

  @Test
  void shouldBeRefusedForALinkThatLeadsOutIfNoneMay() throws IOException {
    Files.writeString(
        manifest,
        "{\"dirs\":[],\"files\":[{\"path\":\"l\",\"symlink\":{\"target\":\"/etc\"}}],"
            + "\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2025-12\",\"totalSize\":0}");
    assertRefused(mount("--links=inside"), "/files/0: the link 'l' has an absolute target '/etc'");
    mount("--links=some").assertFailed(ExitCode.USAGE, "'some' is not known");
  }

  @Test
  void shouldSayHowToGetMoreHeap() throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(manifest)) {
      out.write("{\"dirs\":[],\"files\":[");
      for (int i = 0; i < ENTRIES; i++) {
        out.write(i == 0 ? "" : ",");
        out.write("{\"hash\":\"" + HASH + "\",\"mtime\":1,\"path\":\"file " + i + "\",\"size\":6}");
      }
      out.write(
          "],\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2025-12\",\"totalSize\":"
              + 6 * ENTRIES
              + "}");
    }
    launcher.with("SLABMOUNT_JAVA_OPTS", "-Xmx24m");
    final String said = "manifest " + manifest + " needs more heap than ";
    mount().assertFailed(ExitCode.PREREQUISITE, said, "SLABMOUNT_JAVA_OPTS=-Xmx1g");
    launcher
        .run("show", manifest.toString())
        .assertFailed(ExitCode.PREREQUISITE, said, "SLABMOUNT_JAVA_OPTS=-Xmx1g");
  }

  @Test
  void shouldMountATreeOf2023WithAFileLongerThanAChunk() throws Exception {
    final long size = (300L << 20) + 5;
    final Path object = store.resolve("Data/f1e3ba3ae4b6a1c9a6c5a5b0a3a6a7a8.xxh128");
    try (RandomAccessFile sparse = new RandomAccessFile(object.toFile(), "rw")) {
      sparse.setLength(size);
      sparse.seek(size - 5);
      sparse.writeBytes("tail\n");
    }
    final String hash = hashOf(object);
    Files.move(object, object.resolveSibling(hash + ".xxh128"));
    Files.writeString(
        manifest,
        "{\"hashAlg\":\"xxh128\",\"manifestVersion\":\"2023-03-03\",\"paths\":[{\"hash\":\""
            + hash
            + "\",\"mtime\":1700000000000000,\"path\":\"deep/er/big\",\"size\":"
            + size
            + "}],\"totalSize\":"
            + size
            + "}");
    final Launcher.Started mount =
        launcher.start("mount", manifest.toString(), point.toString(), "--store", store.toString());
    mount.awaitLine("mounted ");
    final Path file = point.resolve("deep/er/big");
    assertEquals(size, Files.size(file));
    assertEquals(1_700_000_000_000L, Files.getLastModifiedTime(file).toMillis());
    assertEquals(hash, hashOf(file));
    launcher.run("unmount", point.toString()).assertOk();
    mount.awaitEnd().assertOk();
  }

  private static String hashOf(final Path file) throws IOException {
    final Xxh128 hash = new Xxh128();
    final byte[] buffer = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hash.update(buffer, 0, read);
      }
    }
    return hash.digest().toString();
  }

  private Launcher.Result mount(final String... options) {
    final List<String> command =
        new ArrayList<>(
            List.of("mount", manifest.toString(), point.toString(), "--store", store.toString()));
    command.addAll(List.of(options));
    return launcher.run(command.toArray(String[]::new));
  }

  private void assertRefused(final Launcher.Result result, final String said) {
    result.assertFailed(ExitCode.INPUT, "manifest " + manifest, said);
  }
}
