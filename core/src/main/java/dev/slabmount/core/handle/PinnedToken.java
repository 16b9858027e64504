package dev.slabmount.core.handle;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.slot.SlotTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What both kinds of handle are: a token that is unpinned once, however often and by however many
 * threads the handle is closed.
 */
abstract class PinnedToken {
  private static final VarHandle TOKEN;

  static {
    try {
      TOKEN = MethodHandles.lookup().findVarHandle(PinnedToken.class, "token", long.class);
    } catch (final ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final SlotTable table;
  private final BlockKey key;
  private volatile long token;

  PinnedToken(final SlotTable table, final BlockKey key, final long token) {
    assert token != MemoryPool.NO_BLOCK;
    this.table = table;
    this.key = key;
    this.token = token;
  }

  /** The block's key. */
  public final BlockKey key() {
    return key;
  }

  /** Unpins, the first time. */
  public final void close() {
    final long held = (long) TOKEN.getAndSet(this, MemoryPool.NO_BLOCK);
    if (held != MemoryPool.NO_BLOCK) {
      table.unpin(held);
    }
  }

  /**
   * The token that is held.
   *
   * @throws IllegalStateException if the handle is closed
   */
  final long heldToken() {
    final long held = token;
    if (held == MemoryPool.NO_BLOCK) {
      throw new IllegalStateException("the handle of block " + key + " is closed");
    }
    return held;
  }

  /** Holds another token instead, unless another thread was faster; whose pins are the caller's. */
  final boolean replaceToken(final long held, final long next) {
    return TOKEN.compareAndSet(this, held, next);
  }

  @Override
  public final String toString() {
    return (token == MemoryPool.NO_BLOCK ? "closed handle of " : "handle of ") + key;
  }
}
