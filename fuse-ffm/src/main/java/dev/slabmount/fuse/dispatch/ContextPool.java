package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;

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
  private final Observation observation;
  private final int maxDetached;
  private final Semaphore permits;
  private final ConcurrentLinkedQueue<TransportBuffers> free = new ConcurrentLinkedQueue<>();
  private final Set<RequestContext> detached = ConcurrentHashMap.newKeySet();
  private final Set<Abandoned> abandoned = ConcurrentHashMap.newKeySet();
  private final ReferenceQueue<RequestContext> unreachable = new ReferenceQueue<>();
  private final AtomicLong waits = new AtomicLong();
  private final Interrupts interrupts = new Interrupts();

  /** As the other constructor, for requests that nobody watches. */
  public ContextPool(
      Supplier<? extends TransportBuffers> factory,
      int maxDetached,
      LookupCounts counts,
      ReplyCounters replyCounters) {
    this(factory, maxDetached, counts, replyCounters, Observation.NONE);
  }

  /** Creates an empty pool; {@code factory} makes the native memory of one request. */
  public ContextPool(
      Supplier<? extends TransportBuffers> factory,
      int maxDetached,
      LookupCounts counts,
      ReplyCounters replyCounters,
      Observation observation) {
    this.observation = observation;
    this.factory = factory;
    this.maxDetached = maxDetached;
    this.permits = new Semaphore(maxDetached);
    this.counts = counts;
    this.replyCounters = replyCounters;
  }

  /** A context for a worker that begins. */
  public RequestContext create(ContextOwner owner) {
    reclaim();
    TransportBuffers reused = free.poll();
    TransportBuffers buffers = reused == null ? factory.get() : reused;
    return new RequestContext(buffers, counts, replyCounters, this, owner, observation);
  }

  /** Requests that are detached and unanswered. */
  public int detachedCount() {
    return detached.size();
  }

  /** Times a worker had to wait before it could detach. */
  public long waitCount() {
    return waits.get();
  }

  /** What detached requests have asked to run when their callers give up. */
  public Interrupts interrupts() {
    return interrupts;
  }

  /** Waits until every detached request is answered; returns whether that happened in time. */
  public boolean awaitNoneDetached(long nanos) throws InterruptedException {
    if (!permits.tryAcquire(maxDetached, nanos, TimeUnit.NANOSECONDS)) {
      return false;
    }
    permits.release(maxDetached);
    return true;
  }

  /**
   * Answers every request that is still detached with EIO; returns how many that were. Workers that
   * waited to detach go on, and may detach new ones.
   */
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
      waits.incrementAndGet();
      permits.acquireUninterruptibly();
    }
    try {
      RequestContext fresh = create(owner);
      detached.add(leaving);
      return fresh;
    } catch (RuntimeException | Error e) {
      permits.release();
      throw e;
    }
  }

  /** A detached request has been answered: its native memory is free again. */
  void giveBack(RequestContext answered) {
    try {
      interrupts.remove(answered.unique());
      detached.remove(answered);
      free.add(answered.buffers());
    } finally {
      permits.release();
    }
  }

  /**
   * A detached request was answered in the filesystem's place, which may still write to its listing
   * and read its data: the memory serves no other request before the filesystem has let go of the
   * request, which it holds as long as it means to answer.
   */
  void giveUp(RequestContext abandonedContext) {
    try {
      interrupts.remove(abandonedContext.unique());
      detached.remove(abandonedContext);
      abandoned.add(new Abandoned(abandonedContext, unreachable));
    } finally {
      permits.release();
    }
  }

  /** Native memory that the filesystem may still use, although the requests were answered. */
  public Set<TransportBuffers> abandonedBuffers() {
    reclaim();
    return abandoned.stream().map(a -> a.buffers).collect(Collectors.toUnmodifiableSet());
  }

  private void reclaim() {
    for (Reference<?> next = unreachable.poll(); next != null; next = unreachable.poll()) {
      Abandoned over = (Abandoned) next;
      abandoned.remove(over);
      free.add(over.buffers);
    }
  }

  /** Tells when nobody holds an abandoned request any more. */
  private static final class Abandoned extends PhantomReference<RequestContext> {
    private final TransportBuffers buffers;

    Abandoned(RequestContext context, ReferenceQueue<RequestContext> queue) {
      super(context, queue);
      buffers = context.buffers();
    }
  }
}
