package dev.slabmount.fuse.session;

import java.lang.foreign.MemorySegment;

/** What every transport asks of the data of a notification. */
public final class NotifierData {
  /** No notification carries more. */
  public static final int LARGEST = 1 << 20;

  private NotifierData() {}

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
