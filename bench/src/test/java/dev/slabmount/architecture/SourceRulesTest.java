package dev.slabmount.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the house to {@link SourceRules}, and each rule to a file that breaks it. */
class SourceRulesTest {
  private static final String DOCUMENTED = "/** A package. */\n@NullMarked\npackage p;\n";

  @TempDir private Path temp;

  @Test
  void shouldFindSourcesOfEveryRoom() {
    List<Path> sources = Rooms.sources(false);
    for (Rooms room : Rooms.values()) {
      assertTrue(
          sources.stream().anyMatch(room::holds),
          room + " has no sources: nothing would be checked");
    }
  }

  @Test
  void shouldKeepFilesShort() {
    assertEquals(List.of(), SourceRules.filesTooLong(Rooms.sources(false)));
  }

  @Test
  void shouldNoticeALongFile() throws IOException {
    Path file = write("Long.java", "//\n".repeat(SourceRules.FILE_LINES_MAX + 1));
    assertEquals(1, SourceRules.filesTooLong(List.of(file)).size());
  }

  @Test
  void shouldAcceptAFileOfExactlyTheLimit() throws IOException {
    Path file = write("Long.java", "//\n".repeat(SourceRules.FILE_LINES_MAX));
    assertEquals(List.of(), SourceRules.filesTooLong(List.of(file)));
  }

  @Test
  void shouldKeepMethodsShort() {
    assertEquals(List.of(), SourceRules.methodsTooLong(Rooms.sources(false)));
  }

  @Test
  void shouldNoticeALongMethod() throws IOException {
    String body = "\n".repeat(SourceRules.METHOD_LINES_MAX - 1);
    Path file =
        write(
            "Long.java",
            "class Long { int m() {" + body + "return 1; }\nvoid n() {\n" + body + "} }");
    List<String> broken = SourceRules.methodsTooLong(List.of(file));
    assertEquals(1, broken.size(), broken.toString());
    assertTrue(broken.getFirst().startsWith("Long.n: "), broken.getFirst());
  }

  @Test
  void shouldExplainEveryPackage() {
    assertEquals(List.of(), SourceRules.packagesUnexplained(Rooms.sources(false)));
  }

  @Test
  void shouldNoticeAPackageWithoutInfo() throws IOException {
    assertEquals(1, SourceRules.packagesUnexplained(List.of(write("A.java", "class A {}"))).size());
  }

  @Test
  void shouldNoticeAPackageThatAllowsNull() throws IOException {
    Path info = write("package-info.java", DOCUMENTED.replace("@NullMarked", ""));
    assertEquals(1, SourceRules.packagesUnexplained(List.of(info)).size());
  }

  @Test
  void shouldNoticeAPackageThatSaysNothing() throws IOException {
    Path info = write("package-info.java", DOCUMENTED.replace("/** A package. */\n", ""));
    assertEquals(1, SourceRules.packagesUnexplained(List.of(info)).size());
  }

  @Test
  void shouldAcceptAnExplainedPackage() throws IOException {
    Path info = write("package-info.java", DOCUMENTED);
    assertEquals(List.of(), SourceRules.packagesUnexplained(List.of(info)));
  }

  @Test
  void shouldLeaveNothingForLater() {
    List<Path> sources =
        Rooms.sources(true).stream()
            .filter(file -> !file.getFileName().toString().startsWith("SourceRules"))
            .toList();
    assertEquals(List.of(), SourceRules.unfinished(sources));
  }

  @Test
  void shouldNoticeSomethingLeftForLater() throws IOException {
    Path file = write("A.java", "class A {} // TODO: more\n");
    assertEquals(1, SourceRules.unfinished(List.of(file)).size());
  }

  @Test
  void shouldAcceptSomethingLeftToAnIssue() throws IOException {
    Path file = write("A.java", "class A {} // TODO(#12): more\n");
    assertEquals(List.of(), SourceRules.unfinished(List.of(file)));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(temp.resolve(name), text);
  }
}
