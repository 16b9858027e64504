package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTableTest {
  @Test
  void shouldReadTheLinesOfTheKernel() {
    final MountTable table =
        MountTable.parse(
            List.of(
                "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
                "90 22 0:45 / /mnt/a rw,nosuid,nodev - fuse.slabmount tree.json ro,user_id=0"));
    final MountTable.Mount mount = table.at(Path.of("/mnt/a")).orElseThrow();
    assertEquals("fuse.slabmount", mount.type());
    assertEquals("tree.json", mount.source());
    assertTrue(table.at(Path.of("/mnt")).isEmpty());
  }

  @Test
  void shouldDecodeBlanksAndBackslashes() {
    final MountTable table =
        MountTable.parse(List.of("9 2 0:4 / /mnt/a\\040b\\134c\\012d rw - fuse x\\040y rw"));
    assertEquals("x y", table.at(Path.of("/mnt/a b\\c\nd")).orElseThrow().source());
  }

  @Test
  void shouldReadNamesOutsideAscii() {
    final String line = "9 2 0:4 / /mnt/\u00c3\u00bc rw - fuse x rw"; // UTF-8's bytes as Latin-1
    assertTrue(MountTable.parse(List.of(line)).at(Path.of("/mnt/\u00fc")).isPresent());
  }

  @Test
  void shouldReturnTheTopmostOfSeveralMounts() {
    final MountTable table =
        MountTable.parse(
            List.of("1 0 0:1 / /m rw - tmpfs below rw", "2 1 0:2 / /m rw - fuse.x above rw"));
    assertEquals("above", table.at(Path.of("/m")).orElseThrow().source());
  }

  @Test
  void shouldSkipLinesThatItDoesNotUnderstand() {
    final MountTable table = MountTable.parse(List.of("", "x", "1 0 0:1 / /m rw - tmpfs"));
    assertTrue(table.at(Path.of("/m")).isEmpty());
  }

  @Test
  void shouldReadThisMachine() throws IOException {
    assertTrue(MountTable.read().at(Path.of("/proc")).isPresent());
  }
}
