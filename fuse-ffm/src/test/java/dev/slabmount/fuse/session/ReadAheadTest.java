package dev.slabmount.fuse.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadAheadTest {
  @TempDir Path devices;

  @Test
  void shouldWriteKibibytes() throws Exception {
    Path file = Files.createDirectory(devices.resolve("0:77")).resolve("read_ahead_kb");
    Files.writeString(file, "128\n");
    assertEquals("read-ahead 1024 KiB", new ReadAhead(devices).set("0:77", (1 << 20) + 5));
    assertEquals("1024\n", Files.readString(file));
  }

  @Test
  void shouldSayWhyItCannot() throws Exception {
    String gone = new ReadAhead(devices).set("0:78", 1 << 20);
    assertTrue(gone.startsWith("read-ahead not changed to 1024 KiB ("), gone);
    assertTrue(gone.endsWith("read_ahead_kb: there is no such file)"), gone);
    assertTrue(Files.notExists(devices.resolve("0:78")));
    Files.createDirectories(devices.resolve("0:79/read_ahead_kb"));
    String folder = new ReadAhead(devices).set("0:79", 1 << 20);
    assertTrue(folder.startsWith("read-ahead not changed to 1024 KiB ("), folder);
  }
}
