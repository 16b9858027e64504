package dev.slabmount.vfs;

import dev.slabmount.vfs.prefetch.Prefetcher;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The handles of open files: the inode's number in the lower half, and above it a number of its
 * own, which tells readers of one file apart for prefetching. Where the kernel opens files without
 * asking there are none: all handles are 0, and readers are told apart by inode.
 *
 * <p>Any thread.
 */
final class OpenFiles {

  /** What the kernel sends in place of a handle where nothing was opened. */
  static final long NEVER_OPENED = 0;

  private final KernelAgreement kernel;
  private final Prefetcher prefetcher;
  private final AtomicInteger lastNumber = new AtomicInteger();
  private final LongAdder count = new LongAdder();

  OpenFiles(final KernelAgreement kernel, final Prefetcher prefetcher) {
    this.kernel = kernel;
    this.prefetcher = prefetcher;
  }

  /** Opens a file and returns its handle. */
  long open(final long ino) {
    final long fh = ((long) lastNumber.incrementAndGet() << Integer.SIZE) | ino;
    count.increment();
    prefetcher.opened(fh, ino);
    return fh;
  }

  void close(final long fh) {
    count.decrement();
    prefetcher.closed(fh);
  }

  /** The kernel drops an inode: where files are not opened by requests, nobody reads it for now. */
  void forget(final long ino) {
    if (!kernel.announcesFiles()) {
      prefetcher.closed(ino);
    }
  }

  /** Whether the handle is one of this inode. */
  boolean fits(final long ino, final long fh) {
    return kernel.announcesFiles() ? (int) fh == ino : fh == NEVER_OPENED;
  }

  /** Bytes from {@code offset} on were read, or soon will be; at least 1, within the file. */
  void read(final long ino, final long fh, final long offset, final int length) {
    prefetcher.read(fh == NEVER_OPENED ? ino : fh, ino, offset, length);
  }

  /** How many files are open, now. */
  long count() {
    return count.sum();
  }
}
