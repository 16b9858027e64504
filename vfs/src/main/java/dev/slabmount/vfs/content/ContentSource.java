package dev.slabmount.vfs.content;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Where the bytes of a new object come from. */
@FunctionalInterface
public interface ContentSource {

  /**
   * Fills {@code destination} with the bytes from {@code offset} on, until it is full or the source
   * ends.
   *
   * @param offset in bytes from the start of the object
   * @param destination where the bytes go
   * @return how many bytes were written, 0 at the end
   * @throws IOException if the source cannot be read
   */
  int read(long offset, MemorySegment destination) throws IOException;
}
