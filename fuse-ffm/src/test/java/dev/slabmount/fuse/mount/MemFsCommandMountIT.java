package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.example.memfs.MemFsCommand;
import dev.slabmount.fuse.session.MountTable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The example as a program of its own: what its options do to the agreement with the kernel. */
@Timeout(60)
class MemFsCommandMountIT extends Mounted {
  private Path said;

  private Process start(String options) throws Exception {
    said = dir.resolve("said");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx64m",
            "-cp",
            Server.classPath(),
            MemFsCommand.class.getName(),
            point.toString(),
            "--transport",
            transport.name().toLowerCase(Locale.ROOT),
            "-o",
            options));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(said.toFile())
        .start();
  }

  private String output() throws Exception {
    return Files.readString(said, StandardCharsets.UTF_8);
  }

  @Test
  void shouldDoWithoutWhatIsSwitchedOff() throws Exception {
    Process memfs = start("without=ASYNC_READ,without=CACHE_SYMLINKS,size=1M");
    try {
      Wait.until("it is mounted", () -> MountTable.at(point).isPresent());
      sh("echo text >f; cat f");
    } finally {
      memfs.destroy();
      assertTrue(memfs.waitFor(20, TimeUnit.SECONDS));
    }
    String log = output();
    assertTrue(log.contains("ASYNC_READ (switched off by an option of the mount)"), log);
    assertTrue(log.contains("CACHE_SYMLINKS (switched off by an option of the mount)"), log);
  }

  @Test
  void shouldRefuseWhatIsNoFeature() throws Exception {
    Process memfs = start("without=WARP_DRIVE");
    assertTrue(memfs.waitFor(20, TimeUnit.SECONDS));
    assertEquals(2, memfs.exitValue());
    assertEquals("memfs: without=WARP_DRIVE: no kernel feature like ASYNC_READ\n", output());
  }
}
