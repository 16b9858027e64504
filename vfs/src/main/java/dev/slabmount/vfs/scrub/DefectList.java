package dev.slabmount.vfs.scrub;

import dev.slabmount.vfs.content.ContentHash;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was found so far, in columns: a store that has lost everything makes as many defects as the
 * manifest has objects.
 *
 * <p><b>Threads:</b> any may add; what is read is complete once nobody adds any more.
 */
final class DefectList {

  private int[] objects = new int[16];
  private @Nullable DefectKind[] kinds = new DefectKind[16];
  private long[] foundHigh = new long[16]; // Of the hash, or the length.
  private long[] foundLow = new long[16];
  private final Map<Integer, String> reasons = new HashMap<>();
  private int count;

  void addMissing(final int object) {
    add(object, DefectKind.MISSING, 0, 0);
  }

  void addLength(final int object, final long found) {
    add(object, DefectKind.WRONG_LENGTH, found, 0);
  }

  void addDamaged(final int object, final ContentHash found) {
    add(object, DefectKind.DAMAGED, found.high(), found.low());
  }

  synchronized void addUnreadable(final int object, final String reason) {
    reasons.put(object, reason);
    add(object, DefectKind.UNREADABLE, 0, 0);
  }

  private synchronized void add(
      final int object, final DefectKind kind, final long high, final long low) {
    if (count == objects.length) {
      final int larger = 2 * count;
      objects = Arrays.copyOf(objects, larger);
      kinds = Arrays.copyOf(kinds, larger);
      foundHigh = Arrays.copyOf(foundHigh, larger);
      foundLow = Arrays.copyOf(foundLow, larger);
    }
    objects[count] = object;
    kinds[count] = kind;
    foundHigh[count] = high;
    foundLow[count] = low;
    count++;
  }

  /** Numbers of the defects, ordered by the number of their object. */
  synchronized int[] order() {
    final long[] pairs = new long[count];
    for (int i = 0; i < count; i++) {
      pairs[i] = (long) objects[i] << 32 | i;
    }
    Arrays.sort(pairs);
    return Arrays.stream(pairs).mapToInt(pair -> (int) pair).toArray();
  }

  synchronized int object(final int index) {
    return objects[index];
  }

  synchronized Defect defect(final int index, final ObjectTable table) {
    final int object = objects[index];
    final DefectKind kind = Objects.requireNonNull(kinds[index]);
    final String found =
        switch (kind) {
          case MISSING -> "";
          case WRONG_LENGTH -> Long.toString(foundHigh[index]);
          case DAMAGED -> new ContentHash(foundHigh[index], foundLow[index]).toString();
          case UNREADABLE -> reasons.getOrDefault(object, "");
        };
    return new Defect(table.hash(object), table.length(object), kind, found);
  }
}
