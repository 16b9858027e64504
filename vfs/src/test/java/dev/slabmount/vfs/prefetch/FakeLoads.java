package dev.slabmount.vfs.prefetch;

import dev.slabmount.vfs.read.BackgroundLoad;
import dev.slabmount.vfs.read.BackgroundLoads;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A pool and a store in one: keeps what is asked for, and has it come when the test says so. */
final class FakeLoads implements BackgroundLoads {
  static final int BLOCK = 1 << 20;

  /** A block of a file. */
  record Key(long ino, long block) {}

  private final Set<Key> present = new HashSet<>();
  private final List<Load> waiting = new ArrayList<>();
  private final List<Long> asked = new ArrayList<>();
  private final Set<Key> begun = new HashSet<>();
  private int cancelled;
  private boolean room = true;

  private final class Load implements BackgroundLoad {
    final Key key;
    final Listener listener;

    Load(final Key key, final Listener listener) {
      this.key = key;
      this.listener = listener;
    }

    @Override
    public boolean cancel() {
      synchronized (FakeLoads.this) {
        if (!waiting.remove(this)) {
          return false;
        }
        cancelled++;
      }
      listener.over(Outcome.CANCELLED, 0);
      return true;
    }
  }

  @Override
  public int blockSize() {
    return BLOCK;
  }

  @Override
  public synchronized boolean isPresent(final long ino, final long block) {
    return present.contains(new Key(ino, block));
  }

  @Override
  public synchronized boolean hasRoom() {
    return room;
  }

  /** Whether more may wait from now on. */
  synchronized void setRoom(final boolean more) {
    room = more;
  }

  @Override
  public synchronized BackgroundLoad loadAhead(
      final long ino, final long block, final BackgroundLoad.Listener listener) {
    final Key key = new Key(ino, block);
    if (present.contains(key) || waiting.stream().anyMatch(load -> load.key.equals(key))) {
      return null;
    }
    final Load load = new Load(key, listener);
    waiting.add(load);
    asked.add(block);
    begun.add(key);
    return load;
  }

  /** A block came by another way. */
  synchronized void put(final long ino, final long block) {
    present.add(new Key(ino, block));
  }

  /** Lets everything come that was asked for. */
  void finish(final BackgroundLoad.Outcome outcome) {
    final List<Load> taken;
    synchronized (this) {
      taken = List.copyOf(waiting);
      waiting.clear();
      if (outcome == BackgroundLoad.Outcome.LOADED) {
        taken.forEach(load -> present.add(load.key));
      }
    }
    taken.forEach(load -> load.listener.over(outcome, BLOCK));
  }

  /** The blocks that were asked for, in order. */
  synchronized List<Long> asked() {
    return List.copyOf(asked);
  }

  /** How many of the blocks that were asked for are not among these. */
  synchronized long unread(final Set<Key> read) {
    return begun.stream().filter(key -> !read.contains(key)).count();
  }

  /** How many loads have not begun. */
  synchronized int waiting() {
    return waiting.size();
  }

  /** How many loads were cancelled. */
  synchronized int cancelled() {
    return cancelled;
  }
}
