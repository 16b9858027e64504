package dev.slabmount.core.pool;

/** A kind of pool: how to make one, and how to look inside it. */
public interface PoolKind {
  /** Makes a pool; may set in {@code config} what makes its kind. */
  MemoryPool create(MemoryPoolConfig.Builder config);

  /** Checks that a pool that nobody uses is sound inside, down to the last slot. */
  void audit(MemoryPool pool);
}
