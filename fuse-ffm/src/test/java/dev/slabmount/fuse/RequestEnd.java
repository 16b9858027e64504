package dev.slabmount.fuse;

import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.util.List;

/**
 * One transport with something else in the kernel's place, which sends sensible requests and keeps
 * the bytes that it is answered. One thread.
 */
public interface RequestEnd extends AutoCloseable {
  /**
   * Sends a request that becomes this operation and returns what is answered until it is served.
   */
  List<byte[]> serve(Operation operation, long unique) throws Throwable;

  /** What was answered since. */
  List<byte[]> answers() throws Throwable;

  /** Whether the operation can be asked for at all, here and now. */
  boolean has(Operation operation);

  /** The guard. */
  RequestGuard guard();

  /** What went wrong with answers. */
  ReplyCounters replies();

  /** The books of detached requests. */
  ContextPool contexts();

  /** The mount has ended, and everything native is freed. */
  @Override
  void close();
}
