package dev.slabmount.fuse.posix;

import static dev.slabmount.fuse.posix.Posix.EXCHANGE;
import static dev.slabmount.fuse.posix.Posix.NO_REPLACE;
import static dev.slabmount.fuse.posix.Posix.O_CREAT;
import static dev.slabmount.fuse.posix.Posix.O_EXCL;
import static dev.slabmount.fuse.posix.Posix.O_RDONLY;
import static dev.slabmount.fuse.posix.Posix.O_RDWR;
import static dev.slabmount.fuse.posix.Posix.O_TMPFILE;
import static dev.slabmount.fuse.posix.Posix.O_WRONLY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.mount.Shell;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Directories, names, links and renames. */
@Timeout(60)
class NamesContractIT extends OnAnyDirectory {
  private static final int ENXIO = 6;
  private static final int ELOOP = 40;
  private static final int NAME_MAX = 255;

  @Test
  void shouldMakeAndRemoveDirectories() throws Exception {
    assertEquals(2, Posix.stat(dir).links());
    assertOk(Posix.mkdir(in("d"), 0751));
    assertEquals(3, Posix.stat(dir).links());
    assertEquals(2, Posix.stat(in("d")).links());
    assertEquals(040751, Posix.stat(in("d")).mode());
    file("d/f", "x");
    assertErrno(Errno.ENOTEMPTY, Posix.rmdir(in("d")));
    assertErrno(Errno.ENOTDIR, Posix.rmdir(in("d/f")));
    assertErrno(Errno.EISDIR, Posix.unlink(in("d")));
    assertErrno(Errno.ENOTDIR, Posix.mkdir(in("d/f/g"), 0755));
    assertOk(Posix.unlink(in("d/f")));
    assertOk(Posix.rmdir(in("d")));
    assertErrno(Errno.ENOENT, Posix.rmdir(in("d")));
    assertErrno(Errno.ENOENT, Posix.mkdir(in("d/e"), 0755));
    assertEquals(2, Posix.stat(dir).links());
  }

  @Test
  void shouldRefuseToMakeWhatIsThere() throws Exception {
    file("f", "old");
    for (String there : new String[] {in("f"), dir}) {
      assertErrno(Errno.EEXIST, Posix.mkdir(there, 0755));
      assertErrno(Errno.EEXIST, Posix.open(there, O_CREAT | O_EXCL | O_WRONLY));
      assertErrno(Errno.EEXIST, Posix.symlink("t", there));
      assertErrno(Errno.EEXIST, Posix.mknod(there, Posix.S_IFIFO | 0644, 0));
      assertErrno(Errno.EEXIST, Posix.link(in("f"), there));
    }
    assertEquals("old", text("f"));
  }

  @Test
  void shouldTakeNamesOfAnyBytesAndOfOneTo255() throws Exception {
    StringBuilder odd = new StringBuilder();
    for (char c = 1; c < 256; c++) {
      if (c != '/') {
        odd.append(c);
      }
    }
    String longest = "n".repeat(NAME_MAX);
    for (String name : new String[] {"x", " ", "...", "\u00ff", odd.toString(), longest}) {
      int fd = Posix.open(in(name), O_CREAT | O_EXCL | O_RDWR);
      assertTrue(fd >= 0, name + ": " + fd);
      assertEquals(1, Posix.write(fd, "x"));
      assertOk(Posix.close(fd));
      assertEquals(1, Posix.stat(in(name)).size());
      assertErrno(Errno.ENOENT, -Posix.statErrno(in(name.substring(0, name.length() - 1) + "~")));
    }
    assertErrno(Errno.ENAMETOOLONG, Posix.open(in(longest + "n"), O_CREAT | O_WRONLY));
    assertErrno(Errno.ENAMETOOLONG, -Posix.statErrno(in(longest + "n")));
    assertErrno(Errno.ENAMETOOLONG, Posix.mkdir(in("m".repeat(NAME_MAX + 1)), 0755));
    assertErrno(Errno.ENAMETOOLONG, Posix.rename(in("x"), in(longest + "n")));
    assertErrno(Errno.ENAMETOOLONG, Posix.link(in("x"), in(longest + "n")));
    byte[] listed =
        Shell.run("sh", "-c", "cd '" + dir + "' && ls -UA | tr -d '\\n'")
            .out()
            .getBytes(StandardCharsets.ISO_8859_1);
    int expected = 1 + 1 + 3 + 1 + (odd.length() - 1) + NAME_MAX; // but for its line feed
    assertEquals(expected, listed.length);
  }

  @Test
  void shouldKeepAFileThatIsOpenWhenItsNameIsGone() throws Exception {
    int old = Posix.open(file("f", "first"), O_RDWR);
    long oldIno = Posix.stat(old).ino();
    assertOk(Posix.unlink(in("f")));
    assertEquals(0, Posix.stat(old).links());
    file("f", "second");
    assertNotEquals(oldIno, Posix.stat(in("f")).ino());
    assertEquals(3, Posix.pwrite(old, "XYZ", 5));
    assertOk(Posix.ftruncate(old, 7));
    assertArrayEquals("firstXY".getBytes(StandardCharsets.US_ASCII), Posix.pread(old, 99, 0));
    assertEquals(7, Posix.stat(old).size());
    assertEquals("second", text("f"));
    int again = Posix.open("/proc/self/fd/" + old, O_RDONLY);
    assertEquals(7, Posix.pread(again, 99, 0).length);
    assertOk(Posix.close(old));
    assertOk(Posix.close(again));
    for (int i = 0; i < 50; i++) {
      int fd = Posix.open(in("g"), O_CREAT | O_EXCL | O_RDWR);
      assertEquals(0, Posix.pread(fd, 10, 0).length, "a new file is empty");
      Posix.pwrite(fd, "content", 0);
      assertOk(Posix.unlink(in("g")));
      assertOk(Posix.close(fd));
    }
  }

  @Test
  void shouldCountTheNamesOfAFile() throws Exception {
    file("a", "x");
    assertOk(Posix.mkdir(in("d"), 0755));
    assertOk(Posix.link(in("a"), in("d/b")));
    assertEquals(2, Posix.stat(in("a")).links());
    assertEquals(Posix.stat(in("a")).ino(), Posix.stat(in("d/b")).ino());
    Files.writeString(path("d/b"), "changed");
    assertEquals("changed", text("a"));
    assertErrno(Errno.EPERM, Posix.link(in("d"), in("e")));
    assertErrno(Errno.ENOENT, Posix.link(in("missing"), in("e")));
    assertOk(Posix.unlink(in("a")));
    assertEquals(1, Posix.stat(in("d/b")).links());
    assertEquals("changed", text("d/b"));
  }

  @Test
  void shouldReplaceWhatARenameMeets() throws Exception {
    file("a", "a");
    file("b", "b");
    int replaced = Posix.open(in("b"), O_RDONLY);
    assertOk(Posix.rename(in("a"), in("b")));
    assertEquals("a", text("b"));
    assertErrno(Errno.ENOENT, -Posix.statErrno(in("a")));
    assertEquals('b', Posix.pread(replaced, 1, 0)[0]);
    assertEquals(0, Posix.stat(replaced).links());
    assertOk(Posix.close(replaced));

    assertOk(Posix.mkdir(in("d"), 0755));
    assertOk(Posix.mkdir(in("e"), 0755));
    assertErrno(Errno.EISDIR, Posix.rename(in("b"), in("d")));
    assertErrno(Errno.ENOTDIR, Posix.rename(in("d"), in("b")));
    assertOk(Posix.rename(in("d"), in("e")));
    assertEquals(3, Posix.stat(dir).links());
    file("e/x", "x");
    assertOk(Posix.mkdir(in("f"), 0755));
    assertErrno(Errno.ENOTEMPTY, Posix.rename(in("f"), in("e")));
    assertErrno(Errno.EINVAL, Posix.rename(in("e"), in("e/y")));
    assertOk(Posix.rename(in("b"), in("b")));
    assertOk(Posix.link(in("b"), in("c")));
    assertOk(Posix.rename(in("b"), in("c")));
    assertEquals(2, Posix.stat(in("b")).links(), "two names of one file both stay");
    assertErrno(Errno.ENOENT, Posix.rename(in("missing"), in("c")));
  }

  @Test
  void shouldRenameOnlyToWhatIsFreeIfTold() throws Exception {
    file("a", "a");
    file("b", "b");
    assertErrno(Errno.EEXIST, Posix.rename(in("a"), in("b"), NO_REPLACE));
    assertEquals("b", text("b"));
    assertOk(Posix.rename(in("a"), in("c"), NO_REPLACE));
    assertEquals("a", text("c"));
    assertErrno(Errno.ENOENT, -Posix.statErrno(in("a")));
    assertErrno(Errno.EINVAL, Posix.rename(in("b"), in("c"), NO_REPLACE | EXCHANGE));
  }

  @Test
  void shouldExchangeTwoNames() throws Exception {
    assertOk(Posix.mkdir(in("d"), 0755));
    assertOk(Posix.mkdir(in("d/sub"), 0755));
    file("f", "f");
    assertOk(Posix.rename(in("f"), in("d/sub"), EXCHANGE));
    assertEquals("f", text("d/sub"));
    assertEquals(2, Posix.stat(in("d")).links());
    assertEquals(4, Posix.stat(dir).links());
    assertEquals(Posix.stat(dir).ino(), Posix.stat(in("f/..")).ino());
    assertErrno(Errno.ENOENT, Posix.rename(in("f"), in("missing"), EXCHANGE));
    assertErrno(Errno.EINVAL, Posix.rename(in("d"), in("d/sub"), EXCHANGE));
    assertEquals("f", text("d/sub"));
  }

  @Test
  void shouldMoveADirectoryWithAllThatIsInIt() throws Exception {
    assertOk(Posix.mkdir(in("a"), 0755));
    assertOk(Posix.mkdir(in("b"), 0755));
    assertOk(Posix.mkdir(in("a/c"), 0755));
    file("a/c/f", "deep");
    assertOk(Posix.rename(in("a/c"), in("b/d")));
    assertEquals("deep", text("b/d/f"));
    assertEquals(2, Posix.stat(in("a")).links());
    assertEquals(3, Posix.stat(in("b")).links());
    assertEquals(Posix.stat(in("b")).ino(), Posix.stat(in("b/d/..")).ino());
    String up = Shell.run("sh", "-c", "cd '" + in("b/d") + "' && ls -ia | head -2").out();
    assertTrue(up.contains(Posix.stat(in("b")).ino() + " .."), up);
    assertErrno(Errno.EINVAL, Posix.rename(in("b"), in("b/d/e")));
  }

  @Test
  void shouldFollowSymbolicLinks() throws Exception {
    file("f", "content");
    assertOk(Posix.symlink("f", in("l")));
    assertOk(Posix.symlink("nowhere", in("dangling")));
    assertOk(Posix.symlink("loop", in("loop")));
    String longest = "t".repeat(4095);
    assertOk(Posix.symlink(longest, in("long")));
    assertEquals("content", text("l"));
    assertEquals("f", Posix.readlink(in("l")));
    assertEquals(longest, Posix.readlink(in("long")));
    assertEquals(4095, Posix.stat(in("long")).size());
    assertErrno(Errno.ENAMETOOLONG, Posix.symlink(longest + "t", in("longer")));
    assertErrno(Errno.ENOENT, Posix.symlink("", in("empty")));
    assertEquals(0120777, Posix.stat(in("l")).mode());
    assertErrno(Errno.ENOENT, Posix.open(in("dangling"), O_RDONLY));
    assertErrno(ELOOP, Posix.open(in("loop"), O_RDONLY));
    assertEquals("errno " + Errno.EINVAL, Posix.readlink(in("f")));
    assertOk(Posix.rename(in("l"), in("m")));
    assertEquals("content", text("m"));
    assertOk(Posix.unlink(in("m")));
    assertEquals("content", text("f"));
  }

  @Test
  void shouldMakeSpecialFiles() throws Exception {
    assertOk(Posix.mknod(in("pipe"), Posix.S_IFIFO | 0600, 0));
    assertOk(Posix.mknod(in("null"), Posix.S_IFCHR | 0666, 0x103));
    assertOk(Posix.mknod(in("plain"), 0100640, 0));
    assertOk(Posix.mknod(in("socket"), Posix.S_IFSOCK | 0600, 0));
    assertOk(Posix.mknod(in("disk"), Posix.S_IFBLK | 0600, 0x12300807L));
    assertEquals(0010600, Posix.stat(in("pipe")).mode());
    assertEquals(0140600, Posix.stat(in("socket")).mode());
    assertEquals(0060600, Posix.stat(in("disk")).mode());
    assertEquals(8, Posix.stat(in("disk")).major());
    assertEquals(0x12307, Posix.stat(in("disk")).minor());
    assertErrno(ENXIO, Posix.open(in("socket"), O_RDONLY));
    assertEquals(1, Posix.stat(in("null")).major());
    assertEquals(3, Posix.stat(in("null")).minor());
    assertEquals(0100640, Posix.stat(in("plain")).mode());
    String both = "cd '" + dir + "' && (echo through >pipe &) && cat pipe";
    assertEquals("through\n", Shell.run("sh", "-c", both).out());
  }

  @Test
  void shouldMakeNothingInADirectoryThatIsGone() throws Exception {
    String outside = file("outside", "x");
    for (boolean replaced : new boolean[] {false, true}) {
      assertOk(Posix.mkdir(in("d"), 0755));
      try (OpenDirectory gone = new OpenDirectory(in("d"))) {
        if (replaced) {
          assertOk(Posix.mkdir(in("e"), 0755));
          assertOk(Posix.rename(in("e"), in("d")));
        }
        assertOk(Posix.rmdir(in("d")));
        assertEquals(Errno.ENOENT, gone.tryToFill(outside));
        assertNull(gone.next());
        assertEquals(0, Posix.stat(gone.fd()).links());
        assertEquals(1, Posix.stat(outside).links());
      }
    }
    assertOk(Posix.mkdir(in("d"), 0755));
    file("d/f", "x");
    assertEquals("x", text("d/f"));
  }

  @Test
  void shouldGiveAFileThatWasMadeWithoutANameOneLater() throws Exception {
    assertOk(Posix.chown(dir, 0, 777));
    assertOk(Posix.chmod(dir, 02755));
    int fd = Posix.open(dir, O_TMPFILE | O_RDWR, 0640);
    if (fd == -Errno.EOPNOTSUPP) {
      assertTrue(place.transport.equals("libfuse"), "where the library does not know it");
      return;
    }
    assertTrue(fd >= 0, "errno " + -fd);
    assertEquals(0, Posix.stat(fd).links());
    assertEquals(0100640, Posix.stat(fd).mode());
    assertEquals(777, Posix.stat(fd).gid());
    assertEquals(7, Posix.pwrite(fd, "content", 0));
    try (OpenDirectory listing = new OpenDirectory(dir)) {
      assertEquals(Set.of(".", ".."), listing.names());
    }
    assertOk(Posix.linkOpen(fd, in("named")));
    assertErrno(Errno.EEXIST, Posix.linkOpen(fd, in("named")));
    assertOk(Posix.linkOpen(fd, in("again")));
    assertOk(Posix.close(fd));
    assertEquals(2, Posix.stat(in("named")).links());
    assertEquals("content", text("again"));

    int exclusive = Posix.open(dir, O_TMPFILE | O_EXCL | O_WRONLY, 0600);
    assertErrno(Errno.ENOENT, Posix.linkOpen(exclusive, in("never")));
    assertOk(Posix.close(exclusive));
    assertErrno(Errno.ENOTDIR, Posix.open(in("named"), O_TMPFILE | O_RDWR, 0600));
  }

  @Test
  void shouldGiveAFileManyNames() throws Exception {
    file("0", "x");
    for (int i = 1; i < 300; i++) {
      assertOk(Posix.link(in(String.valueOf(i / 2)), in(String.valueOf(i))));
    }
    assertEquals(300, Posix.stat(in("299")).links());
    for (int i = 0; i < 299; i++) {
      assertOk(Posix.unlink(in(String.valueOf(i))));
    }
    assertEquals(1, Posix.stat(in("299")).links());
    assertEquals("x", text("299"));
  }

  @Test
  void shouldListEachNameOnceWhileOthersComeAndGo() throws Exception {
    String stem = "-" + "long".repeat(30);
    for (int i = 0; i < 750; i++) {
      assertOk(Posix.symlink("t", in(i + stem)));
    }
    Map<String, Integer> seen = new HashMap<>();
    try (DirectoryStream<Path> listing = Files.newDirectoryStream(Path.of(dir))) {
      Iterator<Path> each = listing.iterator();
      for (int i = 0; each.hasNext(); i++) {
        seen.merge(each.next().getFileName().toString(), 1, Integer::sum);
        if (i < 250) {
          // The first third goes, so does every name that it makes, and half of the new ones.
          assertOk(Posix.unlink(in(i + stem)));
          assertOk(Posix.symlink("t", in("new" + i + stem)));
          if (i % 2 == 0) {
            assertOk(Posix.unlink(in("new" + i + stem)));
          }
        }
      }
    }
    for (int i = 250; i < 750; i++) {
      assertEquals(1, seen.getOrDefault(i + stem, 0), i + " is listed once");
    }
    seen.forEach((name, times) -> assertEquals(1, times, name));
    try (DirectoryStream<Path> listing = Files.newDirectoryStream(Path.of(dir))) {
      int count = 0;
      for (Path ignored : listing) {
        count++;
      }
      assertEquals(625, count);
    }
  }
}
