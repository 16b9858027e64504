package dev.slabmount.vfs.content;

/**
 * Told of objects whose bytes must not be shown any more, because they turned out to be wrong or
 * can no longer be checked.
 */
@FunctionalInterface
public interface DiscardListener {

  /**
   * Drops every copy of the object's bytes that a {@link ContentReader} has handed out so far,
   * those that are being read right now included. Reads that begin later get nothing wrong.
   *
   * <p>Called by any thread, also from within {@link ContentReader#read}. Must not wait for a read,
   * and must not throw.
   */
  void discard(ContentHash hash);
}
