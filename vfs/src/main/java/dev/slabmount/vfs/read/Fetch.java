package dev.slabmount.vfs.read;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One block on its way from the store into the pool, and the reads that wait for it.
 *
 * <pre>
 *   WAITING ──begin──▶ RUNNING ──finish──▶ OVER
 *      │                  └──giveUp─────────▶│    the thread is interrupted; if it comes back with
 *      └──cancel, abort, nobody wants it────▶│    the content, the pool keeps it
 * </pre>
 *
 * <p>Any thread. State and waiting reads are guarded by this object's lock, under which nothing
 * waits and no request is answered.
 */
final class Fetch implements StoreThreads.Task, BackgroundLoad {

  private enum State {
    WAITING,
    RUNNING,
    OVER
  }

  final BlockName name;

  /** A file that has the block, for finding its object; the block's length in bytes. */
  final long ino;

  final int object;
  final int length;

  private final Fetches fetches;
  private final @Nullable Listener listener;

  private State state = State.WAITING;
  private List<Miss> waiting = new ArrayList<>(1);
  private @Nullable Thread runner;
  private boolean givenUp;
  private boolean overtaken;
  private long startNanos;

  /** What is to be done after this. Only touched by the thread that began this. */
  private @Nullable Fetch next;

  /** Names a block of an object of a length; two lengths of one object are two names. */
  record BlockName(long high, long low, int block, long objectLength) {}

  /**
   * A fetch that has not begun.
   *
   * @param listener null for a fetch that a read asks for
   */
  Fetch(
      final Fetches fetches,
      final BlockName name,
      final long ino,
      final int object,
      final int length,
      final @Nullable Listener listener) {
    this.fetches = fetches;
    this.name = name;
    this.ino = ino;
    this.object = object;
    this.length = length;
    this.listener = listener;
  }

  /** What became of {@link #join}. */
  enum Joined {
    YES,

    /** Yes, and it is the first read to need what waits in the background. */
    OVERTAKING,

    NO_IT_IS_OVER
  }

  /** Lets a read wait for this block. */
  synchronized Joined join(final Miss miss) {
    if (state == State.OVER) {
      return Joined.NO_IT_IS_OVER;
    }
    waiting.add(miss);
    if (listener != null && state == State.WAITING && !overtaken) {
      overtaken = true;
      return Joined.OVERTAKING;
    }
    return Joined.YES;
  }

  /**
   * Takes on what to do after this; false if there is something already. For the thread that began
   * this only.
   */
  boolean continueWith(final Fetch other) {
    if (next != null) {
      return false;
    }
    next = other;
    return true;
  }

  // ---- The thread that waits for the store ----

  @Override
  public void run() {
    // One that was overtaken is handed to two threads: what comes next is for the one that began.
    Fetch fetch = this;
    while (fetch != null && fetch.runOne()) {
      fetch = fetch.takeNext();
    }
  }

  private @Nullable Fetch takeNext() {
    final Fetch taken = next;
    next = null;
    return taken;
  }

  /** False if this thread has not begun it. */
  private boolean runOne() {
    if (!begin()) {
      return false;
    }
    long token = MemoryPool.NO_BLOCK;
    Throwable failure = null;
    Outcome outcome = Outcome.OVERTAKEN;
    try {
      if (listener != null && !overtaken) {
        outcome = fetches.loadAhead(this) ? Outcome.LOADED : Outcome.OVERTAKEN;
      } else {
        token = fetches.load(this);
      }
    } catch (final Throwable e) {
      failure = e;
      outcome = Outcome.FAILED;
    }
    finish(token, failure, outcome);
    return true;
  }

  /** False if somebody else has begun or nobody needs the block any more. */
  private boolean begin() {
    final List<Miss> unwanted;
    synchronized (this) {
      if (state != State.WAITING) {
        return false;
      }
      if ((listener != null && !overtaken) || waiting.stream().anyMatch(Miss::isWanted)) {
        state = State.RUNNING;
        runner = Thread.currentThread();
        startNanos = System.nanoTime();
        return true;
      }
      unwanted = endWaiting();
    }
    fetches.remove(this);
    unwanted.forEach(fetches::endUnwanted);
    tell(Outcome.CANCELLED);
    return false;
  }

  private void finish(final long loaded, final @Nullable Throwable failure, final Outcome outcome) {
    final List<Miss> landing;
    final boolean late;
    synchronized (this) {
      late = givenUp;
      runner = null;
      landing = late ? List.of() : endWaiting();
    }
    if (late) {
      Thread.interrupted(); // It was meant for this fetch, not for what this thread does next.
      fetches.cameBack();
    } else {
      fetches.remove(this);
    }
    try {
      if (failure != null) {
        landing.forEach(miss -> miss.fail(failure));
      } else {
        land(landing, loaded);
      }
    } finally {
      if (!late) {
        tell(outcome);
      }
    }
  }

  /**
   * Gives the block to the reads that waited for it, as it is in the pool now, and unpins {@code
   * loaded}. That one may have been taken out of the pool since, because it is damaged; who began
   * to read after that must not get it, nor does anybody then take it out of the kernel's cache.
   */
  private void land(final List<Miss> landing, final long loaded) {
    long token = MemoryPool.NO_BLOCK;
    MemoryPoolException failure = null;
    try {
      if (!landing.isEmpty()) {
        token = fetches.pin(this); // While it is pinned by us, too: so it is not evicted meanwhile.
      }
    } catch (final MemoryPoolException e) {
      failure = e;
    } finally {
      unpin(loaded);
    }
    try {
      for (final Miss miss : landing) {
        if (failure != null) {
          miss.fail(failure);
        } else if (token != MemoryPool.NO_BLOCK) {
          miss.landed(token, this);
        } else {
          miss.proceed(this);
        }
      }
    } finally {
      unpin(token);
    }
  }

  private void unpin(final long token) {
    if (token != MemoryPool.NO_BLOCK) {
      fetches.unpin(token);
    }
  }

  /** From now on this is over; returns the reads that waited. */
  private List<Miss> endWaiting() {
    state = State.OVER;
    final List<Miss> taken = waiting;
    waiting = List.of();
    return taken;
  }

  private void tell(final Outcome outcome) {
    if (listener != null) {
      listener.over(outcome, outcome == Outcome.LOADED ? length : 0);
    }
  }

  // ---- Other threads ----

  /**
   * Gives this up if its thread has been at it for {@code timeoutNanos}. Reads that came to it
   * later and have time left get a fetch of their own.
   */
  void giveUpIfOverdue(final long nowNanos, final long timeoutNanos) {
    final List<Miss> left;
    synchronized (this) {
      final Thread stuck = runner;
      if (state != State.RUNNING || stuck == null || nowNanos - startNanos < timeoutNanos) {
        return;
      }
      givenUp = true;
      left = endWaiting();
      stuck.interrupt(); // Under the lock: so it still is this fetch that the thread runs.
      fetches.givesUp(this);
    }
    for (final Miss miss : left) {
      miss.endIfOver(nowNanos, timeoutNanos);
      miss.proceed(null);
    }
    tell(Outcome.FAILED);
  }

  /**
   * Forgets reads that have been ended; what has not begun and nobody else wants is over then.
   *
   * @return whether it is over by this call
   */
  boolean dropEnded() {
    synchronized (this) {
      if (state == State.OVER) {
        return false;
      }
      waiting.removeIf(Miss::isClaimed);
      if (state != State.WAITING || (listener != null && !overtaken) || !waiting.isEmpty()) {
        return false;
      }
      endWaiting();
    }
    fetches.remove(this);
    tell(Outcome.CANCELLED);
    return true;
  }

  synchronized boolean isOver() {
    return state == State.OVER;
  }

  @Override
  public boolean cancel() {
    synchronized (this) {
      if (state != State.WAITING || overtaken) {
        return false;
      }
      endWaiting();
    }
    fetches.remove(this);
    tell(Outcome.CANCELLED);
    return true;
  }

  /** The mount ends. */
  @Override
  public void abort() {
    if (refuse()) {
      tell(Outcome.CANCELLED);
    }
  }

  /** As {@link #abort}, but tells the listener nothing; false if this has begun or is over. */
  boolean refuse() {
    final List<Miss> left;
    synchronized (this) {
      if (state != State.WAITING) {
        return false;
      }
      left = endWaiting();
    }
    fetches.remove(this);
    left.forEach(Miss::abort);
    return true;
  }
}
