package dev.slabmount.fuse.inode;

import dev.slabmount.fuse.FileSystem;
import org.agrona.collections.Long2LongCounterMap;

/**
 * How many references the kernel holds on each inode: one more for every entry it was given, fewer
 * with every forget. The root, which the kernel never looks up, is not counted.
 *
 * <p>Thread-safe. The books are split over {@value #STRIPES} stripes by inode number, each with a
 * lock of its own that is held for one map update (tens of nanoseconds): nothing slow ever happens
 * under it. Numbers that follow one another share a stripe, {@value #RUN} at a time, because
 * listings and the forgets after them go through them in that order: what the first one brings into
 * the processor's cache serves the others. Runs meet in one stripe only by chance.
 */
public final class LookupCounts {
  private static final int STRIPES = 1024;
  private static final int RUN = 16; // a power of two
  private static final int INITIAL_CAPACITY = 16;
  private static final float LOAD_FACTOR = 0.6f;

  private final Stripe[] stripes = new Stripe[STRIPES];

  /** Creates empty books. */
  public LookupCounts() {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** The kernel takes {@code count} references of an inode; nothing happens for 0 and the root. */
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
    return stripes[(int) (((ino & -RUN) * 0x9E3779B97F4A7C15L) >>> 54)];
  }

  private static final class Stripe {
    private final Long2LongCounterMap counts =
        new Long2LongCounterMap(INITIAL_CAPACITY, LOAD_FACTOR, 0);

    synchronized void add(long ino, long count) {
      counts.addAndGet(ino, count);
    }

    synchronized void remove(long ino, long count) {
      if (counts.addAndGet(ino, -count) < 0) {
        counts.remove(ino);
      }
    }

    synchronized long count(long ino) {
      return counts.get(ino);
    }

    synchronized long inodes() {
      return counts.size();
    }

    synchronized long total() {
      long[] sum = new long[1];
      counts.forEach((ino, count) -> sum[0] += count);
      return sum[0];
    }

    synchronized void clear() {
      counts.clear();
    }
  }
}
