package dev.slabmount.vfs.content;

import java.io.IOException;

/**
 * A run of puts into a store. Objects appear whole and checked or not at all: what a run leaves
 * unfinished, because it fails, is closed or dies, is never visible under an object's name.
 *
 * <p><b>Threads:</b> any number may {@link #put}; one closes. Several runs, in any processes, may
 * write to one store at once.
 */
public interface ObjectWriter extends AutoCloseable {

  /**
   * Stores an object unless the store has one of that name and length already. An object under that
   * name with another length, or something that is no plain file, is replaced.
   *
   * <p>An object of up to 1 MiB may get its name at any later moment, and has it when {@link #sync}
   * returns; until then it is known to this run alone.
   *
   * <p>The bytes are hashed on their way into the store; nothing is published unless they are
   * exactly what {@code hash} and {@code length} say.
   *
   * @param hash the object's name
   * @param length its bytes
   * @param source where the bytes come from; called by this thread, from offset 0 on in order, and
   *     only if the object is missing
   * @return whether the object was written now
   * @throws SourceChangedException if the source gave other bytes than {@code hash} and {@code
   *     length} say; nothing was published
   * @throws ContentStoreException if the store cannot write; nothing was published
   * @throws IOException what the source throws; nothing was published
   */
  boolean put(ContentHash hash, long length, ContentSource source) throws IOException;

  /**
   * Whether the store has an object of this name and length, or will have it after {@link #sync}.
   *
   * @throws ContentStoreException if the store cannot tell
   */
  boolean isStored(ContentHash hash, long length) throws ContentStoreException;

  /**
   * Gives every object that {@link #put} took so far its name and makes it survive a loss of power.
   *
   * @throws ContentStoreException if the store cannot promise that
   */
  void sync() throws ContentStoreException;

  /**
   * Ends the run and removes what it left unfinished or never {@linkplain #sync synced}. May be
   * called while other threads are in {@link #put}: those calls fail. Closing twice is harmless.
   */
  @Override
  void close();
}
