package dev.slabmount.core.slab;

/**
 * How a thread waits for something that is held for less than a microsecond at a time: it looks
 * again and again, each time after a pause twice as long, and gives up after some fifteen
 * microseconds.
 *
 * <p>Going to sleep and being woken cost three system calls and many times what is waited for; and
 * threads that look without a pause take the cache line from whoever wants to leave. If the holder
 * has lost its processor all looks are in vain, and the thread had better sleep.
 */
public final class ShortWait {
  /** Looks that are worth it. */
  private static final int LOOKS = 12;

  /** The longest pause, in spins. */
  private static final int SPINS_MAX = 128;

  private ShortWait() {}

  /**
   * Pauses between two looks.
   *
   * @param looks how many looks were in vain before this one
   * @return false at once, if there were enough of them
   */
  public static boolean pause(final int looks) {
    if (looks >= LOOKS) {
      return false;
    }
    for (int spins = Math.min(1 << looks, SPINS_MAX); spins > 0; spins--) {
      Thread.onSpinWait();
    }
    return true;
  }
}
