package dev.slabmount.core.pool;

/** Whether the pool is open. Any thread. */
final class PoolLife {
  private volatile boolean closed;

  boolean isClosed() {
    return closed;
  }

  void end() {
    closed = true;
  }

  /** Throws {@link MemoryPoolException.PoolClosed} if the pool is closed. */
  void check() {
    if (closed) {
      throw new MemoryPoolException.PoolClosed();
    }
  }
}
