package dev.slabmount.fuse.inode;

import dev.slabmount.fuse.FileSystem;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * How many references the kernel holds on each inode: one more for every entry it was given, fewer
 * with every forget. The root, which the kernel never looks up, is not counted.
 *
 * <p>Thread-safe. The books are split over {@value #STRIPES} stripes by inode number, each with a
 * lock of its own that is held for one map update (tens of nanoseconds): nothing slow ever happens
 * under it.
 *
 * <p>Numbers that follow one another are kept together, in runs of {@value #RUN}, because listings
 * and the forgets after them go through them in that order: what the first one brings into the
 * processor's cache serves the others. A run takes about 200 bytes of heap while one of its inodes
 * has references, so an inode takes between a dozen bytes and that; then it serves the next run of
 * its stripe, so that counting allocates only where there are more of them than ever before. Runs
 * meet in one stripe only by chance.
 *
 * <p>What the books have grown to they keep until {@link #clear}: they take as much heap as the
 * most inodes that ever had references at a time. Where there is no heap for one more run, {@link
 * #add} throws OutOfMemoryError and has counted nothing, and all other counts stay what they are.
 */
public final class LookupCounts {
  private static final int STRIPES = 1024;
  private static final int RUN_SHIFT = 4;
  private static final int RUN = 1 << RUN_SHIFT;
  private static final int INITIAL_CAPACITY = 8;
  private static final float LOAD_FACTOR = 0.6f;

  private final Stripe[] stripes = new Stripe[STRIPES];

  /** Creates empty books. */
  public LookupCounts() {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  /**
   * The kernel takes {@code count} references of an inode, at least 1; nothing happens for inode 0
   * and the root.
   */
  public void add(long ino, long count) {
    if (ino != 0 && ino != FileSystem.ROOT) {
      stripe(ino).add(ino, count);
    }
  }

  /**
   * The kernel gives {@code count} references back. More than it had leaves none, never a negative
   * count.
   */
  public void remove(long ino, long count) {
    if (ino != 0 && ino != FileSystem.ROOT) {
      stripe(ino).remove(ino, count);
    }
  }

  /** References held on one inode. */
  public long count(long ino) {
    return stripe(ino).count(ino);
  }

  /** Inodes with references. Visits every stripe. */
  public long inodes() {
    long sum = 0;
    for (Stripe stripe : stripes) {
      sum += stripe.inodes();
    }
    return sum;
  }

  /** Sum of all references. Visits every inode. */
  public long total() {
    long sum = 0;
    for (Stripe stripe : stripes) {
      sum += stripe.total();
    }
    return sum;
  }

  /** Forgets everything: the mount is gone, and with it all that the kernel held. */
  public void clear() {
    for (Stripe stripe : stripes) {
      stripe.clear();
    }
  }

  private Stripe stripe(long ino) {
    return stripes[(int) (((ino >> RUN_SHIFT) * 0x9E3779B97F4A7C15L) >>> 54)];
  }

  /** Runs that are kept. Visits every stripe. */
  long runs() {
    long sum = 0;
    for (Stripe stripe : stripes) {
      sum += stripe.runs();
    }
    return sum;
  }

  /** Runs by what their numbers have in common; each of them has an inode with references. */
  private static final class Stripe {
    private Long2ObjectHashMap<long[]> runs =
        new Long2ObjectHashMap<>(INITIAL_CAPACITY, LOAD_FACTOR);
    private final List<long[]> spares = new ArrayList<>(0); // of zeros
    private long inodes;

    synchronized void add(long ino, long count) {
      long[] run = runs.get(ino >> RUN_SHIFT);
      if (run == null) {
        makeRoom();
        run = spares.isEmpty() ? new long[RUN] : spares.removeLast();
        runs.put(ino >> RUN_SHIFT, run);
      }
      int at = (int) ino & (RUN - 1);
      inodes += run[at] == 0 ? 1 : 0;
      run[at] += count;
    }

    /**
     * Grows the map before it would do so itself: that it does after it has stored, and if there is
     * no memory then, it never grows again, and once it is full a search in it does not end.
     */
    private void makeRoom() {
      if (runs.size() >= runs.resizeThreshold()) {
        Long2ObjectHashMap<long[]> more =
            new Long2ObjectHashMap<>(2 * runs.capacity(), LOAD_FACTOR);
        more.putAll(runs);
        runs = more;
      }
    }

    synchronized void remove(long ino, long count) {
      long[] run = runs.get(ino >> RUN_SHIFT);
      int at = (int) ino & (RUN - 1);
      if (run == null || run[at] == 0) {
        return;
      }
      run[at] = Math.max(0, run[at] - count);
      if (run[at] == 0) {
        inodes--;
        if (isEmpty(run)) {
          runs.remove(ino >> RUN_SHIFT);
          spare(run);
        }
      }
    }

    private void spare(long[] run) {
      try {
        spares.add(run);
      } catch (OutOfMemoryError noRoom) {
        // It is garbage, then.
      }
    }

    private static boolean isEmpty(long[] run) {
      long any = 0;
      for (long count : run) {
        any |= count;
      }
      return any == 0;
    }

    synchronized long count(long ino) {
      long[] run = runs.get(ino >> RUN_SHIFT);
      return run == null ? 0 : run[(int) ino & (RUN - 1)];
    }

    synchronized long inodes() {
      return inodes;
    }

    synchronized long total() {
      long sum = 0;
      for (long[] run : runs.values()) {
        for (long count : run) {
          sum += count;
        }
      }
      return sum;
    }

    synchronized long runs() {
      return runs.size();
    }

    synchronized void clear() {
      runs.clear();
      spares.clear();
      inodes = 0;
    }
  }
}
