package dev.slabmount.fuse.posix;

import static dev.slabmount.fuse.posix.Posix.EXCHANGE;
import static dev.slabmount.fuse.posix.Posix.NO_REPLACE;
import static dev.slabmount.fuse.posix.Posix.O_CREAT;
import static dev.slabmount.fuse.posix.Posix.O_RDWR;
import static dev.slabmount.fuse.posix.Posix.WHITEOUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Wait;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What may be renamed to what, with which flags, and what is there afterwards. */
@Timeout(60)
class RenameContractIT extends OnAnyDirectory {
  /**
   * Where the kernel notes times itself, its clock moves that seldom, at most; ours always moves.
   */
  private static final long KERNEL_TICK_NANOS = 10_000_000;

  private static final int UNKNOWN = 1 << 10;

  /** What can be at a name. */
  private enum Thing {
    NOTHING,
    FILE,
    LINK,
    EMPTY,
    FULL;

    boolean isDirectory() {
      return this == EMPTY || this == FULL;
    }
  }

  private void make(Thing thing, String name) {
    switch (thing) {
      case NOTHING -> {
        // It is not there.
      }
      case FILE -> assertOk(Posix.close(Posix.open(in(name), O_CREAT | O_RDWR)));
      case LINK -> assertOk(Posix.symlink("nowhere", in(name)));
      case EMPTY -> assertOk(Posix.mkdir(in(name), 0755));
      case FULL -> {
        assertOk(Posix.mkdir(in(name), 0755));
        assertOk(Posix.symlink("nowhere", in(name + "/held")));
      }
    }
  }

  /** Number of what is at a name; 0 if nothing is. */
  private long ino(String name) {
    return Posix.statErrno(in(name)) == 0 ? Posix.stat(in(name)).ino() : 0;
  }

  /** As rename(2) and POSIX say it. */
  private static int expected(Thing source, Thing target, int flags) {
    if (source == Thing.NOTHING) {
      return Errno.ENOENT;
    }
    if (flags == EXCHANGE) {
      return target == Thing.NOTHING ? Errno.ENOENT : 0;
    }
    if (target == Thing.NOTHING) {
      return 0;
    }
    if (flags == NO_REPLACE) {
      return Errno.EEXIST;
    }
    if (source.isDirectory() != target.isDirectory()) {
      return source.isDirectory() ? Errno.ENOTDIR : Errno.EISDIR;
    }
    return target == Thing.FULL ? Errno.ENOTEMPTY : 0;
  }

  @Test
  void shouldRenameAnythingToAnythingThatMayBeReplaced() {
    int round = 0;
    for (String other : new String[] {"p", "q"}) {
      for (int flags : new int[] {0, NO_REPLACE, EXCHANGE}) {
        for (Thing source : Thing.values()) {
          for (Thing target : Thing.values()) {
            checkOne(String.valueOf(round++), other, source, target, flags);
          }
        }
      }
    }
    assertEquals(150, round);
  }

  private void checkOne(String base, String other, Thing source, Thing target, int flags) {
    assertOk(Posix.mkdir(in(base), 0755));
    assertOk(Posix.mkdir(in(base + "/p"), 0755));
    assertOk(Posix.mkdir(in(base + "/q"), 0755));
    String from = base + "/p/from";
    String to = base + "/" + other + "/to";
    make(source, from);
    make(target, to);
    long sourceIno = ino(from);
    long targetIno = ino(to);
    String what = source + " to " + target + " in " + other + " with " + flags;

    int expected = expected(source, target, flags);
    assertEquals(-expected, Posix.rename(in(from), in(to), flags), what);

    boolean moved = expected == 0;
    boolean exchanged = moved && flags == EXCHANGE;
    assertEquals(moved ? (exchanged ? targetIno : 0) : sourceIno, ino(from), what);
    assertEquals(moved ? sourceIno : targetIno, ino(to), what);
    for (String parent : new String[] {"p", "q"}) {
      String path = base + "/" + parent;
      int folders = 0;
      for (String name : new String[] {"/from", "/to"}) {
        if (ino(path + name) != 0 && (Posix.stat(in(path + name)).mode() & 0170000) == 0040000) {
          folders++;
          assertEquals(ino(path), ino(path + name + "/.."), what);
        }
      }
      assertEquals(2 + folders, Posix.stat(in(path)).links(), what);
    }
    boolean isHeld =
        Posix.statErrno(in(from + "/held")) == 0 || Posix.statErrno(in(to + "/held")) == 0;
    assertEquals(source == Thing.FULL || target == Thing.FULL, isHeld, what);
  }

  @Test
  void shouldMoveNoDirectoryIntoItself() throws Exception {
    assertOk(Posix.mkdir(in("a"), 0755));
    assertOk(Posix.mkdir(in("a/b"), 0755));
    assertOk(Posix.mkdir(in("a/b/c"), 0755));
    file("a/b/f", "deep");
    for (int flags : new int[] {0, NO_REPLACE}) {
      assertErrno(Errno.EINVAL, Posix.rename(in("a"), in("a/x"), flags));
      assertErrno(Errno.EINVAL, Posix.rename(in("a"), in("a/b/c/x"), flags));
    }
    for (String into : new String[] {"a/b", "a/b/c", "a/b/f"}) {
      assertErrno(Errno.EINVAL, Posix.rename(in("a"), in(into)));
      assertErrno(Errno.EINVAL, Posix.rename(in("a"), in(into), EXCHANGE));
      assertErrno(Errno.EINVAL, Posix.rename(in(into), in("a"), EXCHANGE));
    }
    assertErrno(Errno.ENOTEMPTY, Posix.rename(in("a/b/c"), in("a")));
    assertErrno(Errno.ENOTEMPTY, Posix.rename(in("a/b/c"), in("a/b")));
    assertErrno(Errno.ENOTEMPTY, Posix.rename(in("a/b/f"), in("a")));
    assertErrno(Errno.EBUSY, Posix.rename(in("a/."), in("x")));
    assertErrno(Errno.EBUSY, Posix.rename(in("a"), in("a/b/..")));
    assertEquals("deep", text("a/b/f"));
    assertEquals(3, Posix.stat(dir).links());
  }

  @Test
  void shouldRefuseFlagsThatItDoesNotKnow() throws Exception {
    file("a", "a");
    file("b", "b");
    assertErrno(Errno.EINVAL, Posix.rename(in("a"), in("b"), UNKNOWN));
    assertErrno(Errno.EINVAL, Posix.rename(in("a"), in("b"), NO_REPLACE | EXCHANGE));
    assertErrno(Errno.EINVAL, Posix.rename(in("a"), in("b"), WHITEOUT | EXCHANGE));
    assertEquals("a", text("a"));
    assertEquals("b", text("b"));
    long whiteout = Posix.rename(in("a"), in("b"), WHITEOUT);
    if (place.isMounted() || whiteout != 0) {
      assertErrno(Errno.EINVAL, whiteout);
      assertEquals("a", text("a"));
    } else {
      assertEquals(Posix.S_IFCHR, Posix.stat(in("a")).mode() & 0170000, "where it is supported");
      assertEquals("a", text("b"));
    }
  }

  @Test
  void shouldChangeTheTimeOfWhatIsRenamedAndOfWhatIsReplaced() throws Exception {
    file("a", "a");
    file("b", "b");
    assertOk(Posix.link(in("b"), in("kept")));
    long moved = Posix.stat(in("a")).change();
    long lost = Posix.stat(in("b")).change();
    Wait.until(
        "the clock moves",
        () -> {
          file("tick", "");
          return Posix.stat(in("tick")).change() > Math.max(moved, lost) + KERNEL_TICK_NANOS;
        });
    assertOk(Posix.rename(in("a"), in("b")));
    assertTrue(Posix.stat(in("b")).change() > moved);
    assertTrue(Posix.stat(in("kept")).change() > lost);
    assertEquals(1, Posix.stat(in("kept")).links());
  }
}
