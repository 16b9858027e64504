package dev.slabmount.fuse.posix;

import static dev.slabmount.fuse.posix.Posix.KEEP_SIZE;
import static dev.slabmount.fuse.posix.Posix.O_CREAT;
import static dev.slabmount.fuse.posix.Posix.O_RDWR;
import static dev.slabmount.fuse.posix.Posix.ZERO_RANGE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.example.memfs.MemFsCommand;
import dev.slabmount.fuse.mount.Shell;
import dev.slabmount.fuse.posix.Posix.Room;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What happens when there is no more room: nothing is half done, and all room comes back. The
 * reference is a tmpfs of the same size.
 */
@ParameterizedClass
@EnumSource
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
class FullContractIT {
  private static final long BYTES = 8 << 20;
  private static final int PIECE = 100_000;
  private static final int THREADS = 4;

  /** What is filled. */
  enum Small {
    TMPFS,
    DEV,
    LIBFUSE
  }

  @Parameter Small small;

  private MemServer server;
  private Path folder;
  private String dir;
  private Room empty;

  @BeforeAll
  void mount() throws Exception {
    if (small == Small.TMPFS) {
      folder = Files.createTempDirectory("posix");
      String options = "size=" + BYTES + ",nr_inodes=2000";
      Shell.Result mounted =
          Shell.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.toString());
      assertEquals(0, mounted.exit(), mounted.err());
    } else {
      String transport = small == Small.DEV ? "dev" : "libfuse";
      server = MemServer.start(MemFsCommand.class, transport, "size=8M,heap=700K");
      folder = server.point();
    }
    dir = folder.toString();
    empty = Posix.room(dir);
  }

  @AfterAll
  void unmount() throws Exception {
    if (server != null) {
      server.close();
    } else if (folder != null) {
      assertEquals(0, Shell.run("umount", dir).exit());
      Files.delete(folder);
    }
  }

  @BeforeEach
  void seeThatItIsEmpty() {
    assertEquals(empty, Posix.room(dir));
  }

  @AfterEach
  void giveAllBack() throws Exception {
    assertEquals(0, Shell.run("sh", "-c", "rm -rf '" + dir + "'/*").exit());
    // The kernel forgets what was removed a moment later.
    Wait.until("all room comes back", () -> empty.equals(Posix.room(dir)));
    if (server != null) {
      server.assertNoComplaint();
    }
  }

  private String in(String name) {
    return dir + "/" + name;
  }

  private int make(String name) {
    int fd = Posix.open(in(name), O_CREAT | O_RDWR);
    assertTrue(fd >= 0, "errno " + -fd);
    return fd;
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Writes until nothing more fits; returns what was taken. */
  private static byte[] fill(int fd) {
    byte[] all = random((int) BYTES + PIECE, 7);
    int done = 0;
    while (true) {
      byte[] piece = Arrays.copyOfRange(all, done, done + PIECE);
      long written = Posix.pwrite(fd, piece, done);
      if (written == -Errno.ENOSPC) {
        return Arrays.copyOf(all, done);
      }
      assertTrue(written > 0, "errno " + -written);
      done += (int) written;
      assertEquals(done, Posix.stat(fd).size());
    }
  }

  private static byte[] content(int fd) {
    Posix.fsync(fd);
    assertEquals(0, Posix.dropPages(fd));
    return Posix.pread(fd, (int) BYTES + PIECE, 0);
  }

  @Test
  void shouldTakeAsMuchAsThereIs() {
    int fd = make("large");
    byte[] all = fill(fd);
    assertTrue(all.length > BYTES * 9 / 10 && all.length <= BYTES, "took " + all.length);
    assertEquals(0, Posix.room(dir).freeBytes() >> 16, "nothing is free");
    assertArrayEquals(all, content(fd));
    int other = make("other");
    assertEquals(-Errno.ENOSPC, Posix.pwrite(other, random(PIECE, 1), 0));
    assertEquals(0, Posix.stat(other).size());
    assertEquals(PIECE, Posix.pwrite(fd, random(PIECE, 1), PIECE), "what is there can be changed");
    System.arraycopy(random(PIECE, 1), 0, all, PIECE, PIECE);
    assertArrayEquals(all, content(fd));

    assertEquals(0, Posix.unlink(in("large")));
    assertEquals(-Errno.ENOSPC, Posix.pwrite(other, random(PIECE, 1), 0), "it is still open");
    assertEquals(0, Posix.close(fd));
    fillOnceItIsFree(other, all.length);
    assertEquals(0, Posix.ftruncate(other, 10));
    int third = make("third");
    assertTrue(fill(third).length > BYTES * 8 / 10);
    assertEquals(0, Posix.close(third));
    assertEquals(0, Posix.close(other));
  }

  /** The last close of a file is told to the filesystem a moment later. */
  private static void fillOnceItIsFree(int fd, int length) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    int taken = 0;
    while (taken != length && System.nanoTime() < deadline) {
      taken = fill(fd).length;
    }
    assertEquals(length, taken);
  }

  @Test
  void shouldReserveAllOrNothing() {
    int fd = make("f");
    byte[] expected = random(300_000, 2);
    assertEquals(expected.length, Posix.pwrite(fd, expected, 0));
    Posix.fsync(fd);
    Room before = Posix.room(dir);
    long blocks = Posix.stat(fd).blocks();
    for (int mode : new int[] {0, KEEP_SIZE, ZERO_RANGE, ZERO_RANGE | KEEP_SIZE}) {
      for (long length : new long[] {BYTES, 1L << 30, 1L << 43}) {
        long result = Posix.fallocate(fd, mode, 1000, length);
        if ((mode & ZERO_RANGE) == 0 || result != -Errno.EOPNOTSUPP) {
          assertTrue(result == -Errno.ENOSPC || result == -Errno.EFBIG, "errno " + -result);
        }
        assertEquals(expected.length, Posix.stat(fd).size());
      }
    }
    assertEquals(before, Posix.room(dir));
    assertEquals(blocks, Posix.stat(fd).blocks());
    assertArrayEquals(expected, content(fd));
    assertEquals(0, Posix.fallocate(fd, 0, 0, 4 << 20));
    assertArrayEquals(Arrays.copyOf(expected, 4 << 20), content(fd));
    assertEquals(0, Posix.close(fd));
  }

  @Test
  void shouldCopyAsMuchAsFits() {
    int from = make("from");
    byte[] bytes = random(3 << 20, 3);
    assertEquals(bytes.length, Posix.pwrite(from, bytes, 0));
    Posix.fsync(from);
    int to = make("to");
    long done = 0;
    long copied = 1;
    for (int copy = 0; copied > 0; copy++) {
      long at = (long) copy * bytes.length;
      copied = Posix.copyFileRange(from, 0, to, at, bytes.length);
      done = copied > 0 ? at + copied : done;
      if (copied > 0 && copied < bytes.length) {
        copied = Posix.copyFileRange(from, copied, to, at + copied, bytes.length - copied);
        assertEquals(-Errno.ENOSPC, copied);
      }
    }
    assertEquals(-Errno.ENOSPC, copied);
    assertEquals(done, Posix.stat(to).size());
    assertTrue(done > 4 << 20, "copied " + done);
    byte[] seen = content(to);
    for (int i = 0; i < done; i++) {
      assertEquals(bytes[i % bytes.length], seen[i]);
    }
    assertArrayEquals(bytes, content(from));
    assertEquals(0, Posix.close(from));
    assertEquals(0, Posix.close(to));
  }

  @Test
  void shouldMakeAsManyFilesAsThereMayBe() {
    int made = 0;
    long result = 0;
    while (result >= 0 && made < 100_000) {
      result = Posix.open(in("file" + made), O_CREAT | O_RDWR);
      if (result >= 0) {
        assertEquals(0, Posix.close((int) result));
        made++;
      }
    }
    assertEquals(-Errno.ENOSPC, result);
    assertTrue(made > 1000 && made < 3000, made + " files");
    assertTrue(Posix.room(dir).freeFiles() < 3, Posix.room(dir).toString());
    assertEquals(-Errno.ENOSPC, Posix.mkdir(in("d"), 0755));
    assertEquals(-Errno.ENOSPC, Posix.symlink("nowhere".repeat(50), in("l")));
    assertEquals(-Errno.ENOSPC, Posix.mknod(in("p"), Posix.S_IFIFO | 0600, 0));
    assertEquals(0, Posix.rename(in("file1"), in("file2")), "what is there can be changed");
    assertEquals(0, Posix.rename(in("file3"), in("file1")));
    int fd = make("file2");
    assertEquals(1, Posix.pwrite(fd, "x", 0));
    assertEquals(0, Posix.close(fd));
    assertEquals(0, Posix.unlink(in("file4")));
    assertEquals(0, Posix.mknod(in("again"), 0100600, 0));
    try (OpenDirectory listing = new OpenDirectory(dir)) {
      assertEquals(made - 1 + 2, listing.names().size()); // and . and ..
    }
    long names = 0;
    while (Posix.link(in("again"), in("name" + names)) == 0) {
      names++;
      assertTrue(names < 100_000);
    }
    assertEquals(names + 1, Posix.stat(in("again")).links());
    assertEquals(Errno.ENOENT, Posix.statErrno(in("name" + names)));
  }

  @Test
  void shouldGiveAllRoomBackWhoeverFilledIt() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> working = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int own = i;
        working.add(
            pool.submit(() -> {
              fillAndRemove(own);
              return null;
            }));
      }
      for (Future<?> each : working) {
        each.get();
      }
    }
  }

  private void fillAndRemove(int own) {
    Random random = new Random(own);
    for (int round = 0; round < 60; round++) {
      int fd = make(own + "-" + round);
      byte[] bytes = random(1 + random.nextInt(4 * PIECE), round);
      int end = 0;
      long written = bytes.length;
      while (end < BYTES && written == bytes.length) {
        written = Posix.pwrite(fd, bytes, end);
        assertTrue(written > 0 || written == -Errno.ENOSPC, "errno " + -written);
        end += (int) Math.max(0, written);
      }
      assertEquals(end, Posix.stat(fd).size());
      int count = Math.min(end, bytes.length);
      assertArrayEquals(Arrays.copyOf(bytes, count), Posix.pread(fd, count, 0));
      if (random.nextBoolean()) {
        assertEquals(0, Posix.ftruncate(fd, random.nextInt(end + 1)));
      }
      if (random.nextBoolean()) {
        assertEquals(0, Posix.unlink(in(own + "-" + round)));
        Posix.fallocate(fd, KEEP_SIZE, 0, PIECE);
      } else if (round > 3) {
        Posix.unlink(in(own + "-" + (round - 3)));
      }
      assertEquals(0, Posix.close(fd));
    }
  }
}
