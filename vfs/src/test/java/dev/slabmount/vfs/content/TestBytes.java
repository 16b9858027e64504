package dev.slabmount.vfs.content;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Content for tests. */
public final class TestBytes {

  private TestBytes() {}

  /** Always the same bytes for the same seed. */
  public static byte[] random(final long seed, final int length) {
    final byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** An object's content, for a put. */
  public static ContentSource source(final byte[] bytes) {
    return (offset, destination) -> {
      final long count = Math.max(0, Math.min(destination.byteSize(), bytes.length - offset));
      MemorySegment.copy(
          MemorySegment.ofArray(bytes), Math.min(offset, bytes.length), destination, 0, count);
      return (int) count;
    };
  }

  /** What a reader gives for a range, through off-heap memory. */
  public static byte[] read(
      final ContentReader reader,
      final ContentHash hash,
      final long objectLength,
      final long offset,
      final int room)
      throws ContentStoreException {
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment destination = arena.allocate(room);
      final int count = reader.read(hash, objectLength, offset, destination);
      return destination.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
