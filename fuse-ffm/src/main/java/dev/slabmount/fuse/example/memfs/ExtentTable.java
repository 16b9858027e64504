package dev.slabmount.fuse.example.memfs;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which extents a file has: a word for each, in leaves of {@value #LEAF} words that are there where
 * the file has content. What a word says, {@link Content} knows; 0 says that there is none. Guarded
 * as {@link Content} is. Looking up allocates nothing.
 */
final class ExtentTable {
  /** Words in a leaf. */
  static final int LEAF = 512;

  /** The table of a file that has no extent; it never gets one. */
  static final ExtentTable NONE = new ExtentTable(new HeapRoom(0));

  private static final int LEAF_SHIFT = 9;
  private static final int WORD_BYTES = 8;
  private static final long[] NO_WORDS = {};

  private final HeapRoom room;
  private long[][] leaves = {};
  private long heldBytes;

  /** Creates an empty table, that will take its room from {@code room}. */
  ExtentTable(HeapRoom room) {
    this.room = room;
  }

  /** The word of an extent. */
  long word(long index) {
    long at = index >>> LEAF_SHIFT;
    if (at >= leaves.length) {
      return 0;
    }
    long[] leaf = leaves[(int) at];
    int inLeaf = (int) index & (LEAF - 1);
    return inLeaf < leaf.length ? leaf[inLeaf] : 0;
  }

  /** Changes a word that is not 0. */
  void set(long index, long word) {
    leaves[(int) (index >>> LEAF_SHIFT)][(int) index & (LEAF - 1)] = word;
  }

  /** The first index that lies beyond all leaves. */
  long end() {
    return (long) leaves.length << LEAF_SHIFT;
  }

  /** The first index from one on that may have a word: that one, or where the next leaf begins. */
  long skipNothing(long index) {
    long at = index >>> LEAF_SHIFT;
    return at < leaves.length && leaves[(int) at].length == 0 ? (at + 1) << LEAF_SHIFT : index;
  }

  /** The leaf that holds the word of an extent, made long enough; null if there is no room. */
  long @Nullable [] leaf(long index) {
    int at = (int) (index >>> LEAF_SHIFT);
    int needed = ((int) index & (LEAF - 1)) + 1;
    if (at < leaves.length && needed <= leaves[at].length) {
      return leaves[at];
    }
    int before = leaves.length;
    int length = at < before ? before : Math.max(at + 1, before + before / 2);
    int words = Math.min(LEAF, Integer.highestOneBit(2 * needed - 1));
    long more = (long) WORD_BYTES * (length - before + words);
    if (!room.take(more)) {
      return null;
    }
    heldBytes += more;
    if (length > before) {
      leaves = Arrays.copyOf(leaves, length);
      Arrays.fill(leaves, before, length, NO_WORDS);
    }
    leaves[at] = Arrays.copyOf(leaves[at], words);
    return leaves[at];
  }

  /** Gives its room back; it is not used any more. */
  void giveBack() {
    room.give(heldBytes);
  }
}
