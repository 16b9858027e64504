package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.content.ContentHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Files and links as columns of primitives: about 60 bytes and the name for each, where an object
 * with its strings would take several hundred. Rows are numbered in the order of their addition and
 * never change.
 */
final class EntryColumns {

  private static final byte LINK = 1;
  private static final byte RUNNABLE = 2;
  private static final byte CHUNKED = 4;

  private static final int INITIAL_ROWS = 64;

  /** A little below the largest array that HotSpot can make. */
  private static final long ARRAY_LENGTH_MAX = Integer.MAX_VALUE - 8;

  private int count;
  private int[] directories = new int[INITIAL_ROWS];
  private int[] nameEnds = new int[INITIAL_ROWS];
  private byte[] names = new byte[INITIAL_ROWS * 16];
  private byte[] flags = new byte[INITIAL_ROWS];
  private long[] sizes = new long[INITIAL_ROWS];
  private long[] mtimes = new long[INITIAL_ROWS];

  /**
   * The hash's upper half; for a chunked file the place of its first chunk; for a link its target.
   */
  private long[] highs = new long[INITIAL_ROWS];

  /** The hash's lower half; for a chunked file the number of its chunks. */
  private long[] lows = new long[INITIAL_ROWS];

  private final List<ContentHash> chunks = new ArrayList<>();
  private final List<String> targets = new ArrayList<>();

  int count() {
    return count;
  }

  /**
   * Appends a file.
   *
   * @param directory the caller's number of its parent
   * @throws ManifestException if all names together exceed 2 GiB
   */
  void addFile(final int directory, final FileEntry file) throws ManifestException {
    final int row = addRow(directory, file.path());
    sizes[row] = file.size();
    mtimes[row] = file.mtimeMicros();
    flags[row] = file.runnable() ? RUNNABLE : 0;
    if (file.hashes().size() == 1) {
      highs[row] = file.hashes().getFirst().high();
      lows[row] = file.hashes().getFirst().low();
    } else {
      flags[row] |= CHUNKED;
      highs[row] = chunks.size();
      lows[row] = file.hashes().size();
      chunks.addAll(file.hashes());
    }
  }

  /** Appends a link; as {@link #addFile}. */
  void addLink(final int directory, final SymlinkEntry link) throws ManifestException {
    final int row = addRow(directory, link.path());
    flags[row] = LINK;
    highs[row] = targets.size();
    targets.add(link.target());
  }

  int directory(final int row) {
    return directories[row];
  }

  boolean isLink(final int row) {
    return (flags[row] & LINK) != 0;
  }

  String name(final int row) {
    final int start = row == 0 ? 0 : nameEnds[row - 1];
    return new String(names, start, nameEnds[row] - start, StandardCharsets.UTF_8);
  }

  /** The entry of a row under the full path that the caller made of its directory and name. */
  ManifestEntry entry(final int row, final String path) {
    if (isLink(row)) {
      return new SymlinkEntry(path, targets.get((int) highs[row]));
    }
    return new FileEntry(path, sizes[row], mtimes[row], (flags[row] & RUNNABLE) != 0, hashes(row));
  }

  private List<ContentHash> hashes(final int row) {
    if ((flags[row] & CHUNKED) == 0) {
      return List.of(new ContentHash(highs[row], lows[row]));
    }
    final int first = (int) highs[row];
    return chunks.subList(first, first + (int) lows[row]);
  }

  private int addRow(final int directory, final String path) throws ManifestException {
    final byte[] name = path.substring(path.lastIndexOf('/') + 1).getBytes(StandardCharsets.UTF_8);
    final int start = count == 0 ? 0 : nameEnds[count - 1];
    if (start + (long) name.length > ARRAY_LENGTH_MAX) {
      throw new ManifestException("/files/" + count, "all names together exceed 2 GiB");
    }
    final int end = start + name.length;
    if (end > names.length) {
      names = Arrays.copyOf(names, (int) Math.min(2L * names.length + end, ARRAY_LENGTH_MAX));
    }
    if (count == flags.length) {
      growRows();
    }
    System.arraycopy(name, 0, names, start, name.length);
    directories[count] = directory;
    nameEnds[count] = end;
    return count++;
  }

  private void growRows() {
    final int rows = (int) Math.min(count * 3L / 2 + 1, ARRAY_LENGTH_MAX);
    directories = Arrays.copyOf(directories, rows);
    nameEnds = Arrays.copyOf(nameEnds, rows);
    flags = Arrays.copyOf(flags, rows);
    sizes = Arrays.copyOf(sizes, rows);
    mtimes = Arrays.copyOf(mtimes, rows);
    highs = Arrays.copyOf(highs, rows);
    lows = Arrays.copyOf(lows, rows);
  }
}
