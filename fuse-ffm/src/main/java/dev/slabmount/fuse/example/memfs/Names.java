package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.Name;
import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * The names in one directory: a hash table to find them, and a list in the order of their cookies
 * to show them. A name keeps its cookie while it is there, and no cookie is used twice, so that a
 * listing goes on where it stopped, whatever has come and gone.
 *
 * <p>Guarded by {@link #lock}: finding and listing share it. Finding allocates nothing.
 */
final class Names {
  /** Cookies of names begin after those of {@code .} and {@code ..}. */
  static final long FIRST_COOKIE = 3;

  private static final int INITIAL = 8;
  private static final int COMPACT_FROM = 32;

  /** Guards what is not final here. */
  final StampedLock lock = new StampedLock();

  /** The directory was removed: nothing can be made in it any more. */
  boolean removed;

  /** The directory that this one lies in; the root and what was removed lie in themselves. */
  volatile @Nullable Node parent;

  private @Nullable Child[] table = new @Nullable Child[INITIAL];
  private Child[] order = new Child[INITIAL];
  private int ordered;
  private int count;
  private long nextCookie = FIRST_COOKIE;

  /** A name; without a node, what is left of one in the list. */
  static final class Child {
    byte[] name;
    int hash;
    @Nullable Node node;
    final long cookie;

    private Child(byte[] name, int hash, Node node, long cookie) {
      this.name = name;
      this.hash = hash;
      this.node = node;
      this.cookie = cookie;
    }
  }

  /** The child of a name; null if there is none. */
  @Nullable Child find(Name name) {
    int mask = table.length - 1;
    int hash = hash(name.array(), name.length());
    for (int i = hash & mask; ; i = (i + 1) & mask) {
      Child child = table[i];
      if (child == null
          || (child.hash == hash && name.equalsRange(child.name, 0, child.name.length))) {
        return child;
      }
    }
  }

  /** The node behind a name; null if there is none. */
  @Nullable Node get(Name name) {
    Child child = find(name);
    return child == null ? null : child.node;
  }

  /** Whether there is no name. */
  boolean isEmpty() {
    return count == 0;
  }

  /**
   * A name that is not there, for {@link #add}; nothing else may change here between the two. It
   * takes all the memory: a heap that is full shows here, and nothing has changed.
   */
  Child prepare(Name name, Node node) {
    byte[] bytes = name.toByteArray();
    reserve();
    return new Child(bytes, hash(bytes, bytes.length), node, nextCookie++);
  }

  /** Adds what {@link #prepare} made. Allocates nothing. */
  void add(Child child) {
    insert(table, child);
    order[ordered++] = child;
    count++;
  }

  /** Removes a name; needs no memory, though it may use some. */
  void remove(Child child) {
    shrink();
    unlink(child);
    child.node = null;
    count--;
  }

  /** Gives a child another name, that is not there; keeps {@code name}. Allocates nothing. */
  void rename(Child child, byte[] name) {
    unlink(child);
    child.name = name;
    child.hash = hash(name, name.length);
    insert(table, child);
  }

  /** The place in the list where what follows a cookie begins. */
  int placeAfter(long cookie) {
    int low = 0;
    int high = ordered;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (order[middle].cookie <= cookie) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How many places the list has. */
  int places() {
    return ordered;
  }

  /** What is at a place. */
  Child at(int place) {
    return order[place];
  }

  /** Room for one more, in the table and in the list. */
  private void reserve() {
    if (4 * (count + 1) > 3 * table.length) {
      resize(2 * table.length);
    }
    if (ordered == order.length) {
      if (ordered >= COMPACT_FROM && ordered > 2 * count) {
        compact();
      } else {
        order = Arrays.copyOf(order, 2 * ordered);
      }
    }
  }

  /** Gives room back, before a name goes, when few are left of many. */
  private void shrink() {
    try {
      if (table.length >= COMPACT_FROM && 8 * count <= table.length) {
        resize(table.length / 2);
      }
      if (ordered >= COMPACT_FROM && ordered >= 4 * count) {
        compact();
      }
    } catch (OutOfMemoryError noMemory) {
      // What is not smaller yet is as good as before; the next name that goes tries again.
    }
  }

  private void resize(int length) {
    @Nullable Child[] other = new @Nullable Child[length];
    for (Child child : table) {
      if (child != null) {
        insert(other, child);
      }
    }
    table = other;
  }

  /** Drops what is left of removed names. */
  private void compact() {
    Child[] other = new Child[Math.max(2 * count, COMPACT_FROM)];
    int kept = 0;
    for (int i = 0; i < ordered; i++) {
      if (order[i].node != null) {
        other[kept++] = order[i];
      }
    }
    order = other;
    ordered = kept;
  }

  private static void insert(@Nullable Child[] into, Child child) {
    int mask = into.length - 1;
    int i = child.hash & mask;
    while (into[i] != null) {
      i = (i + 1) & mask;
    }
    into[i] = child;
  }

  /**
   * Takes a child out of the table and closes the gap, so that searches stop at the right place.
   */
  private void unlink(Child child) {
    int mask = table.length - 1;
    int gap = child.hash & mask;
    while (table[gap] != child) {
      gap = (gap + 1) & mask;
    }
    table[gap] = null;
    int i = gap;
    while (true) {
      i = (i + 1) & mask;
      Child next = table[i];
      if (next == null) {
        return;
      }
      if (((i - next.hash) & mask) >= ((i - gap) & mask)) {
        table[gap] = next;
        table[i] = null;
        gap = i;
      }
    }
  }

  private static int hash(byte[] name, int length) {
    int hash = 0;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + name[i];
    }
    hash *= 0x9E3779B9;
    return hash ^ hash >>> 15;
  }
}
