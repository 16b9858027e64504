package dev.slabmount.vfs.content;

import java.lang.foreign.MemorySegment;

/**
 * An object that was found and opened. All reads see the file (or object version) that was opened,
 * even if the store has another one under that name by now.
 *
 * <p><b>Threads:</b> one at a time. A read by a thread that is interrupted fails if the store can
 * stop it, or goes on to its end, which may never come if the store does not answer; in any case
 * {@link Thread#interrupt} must return at once to whoever calls it, so a store does not read
 * through an {@link java.nio.channels.InterruptibleChannel}. Whoever opened an object closes it;
 * closing twice is harmless.
 */
public interface StoredObject extends AutoCloseable {

  /** The state that was opened. Costs nothing. */
  ObjectVersion version();

  /**
   * The state that the store has under the object's name now: the {@linkplain
   * ObjectVersion#isSameAs same} as {@link #version} if and only if everything read so far was read
   * from an unchanged object, as far as the store can tell. Asks the store.
   *
   * @throws ObjectMissingException if the object has gone
   * @throws ContentStoreException if the store cannot tell
   */
  ObjectVersion currentVersion() throws ContentStoreException;

  /**
   * Fills {@code destination} with the bytes from {@code offset} on, until it is full or the object
   * ends. Nothing is checked.
   *
   * @param offset in bytes, from 0; at or beyond the end nothing is read
   * @param destination where the bytes go, at most 2 GiB − 1; memory that is not confined to one
   *     thread
   * @return how many bytes were read, 0 at the end
   * @throws ContentStoreException if the store cannot read
   */
  int read(long offset, MemorySegment destination) throws ContentStoreException;

  /** Where the object lies, for messages: a file name or an address. */
  String place();

  @Override
  void close();
}
