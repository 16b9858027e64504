package dev.slabmount.fuse.reply;

/**
 * Hears how a detached request ended: one of the two is called, once, after the answer is out, on
 * the thread that answered.
 */
public interface Detachment {
  /** The filesystem answered; by its contract it no longer uses the request. */
  void answered();

  /**
   * The binding answered in the filesystem's place. The filesystem knows nothing of it and may go
   * on using the request's memory.
   */
  void abandoned();
}
