package dev.slabmount.fuse.session;

import java.lang.foreign.MemorySegment;

/** What every transport asks of the data of a notification. */
public final class NotifierData {
  /** No notification carries more. */
  public static final int LARGEST = 1 << 20;

  private static final int PRUNED_AT_ONCE = 1 << 16;

  private NotifierData() {}

  /**
   * Checks inodes that are to be pruned.
   *
   * @throws IllegalArgumentException if they are too many
   */
  public static void require(long[] inos) {
    if (inos.length > PRUNED_AT_ONCE) {
      throw new IllegalArgumentException(
          "up to " + PRUNED_AT_ONCE + " inodes can be pruned at once, not " + inos.length);
    }
  }

  /**
   * Checks data that is to be sent.
   *
   * @throws IllegalArgumentException if it lies on the Java heap or is too long
   */
  public static void require(MemorySegment data) {
    if (!data.isNative() || data.byteSize() > LARGEST) {
      throw new IllegalArgumentException(
          "up to " + LARGEST + " bytes of native memory can be stored, not " + data);
    }
  }
}
