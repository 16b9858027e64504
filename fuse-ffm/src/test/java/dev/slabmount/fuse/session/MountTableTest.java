package dev.slabmount.fuse.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountTableTest {
  @Test
  void shouldReadALineOfTheKernel() {
    final String line =
        "90 22 0:45 / /mnt/a rw,nosuid,nodev shared:1 - fuse.slabmount tree.json ro,user_id=0";
    final MountTable.Mount mount = MountTable.parse(line).orElseThrow();
    assertEquals(
        new MountTable.Mount(90, "0:45", Path.of("/mnt/a"), "fuse.slabmount", "tree.json"), mount);
    assertTrue(mount.isFuse());
  }

  @Test
  void shouldTellOtherFilesystemsFromFuse() {
    assertFalse(MountTable.parse("9 2 0:4 / /sys rw - fusectl x rw").orElseThrow().isFuse());
    assertTrue(MountTable.parse("9 2 0:4 / /mnt rw - fuseblk x rw").orElseThrow().isFuse());
  }

  @Test
  void shouldDecodeBlanksAndBackslashes() {
    final MountTable.Mount mount =
        MountTable.parse("9 2 0:4 / /mnt/a\\040b\\134c\\012d rw - fuse x\\040y rw").orElseThrow();
    assertEquals(Path.of("/mnt/a b\\c\nd"), mount.mountPoint());
    assertEquals("x y", mount.source());
  }

  @Test
  void shouldReadNamesOutsideAscii() {
    final String line = "9 2 0:4 / /mnt/\u00c3\u00bc rw - fuse x rw"; // UTF-8's bytes as Latin-1
    assertEquals(Path.of("/mnt/\u00fc"), MountTable.parse(line).orElseThrow().mountPoint());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "1 0 0:1 / /m rw",
        "1 0 0:1 / /m rw - tmpfs",
        " - a b",
        "x 0 0:1 / /m rw - tmpfs a",
        "99999999999 0 0:1 / /m rw - tmpfs a",
        "1 0 0:1 / /m\\000x rw - tmpfs a"
      })
  void shouldSkipALineThatItDoesNotUnderstand(final String line) {
    assertTrue(MountTable.parse(line).isEmpty());
  }

  @Test
  void shouldTakeWhatIsNoEscapeAsItIs() {
    for (String odd :
        new String[] {"/m\\", "/m\\0", "/m\\04", "/m\\089", "/m\\777", "/m\\xyz", "/m\\1x1"}) {
      final String line = "1 0 0:1 / " + odd + " rw - tmpfs a";
      assertEquals(Path.of(odd), MountTable.parse(line).orElseThrow().mountPoint());
    }
  }

  @Test
  void shouldReadOptionalFieldsOfAnyNumber() {
    for (String fields : new String[] {"", " shared:1", " shared:1 master:2 propagate_from:3"}) {
      final String line = "1 0 0:1 / /m rw" + fields + " - fuse.a-b c rw";
      assertEquals("fuse.a-b", MountTable.parse(line).orElseThrow().type());
    }
  }

  @Test
  void shouldReadThisMachine() throws IOException {
    assertEquals("proc", MountTable.at(Path.of("/proc")).orElseThrow().type());
  }
}
