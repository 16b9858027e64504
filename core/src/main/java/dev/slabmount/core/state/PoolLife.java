package dev.slabmount.core.state;

import dev.slabmount.core.pool.MemoryPoolException;

/** Whether the pool is open. Any thread. */
public final class PoolLife {
  private volatile boolean closed;

  /** Whether the pool is closed, or closing. */
  public boolean isClosed() {
    return closed;
  }

  /** From now on nothing is linked into the index, and {@link #check} throws. */
  public void end() {
    closed = true;
  }

  /** Throws {@link MemoryPoolException.PoolClosed} if the pool is closed. */
  public void check() {
    if (closed) {
      throw new MemoryPoolException.PoolClosed();
    }
  }
}
