package dev.slabmount.vfs.read;

/** One block on its way into the pool; see {@link BackgroundLoads}. Any thread. */
public interface BackgroundLoad {

  /** How a load ended. */
  enum Outcome {
    /** The block is in the pool because of this load. */
    LOADED,

    /**
     * A read needed the block before this load began, somebody else had loaded it, or fetches that
     * reads wait for hold all the room there is for fetches.
     */
    OVERTAKEN,

    /** It was cancelled before it began, or the mount ends. */
    CANCELLED,

    /** The block could not be had in time, or not at all. A read will say why. */
    FAILED
  }

  /** Hears how a load ended, exactly once. */
  @FunctionalInterface
  interface Listener {
    /**
     * The load is over. Called by any thread, also from within {@link BackgroundLoad#cancel}, but
     * never from within {@link BackgroundLoads#loadAhead}. Must not wait and must not throw; may
     * ask for the next load.
     *
     * @param bytes how many bytes of content it brought into the pool; 0 unless {@link
     *     Outcome#LOADED}
     */
    void over(Outcome outcome, int bytes);
  }

  /**
   * Cancels the load if it has not begun and no read waits for it. One that has begun goes on.
   *
   * @return whether it was cancelled by this call
   */
  boolean cancel();
}
