package dev.slabmount.nativebindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which library is taken, and what is said when none is. */
@Timeout(120)
class LibfuseLookupTest {
  private static final String SOURCE = "the system property slabmount.libfuse3";

  @TempDir Path folder;

  @Test
  void shouldFindTheInstalledLibrary() throws Exception {
    final LibfuseLookup.Found found =
        LibfuseLookup.find(LibfuseLookup.folders(Platform.current().orElseThrow()));
    assertTrue(found.path().isAbsolute());
    assertTrue(found.path().getFileName().toString().startsWith("libfuse3.so."));
    assertEquals(found.path().toRealPath(), found.path());
    assertEquals(LibfuseAbi.of(found.version()).orElseThrow(), found.abi());
  }

  @Test
  void shouldTakeTheFileThatTheOverrideNames() throws Exception {
    final Path copy = fake("libcopy.so", 316, "3.16.2");
    final LibfuseLookup.Found found = LibfuseLookup.findOverride(copy.toString(), SOURCE);
    assertEquals(copy.toRealPath(), found.path());
    assertEquals(new LibfuseVersion(3, 16, 2), found.version());
  }

  @Test
  void shouldRefuseAnOverrideThatIsMissing() {
    final Path missing = folder.resolve("libfuse3.so.3");
    assertRefused(missing, missing + ", named by " + SOURCE + ", does not exist; ");
  }

  @Test
  void shouldRefuseAnOverrideThatIsNoLibrary() throws Exception {
    final Path text = Files.writeString(folder.resolve("libfuse3.so.3"), "not ELF");
    assertRefused(text, "is not a shared library; ");
  }

  @Test
  void shouldRefuseAnOverrideThatIsAnotherLibrary() throws Exception {
    final Path source = Files.writeString(folder.resolve("other.c"), "int other(void);\n");
    final Path other = Programs.compile(folder, source, "-shared");
    assertRefused(other, "is not libfuse3: it has no function fuse_version; ");
  }

  @Test
  void shouldRefuseALibraryOfAnotherProcessor() throws Exception {
    final byte[] elf = Files.readAllBytes(fake("libfuse3.so.3", 314, "3.14.0"));
    elf[18] = (byte) 0xF3; // e_machine: RISC-V
    assertRefused(
        Files.write(folder.resolve("riscv.so"), elf), "cannot be loaded on this machine; ");
  }

  @Test
  void shouldRefuseALibraryThatCannotMakeSessions() throws Exception {
    final Path source =
        Files.writeString(
            folder.resolve("half.c"),
            "int fuse_version(void) { return 314; }"
                + " const char *fuse_pkgversion(void) { return \"3.14.0\"; }");
    assertRefused(
        Programs.compile(folder, source, "-shared", "-fPIC"),
        "is not libfuse3: it has no function fuse_session_new; ");
  }

  @ParameterizedTest
  @CsvSource({
    "39, 3.9.4, 3.9.4",
    "319, 3.19.0-rc1, 3.19.0",
    "390, 3.90.0, 3.90.0",
    "400, 4.0.0, 4.0.0",
    "29, 2.9.9, 2.9.9"
  })
  void shouldRefuseAnotherReleaseByName(final int number, final String text, final String name)
      throws Exception {
    assertRefused(
        fake("libfuse3.so.3", number, text),
        "is libfuse " + name + ", but slabmount knows 3.10 to 3.18; ");
  }

  @Test
  void shouldRefuseALibraryThatContradictsItself() throws Exception {
    assertRefused(
        fake("libfuse3.so.3", 314, "3.16.2"),
        "calls itself '3.16.2' and 314, which is no release; ");
  }

  @Test
  void shouldPreferTheNewerSonameAndPassOverAReleaseItDoesNotKnow() throws Exception {
    final Path known = fake("libfuse3.so.3", 312, "3.12.0");
    fake("libfuse3.so.4", 319, "3.19.0");
    assertEquals(known.toRealPath(), LibfuseLookup.findIn(List.of(folder.toString())).path());

    final Path newer = fake("libfuse3.so.4", 317, "3.17.4");
    assertEquals(newer.toRealPath(), LibfuseLookup.findIn(List.of(folder.toString())).path());
  }

  @Test
  void shouldSayWhereItLookedAndWhatToInstall() {
    final String message = notFoundIn("/nonexistent/a", "/nonexistent/b");
    assertTrue(
        message.startsWith("libfuse3 not found: looked for libfuse3.so.4 and libfuse3.so.3 "));
    assertTrue(message.contains("/nonexistent/a, /nonexistent/b"), message);
    assertTrue(message.contains("apt install fuse3"), message);
    assertTrue(message.contains("-Dslabmount.libfuse3=FILE"), message);
  }

  @Test
  void shouldNameEveryLibraryThatItRefused() throws Exception {
    final Path three = fake("libfuse3.so.3", 39, "3.9.0");
    final Path four = fake("libfuse3.so.4", 319, "3.19.0");
    final String message = notFoundIn(folder.toString());
    assertTrue(message.contains(three + " is libfuse 3.9.0"), message);
    assertTrue(message.contains(four + " is libfuse 3.19.0"), message);
  }

  private String notFoundIn(final String... folders) {
    final String message =
        assertThrows(
                LibfuseUnavailableException.class, () -> LibfuseLookup.findIn(List.of(folders)))
            .getMessage();
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  private static void assertRefused(final Path library, final String reason) {
    final String message =
        assertThrows(
                LibfuseUnavailableException.class,
                () -> LibfuseLookup.findOverride(library.toString(), SOURCE))
            .getMessage();
    assertTrue(message.startsWith(library.toString()), message);
    assertTrue(message.contains(reason), message);
    assertEquals(1, message.lines().count(), message);
  }

  /** Compiles a library anew; a new inode each time, so that no loader takes an earlier one. */
  private Path fake(final String name, final int number, final String text) throws Exception {
    final Path compiled = ChildJvm.fakeLibfuse(folder, number, text);
    final Path library = folder.resolve(name);
    Files.deleteIfExists(library);
    return Files.move(compiled, library);
  }
}
