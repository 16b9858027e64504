package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.SourceChangedException;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.snapshot.ScannedTree.ScannedFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Reads files and puts their content into a store.
 *
 * <h2>Hash first, write what is missing</h2>
 *
 * A file of up to 1 MiB is read once, into memory, and stored from there. A larger one (or each
 * chunk of it) is read once to be hashed, and a second time only if the store lacks that hash. The
 * other way round, writing a temporary copy while hashing and throwing it away if it turns out to
 * be known, reads once always but writes every byte of the tree in every snapshot, and needs room
 * for it; most snapshots are of trees whose content is mostly known. The second read usually comes
 * from the page cache, since at most 256 MiB for each thread lie between the two, or one file if
 * files are not {@linkplain Cutting cut}. That both reads saw the same bytes is not assumed: the
 * store hashes what it writes.
 *
 * <h2>Files that change</h2>
 *
 * A file counts as unchanged if device, inode, length, modification and change time are the same
 * before it is opened and after its last byte was read. Two changes within one tick of the kernel's
 * clock leave the same times, so a file that was changed just before is let {@linkplain
 * FileStat#isSettled settle} first. Otherwise it is read again, {@value #ATTEMPTS} times in all.
 *
 * <p><b>Threads:</b> one. Owns 1 MiB of memory off the heap until closed.
 */
final class FileStorer implements AutoCloseable {

  static final int ATTEMPTS = 4;

  private static final int BUFFER_BYTES = 1 << 20;
  private static final int OWNER_MAY_EXECUTE = 0100;
  private static final int SETTLE_LOOKS = 100;
  private static final long SETTLE_NANOS = 1_000_000;
  private static final long FIRST_PAUSE_NANOS = 50_000_000;

  private final ObjectWriter writer;
  private final KnownFiles known;
  private final Cutting cutting;
  private final SnapshotProgress progress;
  private final BooleanSupplier cancelled;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES);
  private final Xxh128 hasher = new Xxh128();

  FileStorer(
      final ObjectWriter writer,
      final KnownFiles known,
      final SnapshotProgress progress,
      final BooleanSupplier cancelled) {
    this.writer = writer;
    this.known = known;
    this.cutting = known.cutting();
    this.progress = progress;
    this.cancelled = cancelled;
  }

  /**
   * Stores a whole file, all chunks of it one after the other.
   *
   * @throws java.nio.file.NoSuchFileException if it has vanished
   * @throws SourceChangedException if it changed during every attempt
   * @throws dev.slabmount.vfs.content.ContentStoreException if the store cannot take it
   * @throws InterruptedIOException if the snapshot was cancelled
   * @throws IOException if it cannot be read
   */
  FileEntry store(final ScannedFile file) throws IOException {
    for (int attempt = 1; ; attempt++) {
      long done = 0;
      try {
        final FileStat before = settledStat(file.file(), FileStat::isSettled);
        final int chunks = cutting.count(before.length());
        final List<ContentHash> hashes = new ArrayList<>(chunks);
        for (int chunk = 0; chunk < chunks; chunk++) {
          hashes.add(storeChunk(file, before, chunk));
          done += cutting.length(before.length(), chunk);
        }
        return finish(file, before, hashes);
      } catch (final SourceChangedException e) {
        progress.addBytes(-done);
        if (attempt == ATTEMPTS) {
          throw e;
        }
        LockSupport.parkNanos(attempt * FIRST_PAUSE_NANOS);
      }
    }
  }

  /**
   * Stores one chunk of a file, or all of a file that is not cut.
   *
   * @param before the file as it should still be
   * @throws SourceChangedException if the chunk has changed in the meantime
   * @throws IOException as {@link #store}
   */
  ContentHash storeChunk(final ScannedFile file, final FileStat before, final int chunk)
      throws IOException {
    final long start = cutting.start(chunk);
    final long length = cutting.length(before.length(), chunk);
    long hashed = 0;
    try (FileChannel channel =
        FileChannel.open(file.file(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      hasher.reset();
      int count;
      do {
        requireNotCancelled();
        count = read(channel, start + hashed, part(buffer, length - hashed));
        hasher.update(part(buffer, count));
        hashed += count;
        progress.addBytes(count);
      } while (count > 0 && hashed < length);
      if (hashed != length) {
        throw changed();
      }
      final ContentHash hash = hasher.digest();
      final boolean written =
          length <= BUFFER_BYTES
              ? writer.put(hash, length, (offset, to) -> copy(length, offset, to))
              : writer.put(
                  hash,
                  length,
                  (offset, to) -> read(channel, start + offset, part(to, length - offset)));
      progress.addObject(length, written);
      return hash;
    } catch (final SourceChangedException e) {
      progress.addBytes(-hashed);
      throw e;
    }
  }

  /**
   * The file as an entry, if it is still what it was; it is known from then on.
   *
   * @throws SourceChangedException if it is not
   */
  FileEntry finish(final ScannedFile file, final FileStat before, final List<ContentHash> hashes)
      throws IOException {
    if (!FileStat.of(file.file()).isSameContentAs(before)) {
      throw changed();
    }
    known.remember(file, before, hashes);
    progress.addFileRead();
    return entry(file, before, hashes);
  }

  /** A file in a known state as an entry. */
  static FileEntry entry(
      final ScannedFile file, final FileStat stat, final List<ContentHash> hashes) {
    return new FileEntry(
        file.path(), stat.length(), Timestamps.micros(stat.modified()), isRunnable(stat), hashes);
  }

  /** Whether its owner may execute it. */
  static boolean isRunnable(final FileStat stat) {
    return (stat.mode() & OWNER_MAY_EXECUTE) != 0;
  }

  /**
   * The file's state at a moment from which on every change will show in it.
   *
   * @param isSettled tells such a state
   * @throws SourceChangedException if there is no such moment for a while, because the file is
   *     being written all the time
   */
  static FileStat settledStat(final Path file, final Predicate<FileStat> isSettled)
      throws IOException {
    for (int look = 0; look < SETTLE_LOOKS; look++) {
      final FileStat stat = FileStat.of(file);
      if (!stat.isRegular()) {
        throw new IOException("it has become a " + stat.typeName() + "; take the snapshot again");
      }
      if (isSettled.test(stat)) {
        return stat;
      }
      LockSupport.parkNanos(SETTLE_NANOS);
    }
    throw changed();
  }

  private static SourceChangedException changed() {
    return new SourceChangedException("it changed while it was being read");
  }

  private void requireNotCancelled() throws InterruptedIOException {
    if (cancelled.getAsBoolean()) {
      throw new InterruptedIOException("cancelled");
    }
  }

  /** From the buffer, which holds all of the object. */
  private int copy(final long length, final long offset, final MemorySegment destination) {
    final long count = Math.min(length - offset, destination.byteSize());
    MemorySegment.copy(buffer, offset, destination, 0, count);
    return (int) count;
  }

  private int read(final FileChannel channel, final long position, final MemorySegment destination)
      throws IOException {
    requireNotCancelled();
    final ByteBuffer bytes = destination.asByteBuffer();
    while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) > 0) {
      // A plain file gives nothing only at its end.
    }
    progress.addBytesRead(bytes.position());
    return bytes.position();
  }

  private static MemorySegment part(final MemorySegment segment, final long length) {
    return segment.asSlice(0, Math.min(segment.byteSize(), length));
  }

  @Override
  public void close() {
    arena.close();
  }
}
