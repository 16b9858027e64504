package dev.slabmount.bench.evict;

import dev.slabmount.core.evict.ResidentSlots;

/** Slots of one size in arrays: never pinned, never in need of a flush. */
final class SimulatedSlots implements ResidentSlots {
  private static final int SLOT_BYTES = 64 << 10;
  private static final long MIX_A = 0xBF58476D1CE4E5B9L; // Both of SplitMix64's finalizer.
  private static final long MIX_B = 0x94D049BB133111EBL;

  private final int[] objects;
  private final boolean[] visited;
  private final int[] queues;
  private final int[] previous;
  private final int[] next;

  SimulatedSlots(int count) {
    objects = new int[count];
    visited = new boolean[count];
    queues = new int[count];
    previous = new int[count];
    next = new int[count];
  }

  /** Puts an object into a slot. */
  void fill(int slot, int object) {
    objects[slot] = object;
    visited[slot] = false;
  }

  /** The object in a slot. */
  int object(int slot) {
    return objects[slot];
  }

  /** What a hit does. */
  void visit(int slot) {
    visited[slot] = true;
  }

  @Override
  public boolean isLive(int slot) {
    return true;
  }

  @Override
  public boolean isPinned(int slot) {
    return false;
  }

  @Override
  public boolean needsFlush(int slot) {
    return false;
  }

  @Override
  public boolean testAndClearVisited(int slot) {
    boolean was = visited[slot];
    visited[slot] = false;
    return was;
  }

  @Override
  public boolean isUnread(int slot) {
    return false;
  }

  @Override
  public long keyHash(int slot) {
    long h = objects[slot] + 1L;
    h = (h ^ (h >>> 30)) * MIX_A;
    h = (h ^ (h >>> 27)) * MIX_B;
    return h ^ (h >>> 31);
  }

  @Override
  public int capacity(int slot) {
    return SLOT_BYTES;
  }

  @Override
  public int queue(int slot) {
    return queues[slot];
  }

  @Override
  public void setQueue(int slot, int queue) {
    queues[slot] = queue;
  }

  @Override
  public int previous(int slot) {
    return previous[slot];
  }

  @Override
  public void setPrevious(int slot, int link) {
    previous[slot] = link;
  }

  @Override
  public int next(int slot) {
    return next[slot];
  }

  @Override
  public void setNext(int slot, int link) {
    next[slot] = link;
  }
}
