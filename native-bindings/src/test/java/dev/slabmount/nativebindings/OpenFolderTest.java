package dev.slabmount.nativebindings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.nativebindings.file.OpenFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFolderTest {

  @TempDir Path folder;

  @Test
  void shouldFlushAndGiveItsDescriptorBack() throws Exception {
    final byte[] path = folder.toString().getBytes(UTF_8);
    final long before = descriptors();
    final OpenFolder open = OpenFolder.open(path);
    assertEquals(before + 1, descriptors());
    assertDoesNotThrow(open::flushFilesystem);
    open.close();
    open.close();
    assertEquals(before, descriptors());
    assertThrows(IllegalStateException.class, open::flushFilesystem);
  }

  @Test
  void shouldSayThatThereIsNoSuchFolder() {
    final byte[] path = folder.resolve("missing").toString().getBytes(UTF_8);
    assertEquals(
        "open: errno 2", assertThrows(IOException.class, () -> OpenFolder.open(path)).getMessage());
  }

  private long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(each -> leadsTo(each, folder)).count();
    }
  }

  private static boolean leadsTo(final Path link, final Path target) {
    try {
      return Files.readSymbolicLink(link).equals(target);
    } catch (final IOException e) {
      return false; // closed meanwhile
    }
  }
}
