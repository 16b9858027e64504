package dev.slabmount.vfs.manifest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ManifestWriterTest {

  @TempDir private Path folder;
  private Path file;
  private Manifest manifest;

  @BeforeEach
  void makeManifest() throws ManifestException {
    file = folder.resolve("m.json");
    manifest =
        new Manifest.Builder()
            .add(new FileEntry("a/b", 0, 5, false, List.of(ContentHash.EMPTY)))
            .build();
  }

  @Test
  void shouldWriteAFileThatReadsBack() throws Exception {
    ManifestWriter.write(manifest, file);
    assertArrayEquals(ManifestWriter.toBytes(manifest), Files.readAllBytes(file));
    assertEquals(manifest.entries(), ManifestReader.read(file).entries());
    assertEquals(List.of(file), content());
    assertTrue(Files.getPosixFilePermissions(file).contains(PosixFilePermission.OWNER_READ));
  }

  @Test
  void shouldWriteWithTheCallersUmask() throws Exception {
    ManifestWriter.write(manifest, file);
    final Path plain = Files.createFile(folder.resolve("plain"));
    assertEquals(Files.getPosixFilePermissions(plain), Files.getPosixFilePermissions(file));
  }

  @Test
  void shouldReplaceAnOlderFile() throws Exception {
    Files.writeString(file, "x".repeat(100_000));
    ManifestWriter.write(manifest, file);
    assertEquals(manifest.entries(), ManifestReader.read(file).entries());
    assertEquals(List.of(file), content());
  }

  @Test
  void shouldLeaveTheOlderFileWhenTheTreeCannotBeSaid() throws Exception {
    Files.writeString(file, "older");
    final Manifest unsayable = new Manifest.Builder().add(new SymlinkEntry("l", "$0/x")).build();
    assertThrows(ManifestException.class, () -> ManifestWriter.write(unsayable, file));
    assertEquals("older", Files.readString(file));
    assertEquals(List.of(file), content());
  }

  @Test
  void shouldNotReplaceWhatIsNoRegularFile() throws Exception {
    Files.createDirectory(file);
    assertThrows(IOException.class, () -> ManifestWriter.write(manifest, file));
    assertEquals(List.of(file), content());
    assertThrows(IOException.class, () -> ManifestWriter.write(manifest, Path.of("/dev/null")));
    assertTrue(Files.exists(Path.of("/dev/null")));
  }

  @Test
  void shouldReportAFolderThatIsMissing() {
    final Path missing = folder.resolve("no/such/m.json");
    assertThrows(NoSuchFileException.class, () -> ManifestWriter.write(manifest, missing));
  }

  @Test
  void shouldReportAFileThatIsMissing() {
    assertThrows(NoSuchFileException.class, () -> ManifestReader.read(file));
  }

  @Test
  void shouldRefuseToReadAFolder() {
    final IOException e = assertThrows(IOException.class, () -> ManifestReader.read(folder));
    assertTrue(e.getMessage().contains("is not a regular file"), e.getMessage());
  }

  private List<Path> content() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(path -> !path.endsWith("plain")).toList();
    }
  }
}
