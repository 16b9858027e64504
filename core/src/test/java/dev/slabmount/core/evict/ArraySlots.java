package dev.slabmount.core.evict;

/** {@link ResidentSlots} in arrays, every flag free to set. */
class ArraySlots implements ResidentSlots {
  final boolean[] live;
  final boolean[] pinned;
  final boolean[] dirty;
  final boolean[] visited;
  final boolean[] unread;
  final long[] keys;
  final int[] capacities;

  /** How often somebody looked at a slot. */
  int looks;

  private final int[] queues;
  private final int[] previous;
  private final int[] next;

  ArraySlots(final int slots) {
    live = new boolean[slots];
    pinned = new boolean[slots];
    dirty = new boolean[slots];
    visited = new boolean[slots];
    unread = new boolean[slots];
    keys = new long[slots];
    capacities = new int[slots];
    queues = new int[slots];
    previous = new int[slots];
    next = new int[slots];
    java.util.Arrays.fill(capacities, 4096);
  }

  /** Makes a slot hold a new block. */
  void fill(final int slot, final long key) {
    live[slot] = true;
    pinned[slot] = false;
    dirty[slot] = false;
    visited[slot] = false;
    unread[slot] = false;
    keys[slot] = key;
  }

  @Override
  public boolean isLive(final int slot) {
    looks++;
    return live[slot];
  }

  @Override
  public boolean isPinned(final int slot) {
    return pinned[slot];
  }

  @Override
  public boolean needsFlush(final int slot) {
    return dirty[slot];
  }

  @Override
  public boolean testAndClearVisited(final int slot) {
    final boolean was = visited[slot];
    visited[slot] = false;
    return was;
  }

  @Override
  public boolean isUnread(final int slot) {
    return unread[slot];
  }

  @Override
  public long keyHash(final int slot) {
    return keys[slot];
  }

  @Override
  public int capacity(final int slot) {
    return capacities[slot];
  }

  @Override
  public int queue(final int slot) {
    return queues[slot];
  }

  @Override
  public void setQueue(final int slot, final int queue) {
    queues[slot] = queue;
  }

  @Override
  public int previous(final int slot) {
    return previous[slot];
  }

  @Override
  public void setPrevious(final int slot, final int link) {
    previous[slot] = link;
  }

  @Override
  public int next(final int slot) {
    return next[slot];
  }

  @Override
  public void setNext(final int slot, final int link) {
    next[slot] = link;
  }
}
