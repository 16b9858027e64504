package dev.slabmount.fuse.dev;

import java.lang.foreign.MemorySegment;

/**
 * Where requests come from and answers go: the descriptor of a session, or what a test puts in its
 * place. Thread-safe. Addresses are raw, and the memory there the caller's, because a segment would
 * cost its arena's bookkeeping in each call.
 *
 * <p>{@code errno} is the calling thread's capture memory for the time of the call ({@link
 * dev.slabmount.nativebindings.Libc#allocateErrno}).
 */
interface Channel {
  /**
   * Waits for a request.
   *
   * @return its length in bytes, or a negative errno
   */
  long receive(MemorySegment errno, long address, long capacity);

  /** Sends an answer of {@code length} bytes; returns 0 or an errno. */
  int send(MemorySegment errno, long address, long length);

  /** Sends an answer from {@code count} {@code struct iovec} at {@code iov}; 0 or an errno. */
  int gather(MemorySegment errno, long iov, int count);
}
