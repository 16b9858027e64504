package dev.slabmount.fuse.posix;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Random work on files in one directory, by several threads, each with some files of its own and a
 * part of one file that all threads of all processes share. Runs in a process of its own, too.
 */
final class Hammer {
  static final String SHARED = "shared";

  private static final int FILES = 3;

  /** Bytes of the shared file that belong to one thread; no page of its own, and no extent. */
  private static final int STRIPE = 100_001;

  private final String dir;
  private final int process;
  private final long seed;
  private final int steps;

  Hammer(String dir, int process, long seed, int steps) {
    this.dir = dir;
    this.process = process;
    this.seed = seed;
    this.steps = steps;
  }

  /** Runs in a child: directory, number of the process, seed, threads, steps of each. */
  public static void main(String[] arguments) throws Exception {
    new Hammer(
            arguments[0],
            Integer.parseInt(arguments[1]),
            Long.parseLong(arguments[2]),
            Integer.parseInt(arguments[4]))
        .run(Integer.parseInt(arguments[3]));
    System.out.println("done");
  }

  /** Makes what the work needs. */
  static void prepare(String dir) {
    for (int i = 0; i < 4; i++) {
      require(Posix.mkdir(dir + "/" + i, 0755) == 0, "mkdir");
    }
    int fd = Posix.open(dir + "/" + SHARED, Posix.O_CREAT | Posix.O_RDWR);
    require(fd >= 0 && Posix.close(fd) == 0, "shared file");
  }

  void run(int threads) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> working = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int owner = process * threads + i;
        working.add(
            pool.submit(() -> {
              work(owner);
              return null;
            }));
      }
      for (Future<?> each : working) {
        each.get();
      }
    }
  }

  private void work(int owner) throws Exception {
    Random random = new Random(seed * 1000 + owner);
    FileModel[] files = new FileModel[FILES];
    for (int i = 0; i < FILES; i++) {
      files[i] = new FileModel(dir, "f" + owner + "-" + i, owner * FILES + i + 1, random);
    }
    int shared = Posix.open(dir + "/" + SHARED, Posix.O_RDWR);
    require(shared >= 0, "shared file: " + shared);
    byte[] stripe = new byte[STRIPE];
    random.nextBytes(stripe);
    long at = (long) owner * STRIPE;
    require(Posix.pwrite(shared, stripe, at) == STRIPE, "stripe");
    for (int i = 0; i < steps; i++) {
      files[random.nextInt(FILES)].step();
      int from = random.nextInt(STRIPE);
      int length = 1 + random.nextInt(Math.min(20_000, STRIPE - from));
      byte[] piece = new byte[length];
      random.nextBytes(piece);
      require(Posix.pwrite(shared, piece, at + from) == length, "stripe");
      System.arraycopy(piece, 0, stripe, from, length);
      require(Arrays.equals(Posix.pread(shared, STRIPE, at), stripe), "stripe of " + owner);
    }
    require(Posix.fsync(shared) == 0 && Posix.dropPages(shared) == 0, "drop pages");
    require(Arrays.equals(Posix.pread(shared, STRIPE, at), stripe), "stripe of " + owner);
    require(Posix.close(shared) == 0, "close");
    for (FileModel each : files) {
      each.end();
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
