package dev.slabmount.vfs.read;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Slices;
import dev.slabmount.vfs.tree.InodeTree;
import java.util.function.BooleanSupplier;

/**
 * Answers reads straight out of slots, while it holds their pins.
 *
 * <p>Any thread. Allocates nothing, but for a read of more blocks than the request's {@link Slices}
 * ever held.
 */
final class PoolReplies {

  /** Asked before an answer that only the one asking can give. */
  static final BooleanSupplier ALWAYS = () -> true;

  private final InodeTree tree;
  private final FileLayout layout;
  private final MemoryPool pool;

  PoolReplies(final InodeTree tree, final FileLayout layout, final MemoryPool pool) {
    this.tree = tree;
    this.layout = layout;
    this.pool = pool;
  }

  /** Replies if every block is in the pool. */
  boolean reply(final Request request, final long ino, final long offset, final int count) {
    if (layout.blocksTouched(offset, count) > 1) {
      return replyGathering(request, ino, offset, count, ALWAYS);
    }
    final int object = layout.object(ino, offset);
    final long token = pin(ino, object, layout.block(object, offset));
    if (token == MemoryPool.NO_BLOCK) {
      return false;
    }
    try {
      request.reply().data(pool.address(token) + layout.withinBlock(offset), count);
    } finally {
      pool.unpin(token);
    }
    return true;
  }

  /**
   * Replies from several blocks if all are in the pool together.
   *
   * @param mayReply asked once all of them are pinned; nothing is sent if it says no
   * @return whether all of them were there
   */
  boolean replyGathering(
      final Request request,
      final long ino,
      final long offset,
      final int count,
      final BooleanSupplier mayReply) {
    final Slices slices = request.slices().clear();
    try {
      long position = offset;
      int left = count;
      while (left > 0) {
        final int object = layout.object(ino, position);
        final long token = pin(ino, object, layout.block(object, position));
        if (token == MemoryPool.NO_BLOCK) {
          return false;
        }
        final int length = layout.lengthInBlock(position, left);
        slices.add(pool.address(token) + layout.withinBlock(position), length, token);
        position += length;
        left -= length;
      }
      if (mayReply.getAsBoolean()) {
        request.reply().slices(slices);
      }
      return true;
    } finally {
      for (int i = 0; i < slices.count(); i++) {
        pool.unpin(slices.tag(i));
      }
    }
  }

  /**
   * Pins a block if it is in the pool and as long as the manifest says here. One hash may be listed
   * with two sizes; whoever loads first decides the length, and the other must not read beyond it.
   */
  long pin(final long ino, final int object, final long block) {
    if (block > Integer.MAX_VALUE) {
      return MemoryPool.NO_BLOCK;
    }
    final long token =
        pool.pin(tree.objectHigh(ino, object), tree.objectLow(ino, object), (int) block);
    if (token != MemoryPool.NO_BLOCK
        && pool.length(token) != layout.blockLength(ino, object, block)) {
      pool.unpin(token);
      return MemoryPool.NO_BLOCK;
    }
    return token;
  }
}
