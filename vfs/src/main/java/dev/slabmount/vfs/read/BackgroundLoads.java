package dev.slabmount.vfs.read;

import org.jspecify.annotations.Nullable;

/**
 * Brings blocks into the pool before anybody reads them.
 *
 * <p>Such loads have threads of their own, a few, so they take none from reads and are never ahead
 * of one. A read that needs a block that waits here has it loaded at once by a thread for reads; a
 * read that needs one which is being loaded here waits for that load. Loads begin in the order in
 * which they were asked for.
 *
 * <p>So many may wait, a few thousand; those that were cancelled count until a thread comes to
 * them, which may take long if the store hangs. Every load is given back through its {@link
 * BackgroundLoad.Listener}. What became of the bytes in the end is in {@link
 * dev.slabmount.core.pool.MemoryPoolStats}: {@code bytesLoadedAhead}, {@code bytesAheadUsed} by a
 * read, {@code bytesAheadWasted} because the block left the pool before one came.
 *
 * <p>Any thread, FUSE workers too: nothing here waits.
 */
public interface BackgroundLoads {

  /** Bytes in a block, a power of two: block {@code n} of a file begins at {@code n} times this. */
  int blockSize();

  /**
   * Whether a block is in the pool; true also if the file has no such block. Not counted as a use.
   * Allocates nothing.
   *
   * @param ino a regular file
   * @param block which block of the file, as for {@link #loadAhead}
   */
  boolean isPresent(long ino, long block);

  /** Whether one more load may wait, about now. Allocates nothing. */
  boolean hasRoom();

  /**
   * Loads a block if it is neither in the pool nor being loaded.
   *
   * <p>Costs a look into the pool, and about 200 bytes of garbage if the block is absent.
   *
   * @param ino a regular file
   * @param block which block of the file, counted from the file's start, not negative
   * @param listener hears once how it ended; not called if this returns null
   * @return the load, or null if there is nothing to do: the block is in the pool, is being loaded
   *     or waits to be, lies beyond the file's end, or the mount is ending; or {@linkplain #hasRoom
   *     as many wait as may}
   */
  @Nullable BackgroundLoad loadAhead(long ino, long block, BackgroundLoad.Listener listener);
}
