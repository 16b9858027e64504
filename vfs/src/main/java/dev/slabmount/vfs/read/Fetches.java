package dev.slabmount.vfs.read;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentReader;
import dev.slabmount.vfs.tree.InodeTree;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The fetches under way, by the block they fetch: whoever needs a block joins its fetch, or begins
 * one.
 *
 * <p>Any thread; {@link #load} and {@link #loadAhead} wait for the store, nothing else waits.
 */
final class Fetches {

  /** How many tasks wait at most for a thread that loads ahead, also if they were cancelled. */
  static final int AHEAD_QUEUE_MAX = 8192;

  private final InodeTree tree;
  private final FileLayout layout;
  private final MemoryPool pool;
  private final ContentReader content;
  private final StoreThreads threads;
  private final StoreThreads aheadThreads;
  private final ReadCounters counters;
  private final FetchRoom room;
  private final ConcurrentMap<Fetch.BlockName, Fetch> underWay = new ConcurrentHashMap<>();
  private final AtomicInteger aheadQueued = new AtomicInteger();

  /** A fetch in the queue of the threads that load ahead, in which it has taken a place. */
  private final class QueuedAhead implements StoreThreads.Task {
    private final Fetch fetch;

    QueuedAhead(final Fetch fetch) {
      this.fetch = fetch;
    }

    @Override
    public void run() {
      aheadQueued.decrementAndGet();
      fetch.run();
    }

    @Override
    public void abort() {
      aheadQueued.decrementAndGet();
      fetch.abort();
    }
  }

  Fetches(
      final InodeTree tree,
      final FileLayout layout,
      final MemoryPool pool,
      final ContentReader content,
      final StoreThreads threads,
      final StoreThreads aheadThreads,
      final ReadCounters counters) {
    this.tree = tree;
    this.layout = layout;
    this.pool = pool;
    this.content = content;
    this.threads = threads;
    this.aheadThreads = aheadThreads;
    this.counters = counters;
    this.room = new FetchRoom(pool.config().maxSize(), pool.config().blockSize());
  }

  // ---- Beginning ----

  /**
   * Lets a read wait for a block, which is fetched if it is not yet.
   *
   * @param here the fetch whose thread asks; it does what has to be done itself, if it is free
   */
  void want(
      final Miss miss,
      final long ino,
      final int object,
      final long block,
      final @Nullable Fetch here) {
    final Fetch.BlockName name = name(ino, object, block);
    while (true) {
      Fetch fetch = underWay.get(name);
      if (fetch == null) {
        final Fetch mine =
            new Fetch(this, name, ino, object, layout.blockLength(ino, object, block), null);
        mine.join(miss);
        fetch = underWay.putIfAbsent(name, mine);
        if (fetch == null) {
          if (here == null || !here.continueWith(mine)) {
            submit(threads, mine);
          }
          return;
        }
      }
      switch (fetch.join(miss)) {
        case YES -> {
          return;
        }
        case OVERTAKING -> {
          submit(threads, fetch);
          return;
        }
        case NO_IT_IS_OVER -> underWay.remove(name, fetch);
      }
    }
  }

  /** Begins to fetch a block that nobody asked for; null if there is nothing to do. */
  @Nullable BackgroundLoad ahead(
      final long ino, final long fileBlock, final BackgroundLoad.Listener listener) {
    final long offset = layout.blockStart(fileBlock);
    if (fileBlock < 0 || offset >= tree.size(ino) || offset < 0) {
      return null;
    }
    final int object = layout.object(ino, offset);
    final long block = layout.block(object, offset);
    if (block > Integer.MAX_VALUE) {
      return null;
    }
    final Fetch.BlockName name = name(ino, object, block);
    if (underWay.containsKey(name) || isInPool(name.high(), name.low(), name.block())) {
      return null;
    }
    final Fetch mine =
        new Fetch(this, name, ino, object, layout.blockLength(ino, object, block), listener);
    if (aheadQueued.incrementAndGet() > AHEAD_QUEUE_MAX
        || underWay.putIfAbsent(name, mine) != null) {
      aheadQueued.decrementAndGet();
      return null;
    }
    if (aheadThreads.submit(new QueuedAhead(mine))) {
      return mine;
    }
    aheadQueued.decrementAndGet();
    return mine.refuse() ? null : mine; // A read may have had it begun, or even ended, by now.
  }

  /** Whether the queue of the threads that load ahead takes one more. */
  boolean hasRoomAhead() {
    return aheadQueued.get() < AHEAD_QUEUE_MAX;
  }

  /** Whether a block is in the pool, or there is no such block. */
  boolean isPresent(final long ino, final long fileBlock) {
    final long offset = layout.blockStart(fileBlock);
    if (offset < 0 || offset >= tree.size(ino)) {
      return true;
    }
    final int object = layout.object(ino, offset);
    final long block = layout.block(object, offset);
    return block > Integer.MAX_VALUE
        || isInPool(tree.objectHigh(ino, object), tree.objectLow(ino, object), (int) block);
  }

  private boolean isInPool(final long high, final long low, final int block) {
    try {
      return pool.contains(high, low, block);
    } catch (final MemoryPoolException.PoolClosed _) {
      return true;
    }
  }

  private static void submit(final StoreThreads to, final Fetch fetch) {
    if (!to.submit(fetch)) {
      fetch.abort();
    }
  }

  private Fetch.BlockName name(final long ino, final int object, final long block) {
    return new Fetch.BlockName(
        tree.objectHigh(ino, object),
        tree.objectLow(ino, object),
        Math.toIntExact(block),
        layout.objectLength(ino, object));
  }

  // ---- For the fetch that runs ----

  /** Pins the block, loading it if need be. */
  long load(final Fetch fetch) {
    final Fetch.BlockName name = fetch.name;
    try {
      room.enter(fetch.length);
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for room in the pool", e);
    }
    try {
      return pool.pinOrLoad(name.high(), name.low(), name.block(), fetch.length, provider(fetch));
    } finally {
      room.leave(fetch.length);
    }
  }

  /** Loads the block; false if it was there, somebody else is at it, or there is no room now. */
  boolean loadAhead(final Fetch fetch) {
    final Fetch.BlockName name = fetch.name;
    if (!room.tryEnter(fetch.length)) {
      return false;
    }
    try {
      return pool.loadAhead(name.high(), name.low(), name.block(), fetch.length, provider(fetch));
    } finally {
      room.leave(fetch.length);
    }
  }

  private BlockContentProvider provider(final Fetch fetch) {
    final ContentHash hash = tree.hash(fetch.ino, fetch.object);
    final long start = layout.blockStart(fetch.name.block());
    return (key, slot) ->
        content.read(hash, fetch.name.objectLength(), start, slot.asSlice(0, fetch.length));
  }

  /** Pins the block if it is in the pool. */
  long pin(final Fetch fetch) {
    final Fetch.BlockName name = fetch.name;
    return pool.pin(name.high(), name.low(), name.block());
  }

  void unpin(final long token) {
    pool.unpin(token);
  }

  /** The fetch is over: who needs its block now, and does not find it in the pool, begins anew. */
  void remove(final Fetch fetch) {
    underWay.remove(fetch.name, fetch);
  }

  /** The fetch takes too long: neither here nor in the pool will anybody wait for it. */
  void givesUp(final Fetch fetch) {
    counters.stuck.increment();
    remove(fetch);
    try {
      pool.giveUpLoad(fetch.name.high(), fetch.name.low(), fetch.name.block());
    } catch (final MemoryPoolException.PoolClosed _) {
      // Nobody waits there any more.
    }
  }

  /** The thread of a fetch that was given up is free again. */
  void cameBack() {
    counters.stuck.decrement();
  }

  /** Ends a read that nobody waits for. */
  void endUnwanted(final Miss miss) {
    miss.endIfOver(System.nanoTime(), Long.MAX_VALUE);
  }

  // ---- For the keeper ----

  boolean isEmpty() {
    return underWay.isEmpty();
  }

  /** Gives up what takes too long, and forgets reads that were ended and what only they wanted. */
  void endOverdue(final long nowNanos, final long timeoutNanos) {
    boolean dropped = false;
    for (final Fetch fetch : underWay.values()) {
      fetch.giveUpIfOverdue(nowNanos, timeoutNanos);
      dropped |= fetch.dropEnded();
    }
    if (dropped) {
      threads.forget(task -> task instanceof final Fetch fetch && fetch.isOver());
    }
  }
}
