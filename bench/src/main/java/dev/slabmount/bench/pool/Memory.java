package dev.slabmount.bench.pool;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory by its address, as native callers of the pin face have it. Any thread. */
@SuppressWarnings("restricted") // addresses of pinned blocks, which the pool vouches for
final class Memory {
  /** All of it. */
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final int PAGE_BYTES = 4 << 10;

  private Memory() {}

  /** Bytes that stay until the process ends, aligned to a page and touched. */
  static MemorySegment allocate(long bytes) {
    MemorySegment memory = Arena.global().allocate(bytes, PAGE_BYTES);
    memory.fill((byte) 1);
    return memory;
  }
}
