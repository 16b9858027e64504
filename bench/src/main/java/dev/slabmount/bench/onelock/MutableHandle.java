package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import dev.slabmount.core.pool.BlockReader;
import dev.slabmount.core.pool.MutableBlockHandle;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The handle of an inode-keyed block. It pins the block and not its memory, so it follows the block
 * wherever that moves. Any thread.
 */
final class MutableHandle implements MutableBlockHandle {
  private final PoolState state;
  private final Writes writes;
  private final Checks checks;
  private final Block block;
  private boolean closed;

  /** Takes over a pin that the caller has. */
  MutableHandle(
      final PoolState state, final Writes writes, final Checks checks, final Block block) {
    this.state = state;
    this.writes = writes;
    this.checks = checks;
    this.block = block;
  }

  @Override
  public BlockKey key() {
    return block.key();
  }

  @Override
  public MemorySegment data() {
    return withData(content -> MemorySegment.ofArray(content.toArray(ValueLayout.JAVA_BYTE)));
  }

  /** Enters as a reader under the lock, reads without it: the reader's code may be slow. */
  @Override
  public <R, X extends Exception> R withData(final BlockReader<R, X> reader) throws X {
    final MemorySegment content;
    state.lock.lock();
    try {
      checkOpen();
      state.pin(block, 1); // Another thread may close the handle meanwhile.
      content = enter();
    } finally {
      state.lock.unlock();
    }
    try {
      return reader.read(content);
    } finally {
      state.lock.lock();
      try {
        leave();
      } finally {
        state.lock.unlock();
      }
    }
  }

  private MemorySegment enter() {
    block.enterShared(state.lock);
    boolean whole = false;
    try {
      block.checkWhole();
      whole = true;
      return state.memory.readable(block.extent, block.length);
    } finally {
      if (!whole) {
        leave();
      }
    }
  }

  private void leave() {
    block.leaveShared();
    state.unpin(block);
  }

  @Override
  public int write(
      final int offset, final MemorySegment source, final long sourceOffset, final int length) {
    return writes.write(held(), checks.slice(offset, source, sourceOffset, length));
  }

  @Override
  public int modify(final int capacity, final BlockModifier modifier) {
    checks.checkModify(capacity, modifier);
    return writes.modify(held(), capacity, modifier);
  }

  private Block held() {
    state.lock.lock();
    try {
      checkOpen();
      return block;
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public int length() {
    state.lock.lock();
    try {
      checkOpen();
      return block.length;
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public long version() {
    state.lock.lock();
    try {
      checkOpen();
      return block.version;
    } finally {
      state.lock.unlock();
    }
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
    return "handle of " + key();
  }
}
