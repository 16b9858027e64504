package dev.slabmount.fuse.posix;

import static dev.slabmount.fuse.posix.Posix.KEEP_SIZE;
import static dev.slabmount.fuse.posix.Posix.O_CREAT;
import static dev.slabmount.fuse.posix.Posix.O_EXCL;
import static dev.slabmount.fuse.posix.Posix.O_RDWR;
import static dev.slabmount.fuse.posix.Posix.PUNCH_HOLE;
import static dev.slabmount.fuse.posix.Posix.ZERO_RANGE;

import dev.slabmount.fuse.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;

/**
 * One file under random work, and what it has to contain. Every byte that is written is a stamp of
 * who wrote it, when and where, so that a byte at the wrong place, of another file or of another
 * time shows. Belongs to one thread.
 */
final class FileModel {
  private static final int[] SIZES_MAX = {6_000, 700_000, 700_000, 5_000_000};
  private static final int PIECE_MAX = 150_000;
  private static final int PAGE = 4096;
  private static final int PAGE_SHIFT = 12;
  private static final int LARGEST_UNIT_SHIFT = 21; // a large page of memory

  private final Random random;
  private final int sizeMax;
  private final String dir;
  private final String stem;
  private final int owner;
  private String path;
  private int fd = -1;
  private byte[] expected = {};
  private int round;

  FileModel(String dir, String stem, int owner, Random random) {
    this.dir = dir;
    this.stem = stem;
    this.owner = owner;
    this.random = random;
    sizeMax = SIZES_MAX[random.nextInt(SIZES_MAX.length)];
    path = dir + "/" + stem;
    create();
  }

  private void create() {
    fd = check(Posix.open(path, O_CREAT | O_EXCL | O_RDWR), "create");
    expected = new byte[0];
  }

  private byte[] stamped(int offset, int length) {
    round++;
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      int at = offset + i;
      long word = (at >>> 3) * 0x9E3779B97F4A7C15L + owner * 0xC2B2AE3D27D4EB4FL + round;
      bytes[i] = (byte) ((word ^ word >>> 29) >>> ((at & 7) * 8));
    }
    return bytes;
  }

  /** Does one thing at random, and looks whether it did what it should. */
  void step() throws Exception {
    switch (random.nextInt(17)) {
      case 0, 1, 2, 3 -> write();
      case 4, 5, 6, 7 -> readSomewhere();
      case 8 -> truncate();
      case 9 -> deallocate(PUNCH_HOLE | KEEP_SIZE);
      case 10 -> deallocate(ZERO_RANGE | KEEP_SIZE);
      case 11 -> map();
      case 12 -> copy();
      case 13 -> rename();
      case 14 -> reopen();
      case 15 -> replace();
      default -> recreateNowAndThen();
    }
  }

  private int place() {
    int at = random.nextInt(Math.min(sizeMax, expected.length + PAGE) + 1);
    return switch (random.nextInt(4)) {
      case 0 -> at & -PAGE;
      case 1 -> nearALimit(at);
      default -> at;
    };
  }

  /** At or beside the beginning of something that memory may come in. */
  private int nearALimit(int at) {
    int unit = 1 << (PAGE_SHIFT + random.nextInt(LARGEST_UNIT_SHIFT - PAGE_SHIFT + 1));
    return Math.max(0, (at & -unit) - 1 + random.nextInt(3));
  }

  private int length() {
    return 1 + (random.nextBoolean() ? random.nextInt(2 * PAGE) : random.nextInt(PIECE_MAX));
  }

  private void grow(int size) {
    if (size > expected.length) {
      expected = Arrays.copyOf(expected, size);
    }
  }

  private void write() {
    int at = place();
    byte[] bytes = stamped(at, length());
    check(Posix.pwrite(fd, bytes, at) == bytes.length, "write");
    grow(at + bytes.length);
    System.arraycopy(bytes, 0, expected, at, bytes.length);
  }

  private void readSomewhere() {
    int at = place();
    compare(at, length());
  }

  private void compare(int at, int length) {
    byte[] seen = Posix.pread(fd, length, at);
    int from = Math.min(at, expected.length);
    int end = Math.min(expected.length, at + length);
    int wrong = Arrays.mismatch(seen, 0, seen.length, expected, from, Math.max(from, end));
    check(wrong < 0, "differs at " + (at + wrong) + " of " + expected.length);
  }

  private void truncate() {
    int size = place();
    check(Posix.ftruncate(fd, size), "truncate");
    expected = Arrays.copyOf(expected, size);
  }

  private void deallocate(int mode) {
    int at = place();
    int length = length();
    long result = Posix.fallocate(fd, mode, at, length);
    if (result == -Errno.EOPNOTSUPP && mode != (PUNCH_HOLE | KEEP_SIZE)) {
      return; // not every filesystem has it; the contract says where it has to be
    }
    check(result, "fallocate " + mode);
    if (at < expected.length) {
      Arrays.fill(expected, at, Math.min(expected.length, at + length), (byte) 0);
    }
  }

  private void map() throws Exception {
    int at = place() & -PAGE;
    int length = Math.min(length(), expected.length - at);
    if (length <= 0) {
      return;
    }
    try (FileChannel channel =
            FileChannel.open(Path.of(path), StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena mapped = Arena.ofConfined()) {
      MemorySegment memory;
      try {
        memory = channel.map(MapMode.READ_WRITE, at, length, mapped);
      } catch (IOException e) {
        check(String.valueOf(e.getMessage()).equals("No such device"), e.toString());
        return; // direct I/O, and a library that does not know mappings beside it
      }
      ByteBuffer map = memory.asByteBuffer();
      byte[] seen = new byte[length];
      map.get(0, seen);
      check(Arrays.equals(seen, 0, length, expected, at, at + length), "mapping differs");
      byte[] bytes = stamped(at, length);
      map.put(0, bytes);
      if (random.nextBoolean()) {
        memory.force();
      }
      System.arraycopy(bytes, 0, expected, at, length);
    }
  }

  private void copy() {
    int from = place();
    int to = place();
    int length = Math.min(length(), Math.abs(from - to));
    int left = Math.max(0, Math.min(length, expected.length - from));
    for (int done = 0; done < left; ) {
      long copied = Posix.copyFileRange(fd, from + done, fd, to + done, left - done);
      check(copied > 0, "copy_file_range " + copied);
      done += (int) copied;
    }
    if (left > 0) {
      byte[] moved = Arrays.copyOfRange(expected, from, from + left);
      grow(to + left);
      System.arraycopy(moved, 0, expected, to, left);
    }
  }

  private void rename() {
    String other = dir + "/" + random.nextInt(4) + "/" + stem + "-" + random.nextInt(3);
    check(Posix.rename(path, other), "rename to " + other);
    path = other;
  }

  /** Another file gets the name of this one, whose content stays as long as it is open. */
  private void replace() {
    int old = fd;
    byte[] oldExpected = expected;
    String name = path;
    path = dir + "/" + stem + "-new";
    create();
    write();
    check(Posix.rename(path, name), "replace " + name);
    path = name;
    checkLeftOver(old, oldExpected);
  }

  private void checkLeftOver(int old, byte[] oldExpected) {
    byte[] seen = Posix.pread(old, oldExpected.length + 1, 0);
    check(Arrays.equals(seen, oldExpected), "what lost its name while open has changed");
    check(Posix.stat(old).links() == 0, "what lost its name has links");
    check(Posix.close(old), "close");
  }

  /** What the kernel remembers of a file goes, so that the filesystem has to show it. */
  private void reopen() {
    leave();
    comeBack();
  }

  /** Closes the file; the kernel need not remember it. */
  void leave() {
    check(Posix.fsync(fd), "fsync");
    check(Posix.dropPages(fd), "drop pages");
    check(Posix.close(fd), "close");
  }

  /** Opens the file again and compares all of it. */
  void comeBack() {
    fd = check(Posix.open(path, O_RDWR), "open");
    check(Posix.stat(fd).size() == expected.length, "size is " + Posix.stat(fd).size());
    compare(0, expected.length + 10);
  }

  private void recreateNowAndThen() {
    if (random.nextInt(8) != 0) {
      return;
    }
    int old = fd;
    byte[] oldExpected = expected;
    check(Posix.unlink(path), "unlink");
    create();
    write();
    checkLeftOver(old, oldExpected);
  }

  private int check(long result, String what) {
    check(result >= 0, what + ": " + result);
    return (int) result;
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(path + ", round " + round + ": " + what);
    }
  }
}
