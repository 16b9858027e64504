package dev.slabmount.vfs.snapshot;

import dev.slabmount.nativebindings.file.EffectiveUser;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.Manifest;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
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
 * <p>Any thread. Memory: as long as the file, off the heap, and 9 to 17 bytes of heap for each row.
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

  /** More rows or hashes than any tree has, and so few that no sum overflows. */
  private static final long COUNT_MAX = 1 << 28;

  private final MemorySegment file;
  private final Cutting cutting;
  private final int rows;
  private final long hashes;

  /**
   * Number of a row + 1 at the place that its device and inode hash to, or at the next free one.
   */
  private final int[] table;

  /** Rows whose files were asked for, and those that a later row of the same file makes void. */
  private final boolean[] done;

  private FileIndex(final MemorySegment file, final Cutting cutting) {
    this.file = file;
    this.cutting = cutting;
    this.rows = Math.toIntExact(file.getAtIndex(LONG, 3));
    this.hashes = file.getAtIndex(LONG, 4);
    this.table = new int[Integer.highestOneBit(Math.max(1, rows)) << 2];
    this.done = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      final int place = place(field(row, 0), field(row, 1));
      if (table[place] != 0) {
        done[table[place] - 1] = true; // Another name of a file with several.
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
    String defect;
    try {
      defect = notOurs(FileStat.of(path));
      if (defect == null) {
        try (FileChannel channel =
            FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
          defect = headerDefect(channel, tree);
          if (defect == null) {
            final MemorySegment file = Arena.ofAuto().allocate(channel.size(), Long.BYTES);
            defect = readAndCheck(channel, file, cutting);
            if (defect == null) {
              return new FileIndex(file, cutting);
            }
          }
        }
      }
    } catch (final NoSuchFileException e) {
      return empty(cutting);
    } catch (final IOException e) {
      defect = ContentStoreException.reasonOf(e);
    }
    LOG.log(Level.WARNING, ignoring(path, defect));
    return empty(cutting);
  }

  /** Why a file is not to be opened, or null. Others could say anything, and a fifo nothing. */
  static @Nullable String notOurs(final FileStat stat) {
    if (!stat.isRegular()) {
      return "it is no plain file but a " + stat.typeName();
    }
    return stat.uid() == EffectiveUser.id() ? null : "it belongs to user " + stat.uid();
  }

  private static String ignoring(final Path path, final String why) {
    return "every file is read, for the index %s cannot be used: %s".formatted(path, why);
  }

  /** What is wrong with the first numbers and the length, or null. */
  private static @Nullable String headerDefect(final FileChannel channel, final ContentHash tree)
      throws IOException {
    final MemorySegment header =
        Arena.ofAuto().allocate((long) HEADER_LONGS * Long.BYTES, Long.BYTES);
    if (!readFully(channel, header, 0)) {
      return "it is cut off";
    }
    if (header.getAtIndex(LONG, 0) != MAGIC) {
      return "it is of another form";
    }
    if (!hashAt(header, 1).equals(tree)) {
      return "it is of another tree";
    }
    final long rows = header.getAtIndex(LONG, 3);
    final long hashes = header.getAtIndex(LONG, 4);
    final boolean fits =
        rows >= 0
            && rows <= COUNT_MAX
            && hashes >= 0
            && hashes <= COUNT_MAX
            && channel.size()
                == Long.BYTES * (HEADER_LONGS + rows * ROW_LONGS + (hashes + 1) * HASH_LONGS);
    return fits ? null : "its length is not what it should be";
  }

  /** Whether the file is long enough to fill the memory from here. */
  private static boolean readFully(
      final FileChannel channel, final MemorySegment memory, final long position)
      throws IOException {
    final ByteBuffer bytes = memory.asByteBuffer();
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Reads the file; what is wrong with it, or null. */
  private static @Nullable String readAndCheck(
      final FileChannel channel, final MemorySegment file, final Cutting cutting)
      throws IOException {
    final long end = file.byteSize() - HASH_LONGS * (long) Long.BYTES;
    final Xxh128 hasher = new Xxh128();
    for (long at = 0; at < file.byteSize(); at += PIECE_BYTES) {
      final long length = Math.min(PIECE_BYTES, file.byteSize() - at);
      if (!readFully(channel, file.asSlice(at, length), at)) {
        return "it is cut off";
      }
      if (at < end) {
        hasher.update(file.asSlice(at, Math.min(length, end - at)));
      }
    }
    if (!hasher.digest().equals(hashAt(file, end / Long.BYTES))) {
      return "it is damaged";
    }
    return rowDefect(file, cutting);
  }

  /** Whether each row has hashes that are there; a right checksum says nothing of that. */
  private static @Nullable String rowDefect(final MemorySegment file, final Cutting cutting) {
    final long rows = file.getAtIndex(LONG, 3);
    final long hashes = file.getAtIndex(LONG, 4);
    for (long row = 0; row < rows; row++) {
      final long length = file.getAtIndex(LONG, HEADER_LONGS + row * ROW_LONGS + 2);
      final long first = file.getAtIndex(LONG, HEADER_LONGS + (row + 1) * ROW_LONGS - 1);
      if (length < 0
          || first < 0
          || first > hashes
          || length / Manifest.CHUNK_BYTES >= COUNT_MAX
          || cutting.count(length) > hashes - first) {
        return "row " + row + " has no hashes";
      }
    }
    return null;
  }

  private static ContentHash hashAt(final MemorySegment file, final long index) {
    return new ContentHash(file.getAtIndex(LONG, index), file.getAtIndex(LONG, index + 1));
  }

  /** The hashes of a file that is still in the state that was recorded, else null. */
  @Nullable List<ContentHash> find(final FileStat stat) {
    final int row = table[place(stat.device(), stat.inode())] - 1;
    if (row < 0) {
      return null;
    }
    done[row] = true;
    return isState(row, row(stat))
        ? hashes(field(row, ROW_LONGS - 1), cutting.count(stat.length()))
        : null;
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

  /**
   * Hands on to an index that is being made what nobody asked for: what was asked for is added by
   * those who asked, if it is still so. To be called when they have ended.
   */
  void copyTo(final FileIndexBuilder builder) {
    final long[] row = new long[ROW_LONGS];
    for (int i = 0; i < rows; i++) {
      if (done[i]) {
        continue;
      }
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

  /** Where the row of a file is in the table, or would be. */
  private int place(final long device, final long inode) {
    final long mixed = (inode * 31 + device) * 0x9e37_79b9_7f4a_7c15L;
    int place = (int) (mixed >>> 32) & table.length - 1;
    for (int row = table[place]; row != 0; row = table[place]) {
      if (field(row - 1, 0) == device && field(row - 1, 1) == inode) {
        return place;
      }
      place = place + 1 & table.length - 1;
    }
    return place;
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
