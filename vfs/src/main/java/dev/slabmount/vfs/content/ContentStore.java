package dev.slabmount.vfs.content;

import java.lang.foreign.MemorySegment;

/**
 * Holds immutable objects under their hash. A store hands out bytes as it finds them; {@link
 * VerifyingReader} is what makes them trustworthy.
 *
 * <p><b>Threads:</b> any number at once. Every method may block on a disk or a network.
 */
public interface ContentStore extends AutoCloseable {

  /**
   * Finds and opens an object.
   *
   * @throws ObjectMissingException if there is none
   * @throws ContentStoreException if it cannot be opened, or if what lies there is no plain file
   */
  StoredObject open(ContentHash hash) throws ContentStoreException;

  /**
   * Reads a range of an object without any check: {@link StoredObject#read} on a freshly opened
   * object.
   *
   * @return how many bytes were read: fewer than the destination holds only at the object's end
   * @throws ObjectMissingException if there is no such object
   * @throws ContentStoreException if it cannot be read
   */
  default int readRange(final ContentHash hash, final long offset, final MemorySegment destination)
      throws ContentStoreException {
    try (StoredObject object = open(hash)) {
      return object.read(offset, destination);
    }
  }

  /**
   * Bytes of an object as the store has it.
   *
   * @throws ObjectMissingException if there is no such object
   * @throws ContentStoreException if the store cannot tell
   */
  long length(ContentHash hash) throws ContentStoreException;

  /**
   * Whether the store has a plain object under this name, whatever its length.
   *
   * @throws ContentStoreException if the store cannot tell
   */
  boolean exists(ContentHash hash) throws ContentStoreException;

  /**
   * Begins a run of {@linkplain ObjectWriter#put puts}.
   *
   * @throws ContentStoreException if the store cannot be written
   */
  ObjectWriter startWriting() throws ContentStoreException;

  /** Where the store is, for messages: a folder or an address. */
  String place();

  /** Gives back what the store holds. Objects that are still open stay usable. */
  @Override
  void close();
}
