package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plants leftovers of every kind for {@code scripts/leftovers.sh}, which ends tests and demo. */
@Timeout(60)
class LeftoversIT {
  @TempDir private Path temp;
  private final String mark = UUID.randomUUID().toString();
  private Path folder;
  private Launcher script;

  @BeforeEach
  void makeFolderOfARun() throws IOException {
    folder = Files.createDirectory(temp.resolve("run"));
    script =
        new Launcher(temp).program(Path.of("../scripts/leftovers.sh").toAbsolutePath().normalize());
  }

  @Test
  void shouldFindNothingAndRemoveTheFolder() {
    script.run(mark, folder.toString()).assertOk();
    assertFalse(Files.exists(folder));
  }

  @Test
  void shouldNameAndRemoveAFile() throws IOException {
    Files.createFile(folder.resolve("left"));
    final Launcher.Result result = script.run(mark, folder.toString());
    assertEquals(1, result.exitCode());
    assertEquals("left behind: file " + folder + "/left\n", result.err());
    assertFalse(Files.exists(folder));
  }

  @Test
  void shouldNameAndEndAProcess() throws IOException, InterruptedException {
    final ProcessBuilder builder = new ProcessBuilder("sleep", "60");
    builder.environment().put("SLABMOUNT_RUN", mark);
    final Process process = builder.start();
    final Launcher.Result result = script.run(mark, folder.toString());
    assertEquals(1, result.exitCode());
    assertEquals("left behind: process " + process.pid() + ": sleep 60 \n", result.err());
    assertTrue(process.waitFor(10, TimeUnit.SECONDS));
  }

  @Test
  void shouldLeaveProcessesOfOthersAlone() throws IOException, InterruptedException {
    final ProcessBuilder builder = new ProcessBuilder("sleep", "60");
    builder.environment().put("SLABMOUNT_RUN", mark + "-other");
    final Process process = builder.start();
    try {
      script.run(mark, folder.toString()).assertOk();
      assertTrue(process.isAlive());
    } finally {
      process.destroy();
      process.waitFor();
    }
  }

  @Test
  void shouldNameAndRemoveAMount() throws IOException {
    assumeTrue(Namespace.isPossible(), "needs to make a mount namespace");
    final Path point = Files.createDirectory(folder.resolve("a b"));
    final Launcher.Result result =
        script
            .through(Namespace.command("mount -t tmpfs none '" + point + "' && exec \"$@\""))
            .run(mark, folder.toString());
    assertEquals(1, result.exitCode());
    assertTrue(result.err().startsWith("left behind: mount on " + point + "\n"), result.err());
    assertFalse(Files.exists(folder));
  }
}
