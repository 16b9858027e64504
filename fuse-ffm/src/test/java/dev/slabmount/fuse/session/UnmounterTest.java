package dev.slabmount.fuse.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without a mount; with one, the integration tests unmount in every way. */
class UnmounterTest {
  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldSayThatNothingIsMountedThere(boolean lazy) throws IOException {
    Path file = Files.createFile(dir.resolve("file"));
    for (Path place : new Path[] {dir, file, dir.resolve("missing")}) {
      assertEquals(
          new Unmounter.Result(Unmounter.Outcome.NOT_MOUNTED, ""),
          Unmounter.unmount(place, lazy),
          place.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0:", "0:999999999"})
  void shouldNotCutAConnectionThatIsNotThere(String device) {
    assertFalse(Unmounter.abort(device, dir));
    assertFalse(Unmounter.abortConnection(device));
  }
}
