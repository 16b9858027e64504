package dev.slabmount.fuse.dev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.nativebindings.libfuse3.iovec;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A kernel that sends what a test says and keeps what it is sent. One thread. */
@SuppressWarnings("restricted") // it plays the kernel, which writes to addresses, too
final class FakeChannel implements Channel {
  /** How far behind a request the rest of the buffer is filled with {@link #left}. */
  private static final int TAIL = 512;

  final List<byte[]> sent = new ArrayList<>();
  byte[] next = {};

  /** What an earlier request has left in the buffer. */
  byte left;

  /** Planted bug: by how many bytes more than there are a request is said to be longer. */
  int overstated;

  /** What sending returns. */
  int errno;

  /** Whether sending has no memory left and throws. */
  boolean exhausted;

  @Override
  public long receive(MemorySegment capture, long address, long capacity) {
    MemorySegment buffer = MemorySegment.ofAddress(address).reinterpret(capacity);
    int length = (int) Math.min(next.length, capacity);
    MemorySegment.copy(next, 0, buffer, JAVA_BYTE, 0, length);
    buffer.asSlice(length, Math.min(TAIL, capacity - length)).fill(left);
    if (overstated > 0 && length >= Integer.BYTES && buffer.get(JAVA_INT, 0) == length) {
      buffer.set(JAVA_INT, 0, length + overstated);
    }
    return (long) length + overstated;
  }

  @Override
  public int send(MemorySegment capture, long address, long length) {
    if (exhausted) {
      throw new OutOfMemoryError("on purpose");
    }
    sent.add(bytes(address, length));
    return errno;
  }

  @Override
  public int gather(MemorySegment capture, long iov, int count) {
    MemorySegment vector = MemorySegment.ofAddress(iov).reinterpret(count * iovec.sizeof());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (long at = 0; at < vector.byteSize(); at += iovec.sizeof()) {
      all.writeBytes(
          bytes(
              vector.get(JAVA_LONG, at + iovec.iov_base$offset()),
              vector.get(JAVA_LONG, at + iovec.iov_len$offset())));
    }
    sent.add(all.toByteArray());
    return errno;
  }

  private static byte[] bytes(long address, long length) {
    return MemorySegment.ofAddress(address).reinterpret(length).toArray(JAVA_BYTE);
  }
}
