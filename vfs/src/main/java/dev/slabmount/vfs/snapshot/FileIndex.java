package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.Xxh128;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier snapshot of the same tree found in its files: from the state of a file to the
 * hashes of its content. Read once from a file that {@link FileIndexBuilder} wrote.
 *
 * <pre>
 *   long      {@link #MAGIC}
 *   2 longs   the tree's {@linkplain IndexPlace identity}
 *   2 longs   how many rows, how many hashes
 *   rows      {@value #ROW_LONGS} longs each: device, inode, length, seconds and seconds of the
 *             modification and the change time, both nanoseconds in one, number of the first hash
 *   hashes    2 longs each; a file has as many as its length and the {@link Cutting} say
 *   2 longs   the hash of everything before
 * </pre>
 *
 * All numbers have their most significant byte first. A file that is not exactly that, down to its
 * last byte, is not used at all: an index saves time, and nothing else depends on it.
 *
 * <p>Immutable; any thread. Memory: as long as the file, off the heap, and 8 to 16 bytes of heap
 * for each row.
 */
final class FileIndex {

  /** Tells the form; another one gets another number. */
  static final long MAGIC = 0x736c_6162_6964_7831L; // "slabidx1"

  static final int HEADER_LONGS = 5;
  static final int ROW_LONGS = 7;
  static final int HASH_LONGS = 2;

  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

  private static final System.Logger LOG = System.getLogger(FileIndex.class.getName());
  private static final long PIECE_BYTES = 1 << 20;

  private final MemorySegment file;
  private final Cutting cutting;
  private final int rows;
  private final long hashes;

  /**
   * Number of a row + 1 at the place that its device and inode hash to, or at the next free one.
   */
  private final int[] table;

  private FileIndex(final MemorySegment file, final Cutting cutting) {
    this.file = file;
    this.cutting = cutting;
    this.rows = Math.toIntExact(file.getAtIndex(LONG, 3));
    this.hashes = file.getAtIndex(LONG, 4);
    this.table = new int[Integer.highestOneBit(Math.max(1, rows)) << 2];
    for (int row = 0; row < rows; row++) {
      int place = place(field(row, 0), field(row, 1));
      while (table[place] != 0) {
        place = place + 1 & table.length - 1;
      }
      table[place] = row + 1;
    }
  }

  /** An index that knows no file. */
  static FileIndex empty(final Cutting cutting) {
    return new FileIndex(MemorySegment.ofArray(new long[HEADER_LONGS + HASH_LONGS]), cutting);
  }

  /**
   * Reads an index, or knows nothing if there is none. One that is damaged, or of another tree, is
   * said in the log and knows nothing either.
   *
   * @param tree the tree's {@linkplain IndexPlace identity}, another one for each cutting
   * @param cutting how the files were cut whose hashes it has
   */
  static FileIndex read(final Path path, final ContentHash tree, final Cutting cutting) {
    final String defect;
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      final long length = channel.size();
      if (length < Long.BYTES * (HEADER_LONGS + HASH_LONGS)) {
        defect = "it is cut off";
      } else {
        final MemorySegment file = Arena.ofAuto().allocate(length, Long.BYTES);
        defect = readAndCheck(channel, file, tree);
        if (defect == null) {
          return new FileIndex(file, cutting);
        }
      }
    } catch (final NoSuchFileException e) {
      return empty(cutting);
    } catch (final IOException e) {
      LOG.log(Level.WARNING, ignoring(path, ContentStoreException.reasonOf(e)));
      return empty(cutting);
    }
    LOG.log(Level.WARNING, ignoring(path, defect));
    return empty(cutting);
  }

  private static String ignoring(final Path path, final String why) {
    return "every file is read, for the index %s cannot be used: %s".formatted(path, why);
  }

  /** What is wrong with the file, or null. */
  private static @Nullable String readAndCheck(
      final FileChannel channel, final MemorySegment file, final ContentHash tree)
      throws IOException {
    final long end = file.byteSize() - HASH_LONGS * (long) Long.BYTES;
    final Xxh128 hasher = new Xxh128();
    for (long at = 0; at < file.byteSize(); at += PIECE_BYTES) {
      final long length = Math.min(PIECE_BYTES, file.byteSize() - at);
      final var bytes = file.asSlice(at, length).asByteBuffer();
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, at + bytes.position()) < 0) {
          return "it is cut off";
        }
      }
      if (at < end) {
        hasher.update(file.asSlice(at, Math.min(length, end - at)));
      }
    }
    if (file.getAtIndex(LONG, 0) != MAGIC) {
      return "it is of another form";
    }
    if (!hasher.digest().equals(hashAt(file, end / Long.BYTES))) {
      return "it is damaged";
    }
    if (!hashAt(file, 1).equals(tree)) {
      return "it is of another tree";
    }
    return null;
  }

  private static ContentHash hashAt(final MemorySegment file, final long index) {
    return new ContentHash(file.getAtIndex(LONG, index), file.getAtIndex(LONG, index + 1));
  }

  /** The hashes of a file that is still in the state that was recorded, else null. */
  @Nullable List<ContentHash> find(final FileStat stat) {
    final long[] state = row(stat);
    int place = place(stat.device(), stat.inode());
    for (int row = table[place]; row != 0; row = table[place]) {
      if (isState(row - 1, state)) {
        return hashes(field(row - 1, ROW_LONGS - 1), cutting.count(stat.length()));
      }
      place = place + 1 & table.length - 1;
    }
    return null;
  }

  private boolean isState(final int row, final long[] state) {
    for (int field = 0; field < ROW_LONGS - 1; field++) {
      if (field(row, field) != state[field]) {
        return false;
      }
    }
    return true;
  }

  private List<ContentHash> hashes(final long first, final int count) {
    Objects.checkFromIndexSize(first, count, hashes);
    final List<ContentHash> all = new ArrayList<>(count);
    for (long i = first; i < first + count; i++) {
      all.add(hashAt(file, HEADER_LONGS + (long) rows * ROW_LONGS + i * HASH_LONGS));
    }
    return all;
  }

  /** Hands everything on to an index that is being made. */
  void copyTo(final FileIndexBuilder builder) {
    final long[] row = new long[ROW_LONGS];
    for (int i = 0; i < rows; i++) {
      for (int field = 0; field < ROW_LONGS; field++) {
        row[field] = field(i, field);
      }
      builder.add(row, hashes(row[ROW_LONGS - 1], cutting.count(row[2])));
    }
  }

  /** How the files were cut whose hashes it has. */
  Cutting cutting() {
    return cutting;
  }

  /** How many files it knows. */
  int size() {
    return rows;
  }

  private long field(final int row, final int field) {
    return file.getAtIndex(LONG, HEADER_LONGS + (long) row * ROW_LONGS + field);
  }

  private int place(final long device, final long inode) {
    final long mixed = (inode * 31 + device) * 0x9e37_79b9_7f4a_7c15L;
    return (int) (mixed >>> 32) & table.length - 1;
  }

  /** A row for a file in this state, its last number still 0. */
  static long[] row(final FileStat stat) {
    final Instant modified = stat.modified().toInstant();
    final Instant changed = stat.changed().toInstant();
    final long nanos = (long) modified.getNano() << 32 | changed.getNano();
    return new long[] {
      stat.device(),
      stat.inode(),
      stat.length(),
      modified.getEpochSecond(),
      changed.getEpochSecond(),
      nanos,
      0
    };
  }
}
