package dev.slabmount.vfs.content;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes objects into a folder.
 *
 * <p>An object is written under a temporary name in the folder where it will stay, hashed on the
 * way, flushed to the disk and then renamed. So whatever has an object's name was whole when it got
 * it, even if the power fails in between; whether a name itself has reached the disk is known only
 * after {@link #sync}, which flushes the folder once. Objects of more than 1 MiB are flushed and
 * renamed one by one, smaller ones in {@linkplain ObjectGroup groups}.
 *
 * <p>Two puts of one object in one writer happen one after the other, and the second finds the
 * first one's. Two in different processes may both write; the later one finds that out before it
 * publishes, or replaces the first one's file with the same bytes.
 */
final class LocalObjectWriter implements ObjectWriter {

  private static final int BUFFER_BYTES = 256 << 10;

  private final LocalContentStore store;
  private final WriterLock lock;
  private final long run = new SecureRandom().nextLong();
  private final AtomicLong lastNumber = new AtomicLong();
  private final Set<Path> unfinished = ConcurrentHashMap.newKeySet();
  private final ObjectGroup group;
  private final ConcurrentMap<ContentHash, CountDownLatch> beingPut = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Scratch> idleScratch = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /** Memory for one put at a time. Freed by the collector, so close need not wait for anybody. */
  private record Scratch(MemorySegment buffer, Xxh128 hasher) {

    Scratch() {
      this(Arena.ofAuto().allocate(BUFFER_BYTES), new Xxh128());
    }
  }

  LocalObjectWriter(final LocalContentStore store, final WriterLock lock) {
    this.store = store;
    this.lock = lock;
    this.group = new ObjectGroup(store.data(), this::publishWaiting);
  }

  @Override
  public boolean put(final ContentHash hash, final long length, final ContentSource source)
      throws IOException {
    while (!isStored(hash, length)) {
      final CountDownLatch mine = new CountDownLatch(1);
      final CountDownLatch other = beingPut.putIfAbsent(hash, mine);
      if (other != null) {
        await(other);
        continue;
      }
      try {
        // Whoever put it just now has published it, or let it wait, before leaving beingPut.
        if (isStored(hash, length)) {
          return false;
        }
        return write(hash, length, source);
      } finally {
        beingPut.remove(hash, mine);
        mine.countDown();
      }
    }
    return false;
  }

  private static void await(final CountDownLatch other) throws InterruptedIOException {
    try {
      other.await();
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while another thread stored the same object");
    }
  }

  @Override
  public boolean isStored(final ContentHash hash, final long length) throws ContentStoreException {
    final ObjectGroup.Waiting waiting = group.find(hash);
    return waiting != null ? waiting.length() == length : isPublished(hash, length);
  }

  private boolean isPublished(final ContentHash hash, final long length)
      throws ContentStoreException {
    final FileStat there = present(hash);
    return there != null && there.isRegular() && there.length() == length;
  }

  private @Nullable FileStat present(final ContentHash hash) throws ContentStoreException {
    final Path file = store.file(hash);
    try {
      return FileStat.of(file);
    } catch (final NoSuchFileException e) {
      return null;
    } catch (final IOException e) {
      throw store.unreadable(hash, file, e);
    }
  }

  private boolean write(final ContentHash hash, final long length, final ContentSource source)
      throws IOException {
    final Path temporary =
        store.data().resolve(WriterLock.unfinishedName(run, lastNumber.incrementAndGet()));
    unfinished.add(temporary);
    boolean filled = false;
    try {
      requireOpen(hash);
      fill(temporary, hash, length, source);
      filled = true;
    } finally {
      if (!filled) {
        discard(temporary);
      }
    }
    final ObjectGroup.Waiting object = new ObjectGroup.Waiting(hash, length, temporary);
    if (length > ObjectGroup.OBJECT_BYTES_MAX) {
      publishWaiting(object);
    } else {
      group.add(object);
    }
    return true;
  }

  /** Gives an object its name, unless another process has just published the same. */
  private void publishWaiting(final ObjectGroup.Waiting object) throws ContentStoreException {
    try {
      requireOpen(object.hash());
      if (!isPublished(object.hash(), object.length())) {
        publish(object.temporary(), object.hash());
        unfinished.remove(object.temporary());
      }
    } finally {
      if (unfinished.contains(object.temporary())) {
        discard(object.temporary());
      }
    }
  }

  private void requireOpen(final ContentHash hash) throws ContentStoreException {
    if (closed) {
      throw new ContentStoreException("cannot write object " + hash + ": the run was ended");
    }
  }

  private void publish(final Path temporary, final ContentHash hash) throws ContentStoreException {
    final FileStat replaced = present(hash);
    if (replaced != null) {
      LocalContentStore.LOG.log(
          Level.WARNING,
          "replacing {0}, a {1} of {2} bytes, which is not the object of its name",
          store.file(hash),
          replaced.typeName(),
          String.valueOf(replaced.length()));
    }
    try {
      Files.move(temporary, store.file(hash), StandardCopyOption.ATOMIC_MOVE);
    } catch (final IOException e) {
      throw unwritable(hash, e);
    }
  }

  private void fill(
      final Path temporary, final ContentHash hash, final long length, final ContentSource source)
      throws IOException {
    final Scratch idle = idleScratch.poll();
    final Scratch scratch = idle != null ? idle : new Scratch();
    try (FileChannel channel = create(temporary, hash)) {
      scratch.hasher.reset();
      long offset = 0;
      int count;
      while ((count = source.read(offset, scratch.buffer)) > 0) {
        final MemorySegment piece = scratch.buffer.asSlice(0, count);
        scratch.hasher.update(piece);
        append(channel, piece, hash);
        offset += count;
      }
      final ContentHash found = scratch.hasher.digest();
      if (offset != length || !found.equals(hash)) {
        throw new SourceChangedException(
            "expected %d bytes with the hash %s, got %d with %s"
                .formatted(length, hash, offset, found));
      }
      finish(channel, hash, length > ObjectGroup.OBJECT_BYTES_MAX);
    } finally {
      idleScratch.add(scratch);
    }
  }

  private FileChannel create(final Path temporary, final ContentHash hash)
      throws ContentStoreException {
    try {
      return FileChannel.open(
          temporary,
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);
    } catch (final IOException e) {
      throw unwritable(hash, e);
    }
  }

  private void append(final FileChannel channel, final MemorySegment piece, final ContentHash hash)
      throws ContentStoreException {
    requireOpen(hash);
    final ByteBuffer bytes = piece.asByteBuffer();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (final IOException e) {
      throw unwritable(hash, e);
    }
  }

  /**
   * Flushes, if wanted, and closes; closing here and not on the way out tells its errors from the
   * source's.
   */
  private void finish(final FileChannel channel, final ContentHash hash, final boolean flushed)
      throws ContentStoreException {
    try {
      if (flushed) {
        channel.force(false);
      }
      channel.close();
    } catch (final IOException e) {
      throw unwritable(hash, e);
    }
  }

  private ContentStoreException unwritable(final ContentHash hash, final IOException failure) {
    return new ContentStoreException(
        "cannot write object %s to %s: %s"
            .formatted(hash, store.data(), ContentStoreException.reasonOf(failure)),
        failure);
  }

  @Override
  public void sync() throws ContentStoreException {
    group.publish();
    flushFolder(store.data());
    flushFolder(store.root());
  }

  private static void flushFolder(final Path folder) throws ContentStoreException {
    try {
      LocalContentStore.flushFolder(folder);
    } catch (final IOException e) {
      throw new ContentStoreException(
          "cannot flush %s: %s".formatted(folder, ContentStoreException.reasonOf(e)), e);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    group.close();
    unfinished.forEach(this::discard);
    lock.release();
  }

  private void discard(final Path temporary) {
    try {
      Files.deleteIfExists(temporary);
      unfinished.remove(temporary);
    } catch (final IOException e) {
      LocalContentStore.LOG.log(Level.WARNING, "an unfinished object stays behind", e);
    }
  }
}
