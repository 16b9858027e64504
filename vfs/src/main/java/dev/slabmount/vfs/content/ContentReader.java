package dev.slabmount.vfs.content;

import java.lang.foreign.MemorySegment;

/**
 * Reads ranges of objects for the filesystem. How far the bytes are checked before they are handed
 * out is the promise of the implementation; {@link VerifyingReader} hands out none that it has not
 * checked.
 *
 * <p><b>Threads:</b> any number at once. A call may block for as long as the store does, so it
 * belongs on a store thread, never on a thread that answers the kernel.
 */
public interface ContentReader {

  /**
   * Fills {@code destination} with the object's bytes from {@code offset} on, until it is full or
   * the object ends.
   *
   * <p>The destination belongs to the caller before and after the call. When the call throws, its
   * content is undefined and must not be shown to anybody: it may hold bytes that failed the check.
   *
   * @param hash the object's name
   * @param objectLength how many bytes the object must have according to whoever names it; an
   *     object of another length is refused
   * @param offset where to start, in bytes from the start of the object, 0 to {@code objectLength}
   * @param destination where the bytes go, at most 2 GiB − 1; off-heap memory is filled without a
   *     copy
   * @return how many bytes were written: {@code min(destination.byteSize(), objectLength - offset)}
   * @throws ObjectMissingException if the store has no such object
   * @throws VerificationException if the object is not what its name or {@code objectLength} says
   * @throws ContentStoreException if the store cannot read it; asking again may help
   * @throws IndexOutOfBoundsException if {@code offset} is negative or beyond {@code objectLength}
   */
  int read(ContentHash hash, long objectLength, long offset, MemorySegment destination)
      throws ContentStoreException;

  /**
   * Sets who is told that bytes handed out earlier must not be shown any more; there is one at a
   * time. A reader that hands out nothing unchecked may still find out that an object was replaced
   * by a damaged one.
   */
  default void onDiscard(final DiscardListener listener) {}
}
