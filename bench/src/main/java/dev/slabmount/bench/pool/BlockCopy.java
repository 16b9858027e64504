package dev.slabmount.bench.pool;

import java.lang.foreign.MemorySegment;

/** Copy 64 KiB into the place of a random block, without any pool. */
final class BlockCopy implements Work {
  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

  private final long[] addresses;
  private final MemorySegment source = Memory.allocate(Pools.BLOCK_BYTES);
  private long state = System.identityHashCode(this);

  BlockCopy(long[] addresses) {
    this.addresses = addresses;
  }

  @Override
  public void batch(int[] draws, int from) {
    for (int i = 0; i < BATCH; i++) {
      state = state * MULTIPLIER + 1;
      int block = (int) Math.unsignedMultiplyHigh(state, addresses.length);
      MemorySegment.copy(source, 0, Memory.ALL, addresses[block], Pools.BLOCK_BYTES);
    }
  }
}
