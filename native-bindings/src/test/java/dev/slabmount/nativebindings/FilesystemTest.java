package dev.slabmount.nativebindings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.nativebindings.file.EffectiveUser;
import dev.slabmount.nativebindings.file.Filesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FilesystemTest {

  @TempDir Path folder;

  @Test
  void shouldSayWhatStatSays() throws Exception {
    for (final Path path : new Path[] {folder, Path.of("/proc"), Path.of("/sys")}) {
      assertEquals(stat("-f", "%t", path), Long.toHexString(of(path).type()), path.toString());
    }
    assertFalse(of(folder).readOnly());
  }

  @Test
  void shouldSayThatThereIsNoSuchFile() {
    assertEquals(
        "statfs: errno 2",
        assertThrows(IOException.class, () -> of(folder.resolve("missing"))).getMessage());
  }

  @Test
  void shouldKnowTheUser() throws Exception {
    final Object owner = Files.getAttribute(Files.createFile(folder.resolve("f")), "unix:uid");
    assertEquals(owner, EffectiveUser.id());
  }

  private static Filesystem of(final Path path) throws IOException {
    return Filesystem.of(path.toString().getBytes(UTF_8));
  }

  private static String stat(final String what, final String format, final Path path)
      throws Exception {
    final Process stat = new ProcessBuilder("stat", what, "-c", format, path.toString()).start();
    final String said = new String(stat.getInputStream().readAllBytes(), UTF_8).strip();
    stat.waitFor(20, TimeUnit.SECONDS);
    return said;
  }
}
