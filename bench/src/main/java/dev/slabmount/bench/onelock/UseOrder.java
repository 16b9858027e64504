package dev.slabmount.bench.onelock;

import org.jspecify.annotations.Nullable;

/**
 * Blocks without a pin in the order of their last use: a doubly linked list through the blocks. A
 * block leaves it with its first pin and comes back, as the newest, with the end of its last; so
 * the oldest one can always go, and eviction never walks past a block that cannot.
 *
 * <p>Guarded by the pool's lock; everything costs the same however many blocks there are.
 */
final class UseOrder {
  private @Nullable Block oldest;
  private @Nullable Block newest;

  @Nullable Block oldest() {
    return oldest;
  }

  void addNewest(final Block block) {
    assert block.order == null : "listed twice: " + block.key();
    block.order = this;
    block.older = newest;
    if (newest == null) {
      oldest = block;
    } else {
      newest.newer = block;
    }
    newest = block;
  }

  void remove(final Block block) {
    assert block.order == this : "in another order: " + block.key();
    if (block.older == null) {
      oldest = block.newer;
    } else {
      block.older.newer = block.newer;
    }
    if (block.newer == null) {
      newest = block.older;
    } else {
      block.newer.older = block.older;
    }
    block.order = null;
    block.older = null;
    block.newer = null;
  }
}
