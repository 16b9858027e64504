package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.reply.ReplySink;
import dev.slabmount.fuse.reply.WireDirectoryBuffer;
import java.lang.foreign.MemorySegment;

/**
 * The native memory that one request needs in some transport: where it was received, where its
 * answer is encoded. Costly, so pooled; used by one request at a time.
 */
public interface TransportBuffers {
  /** Where the answer goes. */
  ReplySink sink();

  /**
   * A view of {@code length} received bytes at {@code address}; empty for address 0. Allocates.
   *
   * @throws IndexOutOfBoundsException if they are not part of what was received
   */
  MemorySegment received(long address, int length);

  /** Where a listing is built. */
  WireDirectoryBuffer directory();
}
