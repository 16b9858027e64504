package dev.slabmount.core.pool;

import java.lang.foreign.MemorySegment;

/**
 * The pages of one block that need flushing, as runs of neighbouring pages in ascending order.
 *
 * <p>Valid, with everything that it gave out, until the {@link BlockWriteBack} that got it returns.
 * For that one thread and those that it hands the runs to.
 */
public interface DirtyRuns {
  /** How many runs there are. */
  int count();

  /** Where in the block this run begins: a multiple of {@link BlockPages#PAGE_BYTES}, in bytes. */
  int offset(int run);

  /**
   * Bytes in this run: whole pages, but for the block's last page, which ends at the {@linkplain
   * #blockLength block's end}. Never 0.
   */
  int length(int run);

  /**
   * The bytes of this run: a read-only view of the pool's memory, which may be written meanwhile. A
   * page that is written while it is read here needs flushing again afterwards.
   */
  MemorySegment bytes(int run);

  /** The length of the block when its flush began, in bytes. */
  int blockLength();
}
