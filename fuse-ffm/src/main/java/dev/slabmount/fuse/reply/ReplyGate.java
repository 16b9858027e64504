package dev.slabmount.fuse.reply;

import dev.slabmount.fuse.Errno;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets exactly one answer of a request through to its {@link ReplySink}. {@link GatedReplies} asks
 * it before every answer and tells it how sending went.
 */
public final class ReplyGate {
  private static final int ERRNO_MAX = 511; // fuse_dev_do_write in Linux's fs/fuse/dev.c

  /*
   * Concurrency. `state` is the only field that several threads write. While OWED, only `owner`
   * changes it; the winner of the transition to SENDING owns the gate until it writes ANSWERED.
   *
   * Edge R1: the detaching worker's set to DETACHED releases everything the operation prepared
   * (arguments, scratch, `detachment`); the answering thread's compareAndSet to SENDING acquires it.
   * So `detachment` may be a plain field: written before R1's release by the worker, read after R1's
   * acquire by the one thread that answers. A context is not used again once it was detached, hence
   * nobody writes the field a second time.
   *
   * Edge R2: the answering thread's set to ANSWERED, and giving the buffers back after it, releases
   * its use of them; whoever then gets them from the pool may use, or at unmount free, them.
   *
   * `sender` is the thread that won the transition to SENDING, which alone writes it: after the win,
   * and null before ANSWERED. So a thread that finds itself there is inside SENDING, and since a sink
   * never calls back, its call of the sink has thrown: it may send again. Without this a request that
   * is answered where the stack ends would have no answer: even the call of unsent overflows there,
   * and the guard, far up the same stack, sends the EIO. A thread may read a stale value of another
   * thread's, never of its own.
   *
   * After the sink has returned nothing may throw before ANSWERED, or a second answer would follow.
   * What settle needs until then is less stack than the native call in the sink needed, and no heap.
   *
   * `owner` is written by `begin` only, always by the same worker, since a context never moves to
   * another one. Any other thread therefore reads null or that worker, neither of which is itself:
   * the race is harmless, and the comparison is right without ordering.
   */
  private final ReplySink sink;
  private final ReplyCounters counters;
  private final AtomicInteger state = new AtomicInteger(ReplyState.IDLE);
  private @Nullable Thread owner;
  private @Nullable Thread sender;
  private @Nullable Detachment detachment;
  private int expected = -1; // as operation, written when a request begins, by its worker
  private String operation = "request";
  private @Nullable ReplyObserver observer; // written before the first request

  /** Creates a gate in front of {@code sink}. */
  public ReplyGate(ReplySink sink, ReplyCounters counters) {
    this.sink = sink;
    this.counters = counters;
  }

  /** Has somebody hear of every answer. Once, before the first request. */
  public void observe(ReplyObserver whoHears) {
    observer = whoHears;
  }

  /**
   * A request arrived on this thread, which may now answer it.
   *
   * @throws IllegalStateException if the previous request was detached or is being answered
   */
  public void begin() {
    int now = state.get();
    if (now == ReplyState.OWED || now == ReplyState.SENDING) {
      // Even the EIO of the previous request could not be sent, for want of memory or stack.
      errorIfUnanswered(Errno.EIO);
      now = state.get();
    }
    int next = ReplyState.begin(now);
    if (next == ReplyState.REFUSED) {
      throw new IllegalStateException("request begun in reply state " + now);
    }
    owner = Thread.currentThread();
    state.setRelease(next);
  }

  /**
   * Refuses what only an unanswered, undetached request on its own worker may do.
   *
   * @throws IllegalStateException if it is anything else
   */
  public void requireOwed() {
    if (ReplyState.detach(state.get(), byOwner()) == ReplyState.REFUSED) {
      throw new IllegalStateException(
          "only an unanswered request can be detached, once, by the worker that was called");
    }
  }

  /** Lets any thread answer; {@code whenOver} hears of it. */
  public void detach(Detachment whenOver) {
    requireOwed();
    detachment = whenOver;
    state.set(ReplyState.detach(ReplyState.OWED, true));
  }

  /**
   * Whether the caller has given up; false once the request is answered, and for a thread that has
   * no right to ask.
   */
  public boolean interrupted() {
    if (state.get() == ReplyState.OWED) {
      return byOwner() && sink.interrupted();
    }
    while (true) {
      int now = state.get();
      if (now == ReplyState.ASKING) {
        Thread.onSpinWait();
        continue;
      }
      int next = ReplyState.ask(now);
      if (next == ReplyState.REFUSED) {
        return false;
      }
      if (state.compareAndSet(now, next)) {
        try {
          return sink.interrupted();
        } finally {
          state.set(ReplyState.asked(next));
        }
      }
    }
  }

  /** Whether the answer is out. Any thread. */
  public boolean isAnswered() {
    return state.getAcquire() == ReplyState.ANSWERED;
  }

  /**
   * Whether the worker, which must be who asks, still owes the answer: it neither answered, nor
   * detached, nor is the sink at work elsewhere.
   */
  public boolean isOwed() {
    int now = state.getAcquire();
    return now == ReplyState.OWED
        || (now == ReplyState.SENDING && sender == Thread.currentThread());
  }

  /**
   * Answers with an error in the filesystem's place if nobody has answered yet; returns whether it
   * did. Does not log.
   */
  public boolean errorIfUnanswered(int errno) {
    if (!tryClaim()) {
      return false;
    }
    try {
      settle(sink.error(errno), true);
    } catch (RuntimeException | Error e) {
      stillOwed();
      throw e;
    }
    return true;
  }

  /**
   * What the next request takes, {@link ReplyKind#bits}; until this is called, anything. Another
   * answer becomes EIO, and an exception for who gave it.
   *
   * @param asked name of the operation, for the exception
   */
  public void expect(int kinds, String asked) {
    expected = kinds;
    operation = asked;
  }

  /** As claim, for an answer of this kind; throws if the request takes no such answer. */
  boolean claim(ReplyKind kind) {
    if (!claim()) {
      return false;
    }
    try {
      requireExpected(kind);
    } catch (RuntimeException | Error e) { // an error if there is no memory for the exception
      throw unsent(e);
    }
    return true;
  }

  private void requireExpected(ReplyKind kind) {
    if ((expected & kind.bit()) == 0) {
      throw new IllegalArgumentException(kind.method() + " is no answer to " + operation);
    }
  }

  /** As claim, for an error; an errno that the kernel refuses would leave the caller waiting. */
  boolean claimError(int errno) {
    if (errno == 0) {
      return claim(ReplyKind.OK);
    }
    if (!claim()) {
      return false;
    }
    try {
      requireErrno(errno);
    } catch (RuntimeException | Error e) { // as above
      throw unsent(e);
    }
    return true;
  }

  private static void requireErrno(int errno) {
    if (errno < 0 || errno > ERRNO_MAX) {
      throw new IllegalArgumentException(errno + " is no error number, 1 to " + ERRNO_MAX);
    }
  }

  /** Whether this thread may send now; if not, counts and logs that it was tried. */
  boolean claim() {
    if (tryClaim()) {
      return true;
    }
    counters.refused(state.get() == ReplyState.OWED);
    return false;
  }

  /** What was claimed is sent, with this result of sending; returns whether the kernel took it. */
  boolean sent(int result) {
    settle(result, false);
    return result == 0;
  }

  /**
   * The sink threw before it sent anything: the kernel still waits, so it gets EIO. Returns the
   * exception for the caller to throw on, or throws it if it is an error.
   */
  RuntimeException unsent(Throwable thrown) {
    try {
      sent(sink.error(Errno.EIO));
    } catch (RuntimeException | Error again) {
      stillOwed();
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    return (RuntimeException) thrown;
  }

  private boolean tryClaim() {
    Thread current = Thread.currentThread();
    boolean byOwner = current == owner;
    while (true) {
      int now = state.get();
      if (now == ReplyState.SENDING && current == sender) {
        return true;
      }
      if (now == ReplyState.ASKING) {
        Thread.onSpinWait();
        continue;
      }
      int next = ReplyState.answer(now, byOwner);
      if (next == ReplyState.REFUSED) {
        return false;
      }
      if (state.compareAndSet(now, next)) {
        sender = current;
        return true;
      }
    }
  }

  private boolean byOwner() {
    return Thread.currentThread() == owner;
  }

  private void settle(int result, boolean abandoned) {
    Detachment over = detachment;
    detachment = null;
    sender = null;
    state.set(ReplyState.ANSWERED);
    if (result != 0) {
      counters.undelivered();
    }
    ReplyObserver hears = observer;
    if (hears != null) {
      hears.answered();
    }
    if (over != null) {
      if (abandoned) {
        over.abandoned();
      } else {
        over.answered();
      }
    }
  }

  /** Nothing was sent, so the guard, or the drain at unmount, must still be able to answer. */
  private void stillOwed() {
    int next = ReplyState.unsent(state.get(), detachment != null);
    if (next != ReplyState.REFUSED) {
      sender = null;
      state.set(next);
    }
  }
}
