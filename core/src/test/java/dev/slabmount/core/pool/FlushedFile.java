package dev.slabmount.core.pool;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what is flushed, by inode and block, and remembers which runs it was given. */
final class FlushedFile implements BlockWriteBack {
  private final Map<BlockKey, byte[]> blocks = new ConcurrentHashMap<>();
  private final List<String> runs = new CopyOnWriteArrayList<>();

  @Override
  public void writeBack(final long inode, final int block, final DirtyRuns dirty) {
    final List<String> seen = new ArrayList<>();
    blocks.compute(
        BlockKey.ofInode(inode, block),
        (key, old) -> {
          final byte[] bytes = Arrays.copyOf(old == null ? new byte[0] : old, dirty.blockLength());
          for (int run = 0; run < dirty.count(); run++) {
            final MemorySegment source = dirty.bytes(run);
            final int offset = dirty.offset(run);
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, bytes, offset, dirty.length(run));
            seen.add(offset + "+" + dirty.length(run));
          }
          return bytes;
        });
    runs.add(String.join(",", seen));
  }

  /** A block as it was flushed last; empty if it never was. */
  byte[] bytes(final long inode, final int block) {
    return blocks.getOrDefault(BlockKey.ofInode(inode, block), new byte[0]);
  }

  /** Each call, as {@code offset+length,offset+length}. */
  List<String> runs() {
    return runs;
  }
}
