package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.fuse.reply.ReplyGate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Contexts for workers, and the books of the requests that are detached.
 *
 * <p>Their number is bounded by {@code maxDetached}: a worker that wants to detach one more waits
 * until one is answered. That is the back-pressure which keeps memory bounded (one receive buffer
 * each) when a store is slower than its readers. Thread-safe; used on misses only, never by a
 * request that is answered at once.
 */
public final class ContextPool {
  private final Supplier<? extends TransportBuffers> factory;
  private final LookupCounts counts;
  private final ReplyCounters replyCounters;
  private final int maxDetached;
  private final Semaphore permits;
  private final ConcurrentLinkedQueue<TransportBuffers> free = new ConcurrentLinkedQueue<>();
  private final Set<RequestContext> detached = ConcurrentHashMap.newKeySet();
  private final LongAdder waits = new LongAdder();

  /** Creates an empty pool; {@code factory} makes the native memory of one request. */
  public ContextPool(
      Supplier<? extends TransportBuffers> factory,
      int maxDetached,
      LookupCounts counts,
      ReplyCounters replyCounters) {
    this.factory = factory;
    this.maxDetached = maxDetached;
    this.permits = new Semaphore(maxDetached);
    this.counts = counts;
    this.replyCounters = replyCounters;
  }

  /** A context for a worker that begins. */
  public RequestContext create(ContextOwner owner) {
    TransportBuffers reused = free.poll();
    TransportBuffers buffers = reused == null ? factory.get() : reused;
    return new RequestContext(
        buffers, new ReplyGate(buffers.sink(), counts, replyCounters), this, owner);
  }

  /** Requests that are detached and unanswered. */
  public int detachedCount() {
    return maxDetached - permits.availablePermits();
  }

  /** Times a worker had to wait before it could detach. */
  public long waitCount() {
    return waits.sum();
  }

  /** Waits until every detached request is answered; returns whether that happened in time. */
  public boolean awaitNoneDetached(long nanos) throws InterruptedException {
    if (!permits.tryAcquire(maxDetached, nanos, TimeUnit.NANOSECONDS)) {
      return false;
    }
    permits.release(maxDetached);
    return true;
  }

  /** Answers every request that is still detached with EIO; returns how many that were. */
  public int abandonDetached() {
    int abandoned = 0;
    for (RequestContext context : detached) {
      if (context.gate().errorIfUnanswered(Errno.EIO)) {
        abandoned++;
      }
    }
    return abandoned;
  }

  /** Makes room for {@code leaving} among the detached and returns its successor. May wait. */
  RequestContext takeForWorker(ContextOwner owner, RequestContext leaving) {
    if (!permits.tryAcquire()) {
      waits.increment();
      permits.acquireUninterruptibly();
    }
    RequestContext fresh;
    try {
      fresh = create(owner);
    } catch (RuntimeException | Error e) {
      permits.release();
      throw e;
    }
    detached.add(leaving);
    return fresh;
  }

  /** A detached request has been answered: its native memory is free again. */
  void giveBack(RequestContext answered) {
    detached.remove(answered);
    free.add(answered.buffers());
    permits.release();
  }
}
