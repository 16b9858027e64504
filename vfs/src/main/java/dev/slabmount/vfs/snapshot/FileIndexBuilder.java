package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.Xxh128;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Collects the rows of a {@link FileIndex} and writes them.
 *
 * <p><b>Threads:</b> any may add; {@link #write} comes after that. Memory: 72 bytes for each file,
 * twice that while it grows.
 */
final class FileIndexBuilder {

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final int BUFFER_BYTES = 1 << 18;

  private long[] rows = new long[16 * FileIndex.ROW_LONGS];
  private int rowsLength;
  private long[] hashes = new long[16 * FileIndex.HASH_LONGS];
  private int hashesLength;

  /** Adds what was found in a file. */
  void add(final FileStat stat, final List<ContentHash> found) {
    add(FileIndex.row(stat), found);
  }

  /** Adds a row, whose last number is set anew. */
  synchronized void add(final long[] row, final List<ContentHash> found) {
    rows = withRoom(rows, rowsLength + FileIndex.ROW_LONGS);
    System.arraycopy(row, 0, rows, rowsLength, FileIndex.ROW_LONGS);
    rowsLength += FileIndex.ROW_LONGS;
    rows[rowsLength - 1] = hashesLength / FileIndex.HASH_LONGS;
    hashes = withRoom(hashes, hashesLength + found.size() * FileIndex.HASH_LONGS);
    for (final ContentHash hash : found) {
      hashes[hashesLength++] = hash.high();
      hashes[hashesLength++] = hash.low();
    }
  }

  private static long[] withRoom(final long[] array, final int length) {
    return length <= array.length ? array : Arrays.copyOf(array, length + length / 2);
  }

  /**
   * Writes the index to a new file, for the owner alone. Not flushed to the disk: what a loss of
   * power leaves of it is found to be damaged.
   */
  synchronized void write(final Path file, final ContentHash tree) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
      final Output out = new Output(channel);
      out.add(
          new long[] {
            FileIndex.MAGIC,
            tree.high(),
            tree.low(),
            rowsLength / FileIndex.ROW_LONGS,
            hashesLength / FileIndex.HASH_LONGS
          },
          FileIndex.HEADER_LONGS);
      out.add(rows, rowsLength);
      out.add(hashes, hashesLength);
      out.end();
    }
  }

  /** Hashes what it writes. */
  private static final class Output {
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final Xxh128 hasher = new Xxh128();

    Output(final FileChannel channel) {
      this.channel = channel;
    }

    void add(final long[] values, final int length) throws IOException {
      for (int i = 0; i < length; i++) {
        if (!buffer.hasRemaining()) {
          flush();
        }
        buffer.putLong(values[i]);
      }
    }

    void end() throws IOException {
      flush();
      final ContentHash digest = hasher.digest();
      buffer.putLong(digest.high()).putLong(digest.low());
      flush();
    }

    private void flush() throws IOException {
      buffer.flip();
      hasher.update(MemorySegment.ofBuffer(buffer));
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      buffer.clear();
    }
  }
}
