package dev.slabmount.fuse.session;

/**
 * Waits that an interrupt does not cut short: the end of a mount has to be waited for even by a
 * thread that is told to stop. The interrupt is kept for the caller. Stateless.
 */
final class Uninterrupted {
  private Uninterrupted() {}

  /** Something to wait for. */
  interface Waiting {
    /** Waits at most that long and returns whether it has happened. */
    boolean await(long nanos) throws InterruptedException;
  }

  /** Waits at most {@code nanos}, whatever interrupts, and returns whether it has happened. */
  static boolean await(long nanos, Waiting waiting) {
    boolean interrupted = false;
    long begun = System.nanoTime();
    try {
      while (true) {
        try {
          return waiting.await(Math.max(0, nanos - (System.nanoTime() - begun)));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
