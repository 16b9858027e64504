package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.FileSystem;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * All nodes by number. Numbers are used again after the kernel has forgotten them, with another
 * generation.
 *
 * <p>Thread-safe: finding takes no lock; making and removing take one for a few steps.
 */
final class Nodes {
  private static final int SEGMENT_SHIFT = 12;
  private static final int SEGMENT = 1 << SEGMENT_SHIFT;
  private static final int LAST_NUMBER = Integer.MAX_VALUE - 8; // as long as an array can be

  private final HeapRoom room;
  private volatile Segment[] segments = {};
  private int[] freeNumbers = new int[16]; // with a place for every number that was ever given
  private int freeCount;
  private int nextNumber = (int) FileSystem.ROOT;
  private long births;

  private record Segment(AtomicReferenceArray<@Nullable Node> nodes) {}

  /** Creates an empty table, whose nodes take their room from {@code room}. */
  Nodes(HeapRoom room) {
    this.room = room;
  }

  /** The node with a number; null if there is none. */
  @Nullable Node get(long ino) {
    Segment[] seen = segments;
    long segment = ino >>> SEGMENT_SHIFT;
    if (segment >= seen.length) {
      return null;
    }
    return seen[(int) segment].nodes.getAcquire((int) ino & (SEGMENT - 1));
  }

  /**
   * Makes a node that has one name, or two links if a directory; null if there is no room. {@code
   * target}: of a symbolic link.
   */
  synchronized @Nullable Node make(Node.Birth birth, byte @Nullable [] target) {
    if (freeCount == 0 && nextNumber > LAST_NUMBER) {
      return null; // no number is left
    }
    int ino = freeCount > 0 ? freeNumbers[freeCount - 1] : nextNumber;
    if (ino >>> SEGMENT_SHIFT == segments.length) {
      Segment[] more = Arrays.copyOf(segments, segments.length + 1);
      more[segments.length] = new Segment(new AtomicReferenceArray<>(SEGMENT));
      segments = more;
    }
    if (ino > freeNumbers.length) {
      freeNumbers = Arrays.copyOf(freeNumbers, (int) Math.min(2L * ino, LAST_NUMBER));
    }
    Node node = new Node(ino, births, birth, target);
    if (!room.take(node.heapBytes())) {
      return null;
    }
    if (freeCount > 0) {
      freeCount--;
    } else {
      nextNumber++;
    }
    births++;
    segments[ino >>> SEGMENT_SHIFT].nodes.setRelease(ino & (SEGMENT - 1), node);
    return node;
  }

  /** The kernel gives lookup counts back. */
  void forget(Node node, long count) {
    if (node.addLookups(-count) <= 0) {
      removeIfUnused(node);
    }
  }

  /** Removes a node that has no name and that the kernel has forgotten. Needs no memory. */
  void removeIfUnused(Node node) {
    if (node.lookups() > 0) {
      return;
    }
    long stamp = node.lock.writeLock();
    try {
      if (node.links > 0 || node.gone || node.lookups() > 0 || node.ino == FileSystem.ROOT) {
        return;
      }
      node.gone = true;
      node.giveBack(room);
    } finally {
      node.lock.unlockWrite(stamp);
    }
    remove((int) node.ino);
  }

  private synchronized void remove(int ino) {
    segments[ino >>> SEGMENT_SHIFT].nodes.setRelease(ino & (SEGMENT - 1), null);
    freeNumbers[freeCount++] = ino;
  }
}
