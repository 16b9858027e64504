package dev.slabmount.vfs.content;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * An object file that is open.
 *
 * <p>It is not read through a {@link java.nio.channels.FileChannel}: to interrupt a thread in one
 * closes the channel, on the thread that interrupts, which then waits until the read has returned.
 * On a disk or a server that is gone it never does, and one stuck read would stop whoever looks
 * after stuck reads. An {@link AsynchronousFileChannel} knows no interrupts; its reads are done on
 * the thread that asks, and whether that one was interrupted is looked at between them.
 */
final class LocalStoredObject implements StoredObject {

  /** Between two looks at whether the thread was interrupted. */
  private static final int PIECE_BYTES = 1 << 20;

  private static final ExecutorService CALLER = new CallingThread();
  private static final Set<OpenOption> OPTIONS =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private final LocalContentStore store;
  private final ContentHash hash;
  private final Path file;
  private final ObjectVersion version;
  private final AsynchronousFileChannel channel;

  /** Runs what it is given at once. Never shut down. */
  private static final class CallingThread extends AbstractExecutorService {

    @Override
    public void execute(final Runnable task) {
      task.run();
    }

    @Override
    public void shutdown() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Runnable> shutdownNow() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(final long timeout, final TimeUnit unit) {
      return false;
    }
  }

  private LocalStoredObject(
      final LocalContentStore store,
      final ContentHash hash,
      final Path file,
      final ObjectVersion version,
      final AsynchronousFileChannel channel) {
    this.store = store;
    this.hash = hash;
    this.file = file;
    this.version = version;
    this.channel = channel;
  }

  /**
   * Opens a file, of which the version is known.
   *
   * @throws IOException if there is none, it is a symbolic link, or may not be read
   */
  static LocalStoredObject open(
      final LocalContentStore store,
      final ContentHash hash,
      final Path file,
      final ObjectVersion version)
      throws IOException {
    return new LocalStoredObject(
        store, hash, file, version, AsynchronousFileChannel.open(file, OPTIONS, CALLER));
  }

  @Override
  public ObjectVersion version() {
    return version;
  }

  @Override
  public ObjectVersion currentVersion() throws ContentStoreException {
    return store.version(hash, file);
  }

  @Override
  public int read(final long offset, final MemorySegment destination) throws ContentStoreException {
    final ByteBuffer buffer = destination.asByteBuffer();
    final int end = buffer.limit();
    int position = 0;
    try {
      while (position < end) {
        buffer.limit(Math.min(end, position + PIECE_BYTES));
        final int count = readOnce(offset + position, buffer);
        if (count <= 0) {
          break; // A regular file gives none only at its end.
        }
        position += count;
      }
    } catch (final IOException e) {
      throw store.unreadable(hash, file, e);
    }
    return position;
  }

  private int readOnce(final long offset, final ByteBuffer buffer) throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new ClosedByInterruptException();
    }
    final Future<Integer> done = channel.read(buffer, offset);
    if (done.state() == Future.State.SUCCESS) {
      return done.resultNow();
    }
    throw done.exceptionNow() instanceof IOException failure
        ? failure
        : new IOException(done.exceptionNow());
  }

  @Override
  public String place() {
    return file.toString();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (final IOException e) {
      // A file that was only read has nothing to lose by an error in closing it.
      LocalContentStore.LOG.log(System.Logger.Level.DEBUG, "closing " + file, e);
    }
  }
}
