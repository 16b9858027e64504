package dev.slabmount.fuse.dev;

import dev.slabmount.fuse.Errno;
import dev.slabmount.nativebindings.Libc;
import java.lang.foreign.MemorySegment;

/**
 * A descriptor of {@code /dev/fuse}. A request is one {@code read}, an answer one {@code write} or
 * {@code writev}, which the kernel takes whole or refuses ({@code fuse_dev_read}, {@code
 * fuse_dev_write} of Linux's {@code fs/fuse/dev.c}).
 */
final class DescriptorChannel implements Channel {
  private static final int CLOSED = -1;

  // Written before the workers are started, and after they have ended.
  private int descriptor = CLOSED;

  /** Requests come from this descriptor from now on. */
  void open(int fd) {
    descriptor = fd;
  }

  /** The descriptor is about to be closed. */
  void close() {
    descriptor = CLOSED;
  }

  @Override
  public long receive(MemorySegment errno, long address, long capacity) {
    long received = Libc.read(errno, descriptor, address, capacity);
    return received >= 0 ? received : -reason(errno);
  }

  @Override
  public int send(MemorySegment errno, long address, long length) {
    return Libc.write(errno, descriptor, address, length) >= 0 ? 0 : reason(errno);
  }

  @Override
  public int gather(MemorySegment errno, long iov, int count) {
    return Libc.writev(errno, descriptor, iov, count) >= 0 ? 0 : reason(errno);
  }

  private static int reason(MemorySegment errno) {
    int reason = Libc.errno(errno);
    return reason == 0 ? Errno.EIO : reason;
  }
}
