package dev.slabmount.vfs.scrub;

import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestEntry;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/**
 * What a check found. Immutable; any thread.
 *
 * <p>Defects and paths are views that make their elements when asked: reports of any size can be
 * written one element after the other.
 */
public final class ScrubReport {

  private final Manifest manifest;
  private final ObjectTable table;
  private final DefectList found;
  private final int[] order;
  private final long bytesHashed;

  /** Where the files of each defect begin in {@link #users}; one more than there are defects. */
  private final int[] firstUser;

  /** Numbers of entries of the manifest. */
  private final int[] users;

  ScrubReport(
      final Manifest manifest,
      final ObjectTable table,
      final DefectList found,
      final long bytesHashed) {
    this.manifest = manifest;
    this.table = table;
    this.found = found;
    this.order = found.order();
    this.bytesHashed = bytesHashed;
    this.firstUser = new int[order.length + 1];
    this.users = order.length == 0 ? new int[0] : findUsers();
  }

  private int[] findUsers() {
    final int[] defectOf = new int[table.count()];
    Arrays.fill(defectOf, -1);
    for (int i = 0; i < order.length; i++) {
      defectOf[found.object(order[i])] = i;
    }
    long[] uses = new long[order.length];
    int count = 0;
    final List<ManifestEntry> entries = manifest.entries();
    for (int number = 0; number < entries.size(); number++) {
      if (entries.get(number) instanceof final FileEntry file) {
        for (int i = 0; i < file.hashes().size(); i++) {
          final long length = ObjectTable.objectLength(file, i);
          final int defect = defectOf[table.number(file.hashes().get(i), length)];
          if (defect >= 0) {
            if (count == uses.length) {
              uses = Arrays.copyOf(uses, 2 * count);
            }
            uses[count++] = (long) defect << 32 | number;
          }
        }
      }
    }
    final long[] sorted = Arrays.stream(uses, 0, count).sorted().distinct().toArray();
    for (final long use : sorted) {
      firstUser[(int) (use >>> 32) + 1]++;
    }
    for (int i = 0; i < order.length; i++) {
      firstUser[i + 1] += firstUser[i];
    }
    return Arrays.stream(sorted).mapToInt(use -> (int) use).toArray();
  }

  /** Different objects that the manifest names. */
  public long objects() {
    return table.count();
  }

  /** Bytes that they should have together. */
  public long bytes() {
    return table.totalLength();
  }

  /** Bytes that were read and hashed. */
  public long bytesHashed() {
    return bytesHashed;
  }

  /** Everything that is wrong, in the order of the manifest. */
  public List<Defect> defects() {
    return view(order.length, i -> found.defect(order[i], table));
  }

  /** How many defects there are of each kind; kinds without any are not named. */
  public Map<DefectKind, Long> counts() {
    final Map<DefectKind, Long> counts = new EnumMap<>(DefectKind.class);
    for (final Defect defect : defects()) {
      counts.merge(defect.kind(), 1L, Long::sum);
    }
    return counts;
  }

  /**
   * Paths of all files that need what is defective, each once, in the order of the manifest.
   *
   * @param index of the defect in {@link #defects}
   */
  public List<String> filesOf(final int index) {
    final int first = firstUser[index];
    return view(firstUser[index + 1] - first, i -> manifest.entries().get(users[first + i]).path());
  }

  private interface Maker<T> {
    T make(int index);
  }

  private static <T> List<T> view(final int size, final Maker<T> maker) {
    final class View extends AbstractList<T> implements RandomAccess {
      @Override
      public T get(final int index) {
        return maker.make(index);
      }

      @Override
      public int size() {
        return size;
      }
    }
    return new View();
  }
}
