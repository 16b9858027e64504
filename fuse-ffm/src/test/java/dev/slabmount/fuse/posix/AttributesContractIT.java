package dev.slabmount.fuse.posix;

import static dev.slabmount.fuse.posix.Posix.O_CREAT;
import static dev.slabmount.fuse.posix.Posix.O_RDONLY;
import static dev.slabmount.fuse.posix.Posix.O_RDWR;
import static dev.slabmount.fuse.posix.Posix.UTIME_NOW;
import static dev.slabmount.fuse.posix.Posix.UTIME_OMIT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.mount.Shell;
import dev.slabmount.fuse.posix.Posix.Stat;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Modes, owners, times, permissions and extended attributes. */
@Timeout(60)
class AttributesContractIT extends OnAnyDirectory {
  private static final int SOMEBODY = 1234;
  private static final int GROUP = 2345;
  private static final long LONG_AGO = 1_000_000_000L * 1_000_000_000L + 123_456_789;

  @Test
  void shouldChangeModesAndOwners() throws Exception {
    String f = file("f", "x");
    assertOk(Posix.chmod(f, 07777));
    assertEquals(0107777, Posix.stat(f).mode());
    assertOk(Posix.chmod(f, 0));
    assertEquals(0100000, Posix.stat(f).mode());
    assertOk(Posix.chown(f, 12, 34));
    assertOk(Posix.chown(f, -1, 56));
    assertEquals(12, Posix.stat(f).uid());
    assertEquals(56, Posix.stat(f).gid());
    assertOk(Posix.chown(f, 70_000, -1));
    assertEquals(70_000, Posix.stat(f).uid());
    assertErrno(Errno.ENOENT, Posix.chmod(in("missing"), 0));
  }

  @Test
  void shouldMakeFilesForWhoeverMakesThem() throws Exception {
    assertOk(Posix.chmod(dir, 0777));
    assertEquals(0, asSomebody("umask 027; echo x >f; mkdir d; mkfifo p"));
    for (String each : new String[] {"f", "d", "p"}) {
      assertEquals(SOMEBODY, Posix.stat(in(each)).uid());
      assertEquals(GROUP, Posix.stat(in(each)).gid());
    }
    assertEquals(0640, Posix.stat(in("f")).permissions());
    assertEquals(0750, Posix.stat(in("d")).permissions());
  }

  @Test
  void shouldKeepTimesToTheNanosecond() throws Exception {
    String f = file("f", "x");
    assertOk(Posix.utimens(f, 1_600_000_000, 1, 1_700_000_000, 999_999_999));
    assertEquals(1_600_000_000_000_000_001L, Posix.stat(f).access());
    assertEquals(1_700_000_000_999_999_999L, Posix.stat(f).modify());
    assertOk(Posix.utimens(f, 0, (int) UTIME_OMIT, 5, 6));
    assertEquals(1_600_000_000_000_000_001L, Posix.stat(f).access());
    assertEquals(5_000_000_006L, Posix.stat(f).modify());
    assertOk(Posix.utimens(f, -1, 500_000_000, 0, (int) UTIME_NOW));
    assertEquals(-500_000_000L, Posix.stat(f).access());
    assertTrue(Math.abs(now() - Posix.stat(f).modify()) < 60_000_000_000L);
    assertOk(Posix.symlink("f", in("l")));
    assertOk(Posix.utimens(in("l"), 7, 8, 9, 10));
    assertEquals(9_000_000_010L, Posix.stat(in("l")).modify());
  }

  private static long now() {
    return System.currentTimeMillis() * 1_000_000;
  }

  private void makeOld(String path) {
    assertOk(
        Posix.utimens(
            path,
            LONG_AGO / 1_000_000_000,
            (int) (LONG_AGO % 1_000_000_000),
            LONG_AGO / 1_000_000_000,
            (int) (LONG_AGO % 1_000_000_000)));
  }

  /** Waits until the clock has moved: the change is then older than what is read next. */
  private void awaitTickAfterChangeOf(String path) throws Exception {
    Wait.until(
        "the clock moves",
        () -> {
          file("tick", "");
          return Posix.stat(in("tick")).change() > Posix.stat(path).change();
        });
  }

  /** A step changes the modification time of a path. */
  private void assertModifies(String path, Callable<?> step) throws Exception {
    makeOld(path);
    assertEquals(LONG_AGO, Posix.stat(path).modify());
    step.call();
    assertTrue(Posix.stat(path).modify() > LONG_AGO, "not modified: " + path);
  }

  /** A step, repeated until the clock has moved, changes a time of a path. */
  private static void assertMoves(String path, ToLongFunction<Stat> time, Callable<Long> step)
      throws Exception {
    long before = time.applyAsLong(Posix.stat(path));
    Wait.until(
        "the time moves",
        () -> {
          assertEquals(0, step.call());
          return time.applyAsLong(Posix.stat(path)) > before;
        });
  }

  @Test
  void shouldMoveTheTimeOfWhatIsModified() throws Exception {
    String f = file("f", "x");
    int fd = Posix.open(f, O_RDWR);
    assertModifies(f, () -> Posix.pwrite(fd, "y", 0));
    assertModifies(f, () -> Posix.ftruncate(fd, 100));
    assertModifies(f, () -> Posix.fallocate(fd, 0, 0, 5000));
    assertModifies(f, () -> Posix.close(Posix.open(f, O_RDWR | Posix.O_TRUNC)));
    assertOk(Posix.close(fd));
    assertModifies(dir, () -> Posix.mkdir(in("d"), 0755));
    assertModifies(dir, () -> Posix.rmdir(in("d")));
    assertModifies(dir, () -> Posix.link(f, in("g")));
    assertModifies(dir, () -> Posix.unlink(in("g")));
    assertModifies(dir, () -> Posix.symlink("t", in("s")));
    assertModifies(dir, () -> Posix.rename(in("s"), in("t")));
    assertModifies(dir, () -> Posix.close(Posix.open(in("new"), O_CREAT | O_RDWR)));
    makeOld(f);
    assertOk(Posix.chmod(f, 0600));
    assertOk(Posix.link(f, in("g")));
    assertEquals(LONG_AGO, Posix.stat(f).modify());
  }

  @Test
  void shouldMoveTheTimeOfWhatIsChanged() throws Exception {
    String f = file("f", "x");
    assertMoves(f, Stat::change, () -> Posix.chmod(f, 0600));
    assertMoves(f, Stat::change, () -> Posix.chown(f, 1, 1));
    assertMoves(f, Stat::change, () -> Posix.setxattr(f, "user.x", "y", 0));
    assertMoves(f, Stat::change, () -> Posix.link(f, in("g")) + Posix.unlink(in("g")));
    assertMoves(f, Stat::change, () -> Posix.rename(f, in("h")) + Posix.rename(in("h"), f));
    assertMoves(dir, Stat::change, () -> Posix.mkdir(in("d"), 0700) + Posix.rmdir(in("d")));
  }

  @Test
  void shouldShowThatAFileWasReadSinceItWasWritten() throws Exception {
    String f = file("f", "content");
    int fd = Posix.open(f, O_RDONLY);
    makeOld(f);
    assertOk(Posix.fsync(fd));
    assertOk(Posix.dropPages(fd));
    assertEquals(7, Posix.pread(fd, 10, 0).length);
    assertTrue(Posix.stat(f).access() > LONG_AGO);
    assertOk(Posix.close(fd));
  }

  @Test
  void shouldGiveADirectorysGroupToWhatIsMadeInIt() throws Exception {
    assertOk(Posix.mkdir(in("d"), 0777));
    assertOk(Posix.chown(in("d"), 0, 777));
    assertOk(Posix.chmod(in("d"), 02777));
    assertEquals(0, asSomebody("mkdir d/e && echo x >d/f && mkdir d/e/g"));
    assertEquals(777, Posix.stat(in("d/f")).gid());
    assertEquals(777, Posix.stat(in("d/e")).gid());
    assertEquals(02000, Posix.stat(in("d/e")).permissions() & 02000);
    assertEquals(777, Posix.stat(in("d/e/g")).gid());
    assertEquals(0, Posix.stat(in("d/f")).permissions() & 02000);
  }

  @Test
  void shouldLetNobodyRemoveOthersFilesFromAStickyDirectory() throws Exception {
    assertOk(Posix.mkdir(in("d"), 0755));
    assertOk(Posix.chmod(in("d"), 01777));
    file("d/roots", "x");
    assertEquals(0, asSomebody("echo y >d/own"));
    assertNotEquals(0, asSomebody("rm -f d/roots"));
    assertNotEquals(0, asSomebody("mv d/roots d/moved"));
    assertEquals("x", text("d/roots"));
    assertEquals(0, asSomebody("mv d/own d/moved && rm d/moved"));
    assertOk(Posix.chmod(in("d"), 0777));
    assertEquals(0, asSomebody("rm -f d/roots"));
  }

  @Test
  void shouldRefuseWhoMayNot() throws Exception {
    String f = file("f", "x");
    assertOk(Posix.chmod(f, 0644));
    assertNotEquals(0, asSomebody("echo y >f"));
    assertNotEquals(0, asSomebody("echo y >g"));
    assertNotEquals(0, asSomebody("chmod 777 f"));
    assertNotEquals(0, asSomebody("chown 1234 f"));
    assertNotEquals(0, asSomebody("./f"));
    assertOk(Posix.chmod(f, 0666));
    assertEquals(0, asSomebody("echo y >f"));
    assertEquals("y\n", text("f"));
  }

  @Test
  void shouldTakeSetUserIdFromAFileThatSomebodyElseWritesTo() throws Exception {
    String f = file("f", "x");
    for (String write :
        new String[] {"echo y >>f", "echo y >f", "truncate -s 1 f", "fallocate -l 9000 f"}) {
      assertOk(Posix.chmod(f, 06777));
      assertEquals(0, asSomebody(write), write);
      assertEquals(0777, Posix.stat(f).permissions(), write);
    }
    assertOk(Posix.chmod(f, 06766));
    assertEquals(0, asSomebody("echo y >>f"));
    assertEquals(0, Posix.stat(f).permissions() & 04000);
    assertOk(Posix.chmod(f, 06777));
    assertEquals(0, Shell.run("sh", "-c", "echo z >>'" + f + "'").exit());
    assertEquals(06777, Posix.stat(f).permissions(), "root may write and keep them");
    assertOk(Posix.chown(f, 1, 1));
    assertEquals(0777, Posix.stat(f).permissions());
  }

  @Test
  void shouldAskForACapabilityAndNotForRoot() throws Exception {
    String f = file("f", "x");
    for (String write : new String[] {"echo y >>f", "echo y >f", "truncate -s 1 f"}) {
      assertOk(Posix.chmod(f, 06777));
      assertEquals(0, with("fsetid", write), write);
      assertEquals(06777, Posix.stat(f).permissions(), "it has CAP_FSETID: " + write);
      String root = "cd '" + dir + "' && setpriv --bounding-set=-fsetid sh -c '" + write + "'";
      assertEquals(0, Shell.run("sh", "-c", root).exit(), write);
      assertEquals(0777, Posix.stat(f).permissions(), "root without CAP_FSETID: " + write);
    }
  }

  @Test
  void shouldKeepTimesFarFromNow() throws Exception {
    String f = file("f", "x");
    for (long seconds : new long[] {-2_000_000_000L, -1, 0, 4_000_000_000L, 9_000_000_000L}) {
      assertOk(Posix.utimens(f, seconds, 999_999_999, seconds, 1));
      assertEquals(seconds * 1_000_000_000 + 999_999_999, Posix.stat(f).access());
      assertEquals(seconds * 1_000_000_000 + 1, Posix.stat(f).modify());
    }
    long change = Posix.stat(f).change();
    assertOk(Posix.utimens(f, 0, (int) UTIME_OMIT, 0, (int) UTIME_OMIT));
    assertEquals(9_000_000_000L * 1_000_000_000 + 1, Posix.stat(f).modify());
    assertTrue(Posix.stat(f).change() >= change);
    assertErrno(Errno.EINVAL, Posix.utimens(f, 0, 1_000_000_000, 0, 0));
    assertOk(Posix.utimens(f, 0, (int) UTIME_NOW, 0, (int) UTIME_NOW));
    assertTrue(Math.abs(now() - Posix.stat(f).access()) < 60_000_000_000L);
    assertTrue(Math.abs(Posix.stat(f).access() - Posix.stat(f).modify()) < 1_000_000_000L);
  }

  /** What relatime is about: mount(8). Elsewhere than on ours it may be switched off. */
  @Test
  void shouldNoteTheFirstReadAfterAChangeAndThenOneADay() throws Exception {
    String f = file("f", "content");
    int fd = Posix.open(f, O_RDONLY);
    makeOld(f);
    awaitTickAfterChangeOf(f);
    readAnew(fd);
    long first = Posix.stat(f).access();
    if (!place.isMounted() && first == LONG_AGO) {
      assertOk(Posix.close(fd));
      return;
    }
    assertTrue(first > LONG_AGO);
    readAnew(fd);
    assertEquals(first, Posix.stat(f).access(), "it is noted already");
    long lately = now() / 1_000_000_000 - 3600;
    assertOk(Posix.utimens(f, lately, 5, lately - 10, 5));
    awaitTickAfterChangeOf(f);
    readAnew(fd);
    assertTrue(Posix.stat(f).access() > lately * 1_000_000_000 + 5, "it has changed since");
    assertOk(Posix.close(fd));

    makeOld(dir);
    try (OpenDirectory listing = new OpenDirectory(dir)) {
      assertTrue(listing.names().contains("f"));
    }
    assertTrue(Posix.stat(dir).access() > LONG_AGO);
  }

  private static void readAnew(int fd) {
    assertOk(Posix.fsync(fd));
    assertOk(Posix.dropPages(fd));
    assertEquals(7, Posix.pread(fd, 10, 0).length);
  }

  @Test
  void shouldKeepExtendedAttributes() throws Exception {
    String f = file("f", "x");
    assertEquals("errno " + Errno.ENODATA, Posix.getxattr(f, "user.a", 100));
    assertErrno(Errno.ENODATA, Posix.setxattr(f, "user.a", "v", Posix.XATTR_REPLACE));
    assertOk(Posix.setxattr(f, "user.a", "value", Posix.XATTR_CREATE));
    assertErrno(Errno.EEXIST, Posix.setxattr(f, "user.a", "v", Posix.XATTR_CREATE));
    assertEquals("value", Posix.getxattr(f, "user.a", 100));
    assertEquals("5 bytes", Posix.getxattr(f, "user.a", 0));
    assertEquals("errno " + Errno.ERANGE, Posix.getxattr(f, "user.a", 4));
    String large = "\u0001".repeat(2000);
    assertOk(Posix.setxattr(f, "user.a", large, 0));
    assertEquals(large, Posix.getxattr(f, "user.a", 4096));
    assertOk(Posix.setxattr(f, "user.b", "", 0));
    assertEquals("", Posix.getxattr(f, "user.b", 10));
    String names = Posix.listxattr(f);
    assertTrue(names.equals("user.a|user.b|") || names.equals("user.b|user.a|"), names);
    assertOk(Posix.rename(f, in("g")));
    assertOk(Posix.removexattr(in("g"), "user.a"));
    assertErrno(Errno.ENODATA, Posix.removexattr(in("g"), "user.a"));
    assertEquals("user.b|", Posix.listxattr(in("g")));
    assertOk(Posix.mkdir(in("d"), 0755));
    assertOk(Posix.setxattr(in("d"), "user.c", "dir", 0));
    assertEquals("dir", Posix.getxattr(in("d"), "user.c", 10));
  }

  @Test
  void shouldSayHowMuchRoomThereIs() throws Exception {
    String said = Shell.run("stat", "-f", "-c", "%l %S %b %f %c %d", dir).out().strip();
    String[] figures = said.split(" ", -1);
    assertEquals("255", figures[0], said);
    assertTrue(Long.parseLong(figures[1]) >= 512, said);
    assertTrue(Long.parseLong(figures[2]) >= Long.parseLong(figures[3]), said);
    assertTrue(Long.parseLong(figures[4]) > Long.parseLong(figures[5]), said);
  }
}
