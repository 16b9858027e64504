package dev.slabmount.fuse.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.example.memfs.MemFsCommand;
import dev.slabmount.fuse.mount.Shell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A small heap that is filled in every way a client has: with ENOSPC, and no other failure. */
@ParameterizedClass
@ValueSource(strings = {"dev", "libfuse"})
@Timeout(60)
class HeapFullIT {
  private static final long FAR = 1L << 43;
  private static final int MANY = 1_000_000;

  @Parameter String transport;

  private String dir;

  /** One of many things that take some heap. */
  private interface Hoarding {
    long take(int number);
  }

  private static long written(String path) {
    int fd = Posix.open(path, Posix.O_CREAT | Posix.O_RDWR);
    if (fd < 0) {
      return fd;
    }
    long result = Posix.pwrite(fd, "x", FAR);
    assertEquals(0, Posix.close(fd));
    return Math.min(result, 0);
  }

  private void fill(String what, Hoarding hoarding) throws Exception {
    assertEquals(0, Posix.mkdir(dir, 0755));
    String base = dir + "/base";
    assertEquals(0, Posix.mknod(base, 0100600, 0));
    int taken = 0;
    long result = 0;
    while (result == 0 && taken < MANY) {
      result = hoarding.take(taken++);
    }
    assertEquals(-Errno.ENOSPC, result, what + " after " + taken);
    assertTrue(taken > 3, what + ": only " + taken);
    assertEquals(0, Posix.chmod(base, 0640));
    assertEquals(0100640, Posix.stat(base).mode());
    assertEquals(0, Shell.run("rm", "-rf", dir).exit(), what);
  }

  @Test
  void shouldSayThatThereIsNoRoomWhateverFillsTheHeap() throws Exception {
    try (MemServer server =
        MemServer.startWithHeap("16m", MemFsCommand.class, transport, "size=64M")) {
      String top = server.point().toString();
      dir = top + "/d";
      Posix.Room empty = Posix.room(top);
      String stem = dir + "/" + "n".repeat(240);
      fill("targets", i -> Posix.symlink("t".repeat(4095), dir + "/" + i));
      fill("names", i -> Posix.link(dir + "/base", stem + i));
      fill("tables", i -> written(dir + "/" + i));
      fill(
          "attributes",
          i -> {
            String file = dir + "/" + i / 3;
            long result = i % 3 == 0 ? Posix.mknod(file, 0100600, 0) : 0;
            return result != 0 ? result : Posix.setxattr(file, "user." + i, "v".repeat(60_000), 0);
          });
      Wait.until("all room comes back", () -> empty.equals(Posix.room(top)));
      server.assertNoComplaint();
    }
  }
}
