package dev.slabmount.fuse.posix;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Random work on files in one directory, by several threads, each with some files of its own, a
 * part of one file that all threads of all processes share, and records that it appends to another.
 * In the end the kernel forgets what it has cached, and all files are compared once more. Runs in a
 * process of its own, too.
 */
final class Hammer {
  static final String SHARED = "shared";
  static final String APPENDED = "appended";

  /** Files that each thread has. */
  static final int FILES = 3;

  /** Bytes of the shared file that belong to one thread; no page of its own, and no extent. */
  static final int STRIPE = 100_001;

  private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
  private static final int RECORD = 2 * Integer.BYTES;

  private final String dir;
  private final int process;
  private final long seed;
  private final int steps;
  private final long deadline;

  /** {@code seconds}: at least so long, however many steps that takes. */
  Hammer(String dir, int process, long seed, int steps, int seconds) {
    this.dir = dir;
    this.process = process;
    this.seed = seed;
    this.steps = steps;
    deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Runs in a child: directory, number of the process, seed, threads, steps of each, seconds. */
  public static void main(String[] arguments) throws Exception {
    new Hammer(
            arguments[0],
            Integer.parseInt(arguments[1]),
            Long.parseLong(arguments[2]),
            Integer.parseInt(arguments[4]),
            Integer.parseInt(arguments[5]))
        .run(Integer.parseInt(arguments[3]));
    System.out.println("done");
  }

  /** Makes what the work needs. */
  static void prepare(String dir) {
    for (int i = 0; i < 4; i++) {
      require(Posix.mkdir(dir + "/" + i, 0755) == 0, "mkdir");
    }
    for (String file : new String[] {SHARED, APPENDED}) {
      int fd = Posix.open(dir + "/" + file, Posix.O_CREAT | Posix.O_RDWR);
      require(fd >= 0 && Posix.close(fd) == 0, file);
    }
  }

  /** What one thread has, and has done. */
  private static final class Owner {
    final int number;
    final FileModel[] files = new FileModel[FILES];
    final byte[] stripe = new byte[STRIPE];
    int records;

    Owner(int number) {
      this.number = number;
    }

    long stripeAt() {
      return (long) number * STRIPE;
    }
  }

  /** A step of all threads at once. */
  private interface Phase {
    void run(Owner owner) throws Exception;
  }

  void run(int threads) throws Exception {
    List<Owner> owners = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      owners.add(new Owner(process * threads + i));
    }
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      runAll(pool, owners, this::work);
      if (process == 0 && Files.isWritable(DROP_CACHES)) {
        Files.writeString(DROP_CACHES, "3");
      }
      runAll(pool, owners, this::compareAgain);
    }
  }

  private static void runAll(ExecutorService pool, List<Owner> owners, Phase phase)
      throws Exception {
    List<Future<?>> working = new ArrayList<>();
    for (Owner each : owners) {
      working.add(
          pool.submit(() -> {
            phase.run(each);
            return null;
          }));
    }
    for (Future<?> each : working) {
      each.get();
    }
  }

  private void work(Owner owner) throws Exception {
    Random random = new Random(seed * 1000 + owner.number);
    for (int i = 0; i < FILES; i++) {
      int stamp = owner.number * FILES + i + 1;
      owner.files[i] = new FileModel(dir, "f" + owner.number + "-" + i, stamp, random);
    }
    int shared = Posix.open(dir + "/" + SHARED, Posix.O_RDWR);
    int appended = Posix.open(dir + "/" + APPENDED, Posix.O_WRONLY | Posix.O_APPEND);
    require(shared >= 0 && appended >= 0, "open: " + shared + " and " + appended);
    random.nextBytes(owner.stripe);
    require(Posix.pwrite(shared, owner.stripe, owner.stripeAt()) == STRIPE, "stripe");
    while (owner.records < steps || System.nanoTime() < deadline) {
      owner.files[random.nextInt(FILES)].step();
      int from = random.nextInt(STRIPE);
      byte[] piece = new byte[1 + random.nextInt(Math.min(20_000, STRIPE - from))];
      random.nextBytes(piece);
      require(Posix.pwrite(shared, piece, owner.stripeAt() + from) == piece.length, "stripe");
      System.arraycopy(piece, 0, owner.stripe, from, piece.length);
      compareStripe(shared, owner);
      append(appended, owner);
    }
    require(Posix.fsync(shared) == 0 && Posix.dropPages(shared) == 0, "drop pages");
    compareStripe(shared, owner);
    require(Posix.close(shared) == 0 && Posix.close(appended) == 0, "close");
    for (FileModel each : owner.files) {
      each.leave();
    }
  }

  private static void compareStripe(int shared, Owner owner) {
    byte[] seen = Posix.pread(shared, STRIPE, owner.stripeAt());
    int wrong = Arrays.mismatch(seen, owner.stripe);
    require(wrong < 0, "stripe of " + owner.number + " differs at " + wrong);
  }

  private static void append(int fd, Owner owner) {
    byte[] record =
        ByteBuffer.allocate(RECORD).putInt(owner.number).putInt(owner.records++).array();
    require(Posix.append(fd, record) == RECORD, "append");
  }

  private void compareAgain(Owner owner) throws Exception {
    for (FileModel each : owner.files) {
      each.comeBack();
      each.leave();
    }
    int shared = Posix.open(dir + "/" + SHARED, Posix.O_RDONLY);
    compareStripe(shared, owner);
    require(Posix.close(shared) == 0, "close");
    int next = 0;
    ByteBuffer records = ByteBuffer.wrap(Files.readAllBytes(Path.of(dir, APPENDED)));
    while (records.remaining() >= RECORD) {
      int number = records.getInt();
      int record = records.getInt();
      require(number != owner.number || record == next++, "record " + record + " after " + next);
    }
    require(next == owner.records, next + " of " + owner.records + " records");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
