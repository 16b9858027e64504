package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockHandle;
import dev.slabmount.core.pool.BlockKey;
import java.lang.foreign.MemorySegment;

/** The handle of a content-keyed block, which neither changes nor moves. Any thread. */
final class Handle implements BlockHandle {
  private final PoolState state;
  private final Block block;
  private volatile boolean closed;

  /** Takes over a pin that the caller has. */
  Handle(final PoolState state, final Block block) {
    this.state = state;
    this.block = block;
  }

  @Override
  public BlockKey key() {
    return block.key();
  }

  @Override
  public MemorySegment data() {
    checkOpen();
    return state.memory.readable(block.extent, block.length);
  }

  @Override
  public int length() {
    checkOpen();
    return block.length;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the handle of block " + key() + " is closed");
    }
  }

  @Override
  public void close() {
    state.lock.lock();
    try {
      if (!closed) {
        closed = true;
        state.unpin(block);
      }
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public String toString() {
    return (closed ? "closed handle of " : "handle of ") + key();
  }
}
