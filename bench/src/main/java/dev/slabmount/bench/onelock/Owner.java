package dev.slabmount.bench.onelock;

import org.jspecify.annotations.Nullable;

/**
 * All blocks of one inode or of one content, as a doubly linked list through the blocks, so that
 * removing them costs what is removed.
 *
 * <p>Guarded by the pool's lock.
 */
final class Owner {
  /** Which inode or content. */
  record Key(boolean inodeKeyed, long high, long low) {}

  final Key key;
  private @Nullable Block first;
  private int count;

  Owner(final Key key) {
    this.key = key;
  }

  void add(final Block block) {
    block.owner = this;
    block.nextOfOwner = first;
    if (first != null) {
      first.previousOfOwner = block;
    }
    first = block;
    count++;
  }

  void remove(final Block block) {
    if (block.previousOfOwner == null) {
      first = block.nextOfOwner;
    } else {
      block.previousOfOwner.nextOfOwner = block.nextOfOwner;
    }
    if (block.nextOfOwner != null) {
      block.nextOfOwner.previousOfOwner = block.previousOfOwner;
    }
    block.owner = null;
    block.previousOfOwner = null;
    block.nextOfOwner = null;
    count--;
  }

  @Nullable Block first() {
    return first;
  }

  int count() {
    return count;
  }
}
