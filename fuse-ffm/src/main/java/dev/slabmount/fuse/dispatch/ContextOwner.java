package dev.slabmount.fuse.dispatch;

/** A worker thread, as its contexts see it. Used on that thread only. */
public interface ContextOwner {
  /** The context of the request that the worker is serving. */
  RequestContext current();

  /** Goes on with {@code fresh}, because the current context was detached inside an operation. */
  void adopt(RequestContext fresh);
}
