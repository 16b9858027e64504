package dev.slabmount.nativebindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The committed bindings are what jextract made, and {@code generate.sh} can make them again. */
@Timeout(120)
class GeneratedCodeTest {
  private static final Path MODULE = Path.of("").toAbsolutePath();
  private static final String STAT =
      "src/generated/java/dev/slabmount/nativebindings/libfuse3/stat.java";

  @TempDir Path folder;
  private Path copy;

  @BeforeEach
  void copyModule() throws IOException {
    copy = folder.resolve("native-bindings");
    copyTree(MODULE.resolve("jextract"), copy.resolve("jextract"));
    copyTree(MODULE.resolve("src/generated"), copy.resolve("src/generated"));
  }

  @Test
  void shouldBeAsJextractMadeIt() throws IOException {
    assertEquals(List.of(), GeneratedCode.differences(MODULE));
  }

  @Test
  void shouldNameAFileThatWasEdited() throws IOException {
    Files.writeString(copy.resolve(STAT), Files.readString(copy.resolve(STAT)) + "\n");
    assertNames(STAT + " was edited");
  }

  @Test
  void shouldNameAFileThatIsMissing() throws IOException {
    Files.delete(copy.resolve(STAT));
    assertNames(STAT + " is missing");
  }

  @Test
  void shouldNameAFileThatJextractDidNotMake() throws IOException {
    Files.writeString(copy.resolve(STAT).resolveSibling("Mine.java"), "class Mine {}");
    assertNames("Mine.java is not in jextract/CHECKSUMS");
  }

  @Test
  void shouldNameAListThatChangedWithoutRegenerating() throws IOException {
    final Path list = copy.resolve("jextract/libfuse3.includes");
    Files.writeString(list, Files.readString(list) + "--include-constant ENOTRECOVERABLE\n");
    assertNames("jextract/libfuse3.includes was edited");
  }

  @Test
  void shouldSayWhatToInstallWithoutJextract() throws Exception {
    final Programs.Result result = generate("/nonexistent/jextract");
    assertEquals(1, result.exit());
    assertEquals(1, result.output().lines().count(), result.output());
    assertTrue(result.output().contains("jextract not found"), result.output());
    assertTrue(result.output().contains("https://jdk.java.net/jextract/"), result.output());
    assertEquals(List.of(), GeneratedCode.differences(copy));
  }

  @Test
  void shouldReplaceTheTreeAndItsChecksums() throws Exception {
    Files.writeString(copy.resolve(STAT).resolveSibling("Old.java"), "class Old {}");
    Files.writeString(copy.resolve("jextract/CHECKSUMS"), "");
    final Programs.Result result = generate(fakeJextract("").toString());
    assertEquals(0, result.exit(), result.output());
    assertEquals(
        Files.readString(MODULE.resolve("jextract/CHECKSUMS")),
        Files.readString(copy.resolve("jextract/CHECKSUMS")));
    assertEquals(List.of(), GeneratedCode.differences(copy));
  }

  @Test
  void shouldChangeNothingWhenASymbolIsInNoHeader() throws Exception {
    final Path list = copy.resolve("jextract/libfuse3.includes");
    Files.writeString(list, Files.readString(list) + "--include-function fuse_no_such\n");
    final Programs.Result result = generate(fakeJextract("").toString());
    assertEquals(1, result.exit());
    assertTrue(
        result.output().contains("libfuse3.includes: no header has fuse_no_such"), result.output());
    assertNames("jextract/libfuse3.includes was edited");
  }

  @Test
  void shouldChangeNothingWhenJextractFails() throws Exception {
    final Programs.Result result = generate(fakeJextract("exit 3").toString());
    assertEquals(3, result.exit());
    assertEquals(List.of(), GeneratedCode.differences(copy));
  }

  @Test
  void shouldRefuseHeadersOfAnotherRelease() throws Exception {
    final Path jextract = fakeJextract("");
    headers("#define FUSE_MINOR_VERSION 17", "#define FUSE_KERNEL_MINOR_VERSION 38");
    final Programs.Result result = generate(jextract.toString());
    assertEquals(1, result.exit());
    assertTrue(result.output().contains("is not that of libfuse 3.14"), result.output());
    assertEquals(List.of(), GeneratedCode.differences(copy));
  }

  private Programs.Result generate(final String jextract) throws Exception {
    return Programs.run(
        folder,
        Map.of("JEXTRACT", jextract, "HEADERS", folder.resolve("headers").toString()),
        copy.resolve("jextract/generate.sh").toString());
  }

  /** What the script looks at before it trusts a folder of headers. */
  private void headers(final String libfuse, final String kernel) throws IOException {
    Files.createDirectories(folder.resolve("headers/fuse3"));
    Files.createDirectories(folder.resolve("headers/linux"));
    Files.writeString(folder.resolve("headers/fuse3/fuse_common.h"), libfuse + "\n");
    Files.writeString(folder.resolve("headers/linux/fuse.h"), kernel + "\n");
  }

  /** Makes what the real one made: {@code jextract --output FOLDER …}. */
  private Path fakeJextract(final String lastLine) throws IOException {
    assumeTrue(Platform.current().equals(Optional.of(Platform.X86_64)), "generated on x86-64 only");
    headers("#define FUSE_MINOR_VERSION 14", "#define FUSE_KERNEL_MINOR_VERSION 38");
    final Path fake = folder.resolve("jextract");
    Files.writeString(
        fake,
        "#!/bin/sh\ncp -R '" + MODULE.resolve("src/generated/java") + "/.' \"$2\"\n" + lastLine);
    Files.setPosixFilePermissions(fake, PosixFilePermissions.fromString("rwx------"));
    return fake;
  }

  private void assertNames(final String difference) throws IOException {
    final List<String> differences = GeneratedCode.differences(copy);
    assertEquals(1, differences.size(), differences.toString());
    assertTrue(differences.getFirst().contains(difference), differences.toString());
    assertTrue(differences.getFirst().contains("make bindings"), differences.toString());
  }

  private static void copyTree(final Path from, final Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (final Path file : files.toList()) {
        final Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
  }
}
