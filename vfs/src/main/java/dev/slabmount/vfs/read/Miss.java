package dev.slabmount.vfs.read;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Request;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A read that needs the store: which bytes, how far it has come, and the one answer it owes.
 *
 * <p>It waits for one block at a time, in the list of that block's {@link Fetch}; the fetch, when
 * it has the block, calls {@link #landed}, and the read goes on to the next block, on that thread.
 * So no thread belongs to a read, however long it waits. All it does itself is quick.
 *
 * <p><b>Threads.</b> Whoever makes it go on owns it: the worker that made it, then one fetch after
 * another. {@link #claim} is for any thread, and who wins it answers: the owner when all bytes are
 * there, the keeper when time is over or the caller gave up.
 */
final class Miss {

  private final ReadContext context;
  private final Request request;
  private final long ino;
  private final long offset;
  private final int count;
  private final long startNanos = System.nanoTime();
  private final AtomicBoolean claimed = new AtomicBoolean();

  /** How many bytes, from {@link #offset} on, lie in blocks that were seen in the pool. */
  private int done;

  /** Whether the owner won the claim, and serves. */
  private boolean serving;

  /** The bytes, if the pool is too small to hold the blocks of this read together. */
  private byte @Nullable [] copy;

  Miss(
      final ReadContext context,
      final Request request,
      final long ino,
      final long offset,
      final int count) {
    this.context = context;
    this.request = request;
    this.ino = ino;
    this.offset = offset;
    this.count = count;
  }

  // ---- The owner ----

  /**
   * Goes on until it has to wait for a block, or is answered.
   *
   * @param here the fetch on whose thread this happens, which may run the next one; null if none
   */
  void proceed(final @Nullable Fetch here) {
    try {
      while (!claimed.get()) {
        if (done == count && finish()) {
          return;
        }
        final long position = offset + done;
        final int object = context.layout().object(ino, position);
        final long block = context.layout().block(object, position);
        final long token = context.replies().pin(ino, object, block);
        if (token == MemoryPool.NO_BLOCK) {
          context.fetches().want(this, ino, object, block, here);
          return;
        }
        try {
          take(token);
        } finally {
          context.pool().unpin(token);
        }
      }
    } catch (final Throwable failure) {
      fail(failure);
    }
  }

  /** The block that this waited for is in the pool, and pinned by the caller. */
  void landed(final long token, final Fetch here) {
    try {
      take(token);
    } catch (final Throwable failure) {
      fail(failure);
      return;
    }
    proceed(here);
  }

  /** Takes from a pinned block what this read wants of it. */
  private void take(final long token) {
    final long position = offset + done;
    final int object = context.layout().object(ino, position);
    final int blockLength =
        context.layout().blockLength(ino, object, context.layout().block(object, position));
    if (context.pool().length(token) != blockLength) {
      throw new IllegalStateException(
          "the manifest gives object "
              + context.tree().hash(ino, object)
              + " different lengths; here "
              + context.layout().objectLength(ino, object));
    }
    final int within = context.layout().withinBlock(position);
    final int length = context.layout().lengthInBlock(position, count - done);
    if (length == count) {
      final long address = context.pool().address(token) + within;
      answer(() -> request.reply().data(address, count));
    } else if (copy != null) {
      final MemorySegment to = MemorySegment.ofArray(copy);
      MemorySegment.copy(context.pool().view(token), within, to, done, length);
    }
    done += length;
  }

  /**
   * Answers, now that every block was seen in the pool.
   *
   * @return false if they were not all there together: then this begins again, copying
   */
  private boolean finish() {
    final byte[] bytes = copy;
    if (bytes != null) {
      answer(() -> request.reply().data(bytes, 0, count));
      return true;
    }
    final boolean gathered;
    try {
      gathered = context.replies().replyGathering(request, ino, offset, count, this::claimToServe);
    } catch (final RuntimeException | Error e) {
      if (!serving) {
        throw e;
      }
      replyFailed(e);
      return true;
    }
    if (gathered) {
      context.pending().leave(this);
      return true;
    }
    copy = new byte[count];
    done = 0;
    return false;
  }

  private void answer(final Runnable reply) {
    if (claimToServe()) {
      try {
        reply.run();
      } catch (final RuntimeException | Error e) {
        replyFailed(e);
        return;
      }
      context.pending().leave(this);
    }
  }

  /** This read was claimed to be served, but its reply threw: says EIO instead, and logs why. */
  private void replyFailed(final Throwable failure) {
    try {
      context.counters().failures.increment();
      errorUnlessAnswered(Errno.EIO); // If this throws, too, the end of the mount answers it.
    } finally {
      try {
        context.log().failed(ino, offset, failure);
      } finally {
        context.pending().leave(this);
      }
    }
  }

  private boolean claimToServe() {
    if (!claim()) {
      return false;
    }
    serving = true;
    context.counters().storeReads.increment();
    context.counters().bytesRead.add(count);
    return true;
  }

  /** Answers with the error that fits, and logs why. */
  void fail(final Throwable failure) {
    if (claim()) {
      try {
        context.counters().failures.increment();
        errorUnlessAnswered(
            failure instanceof MemoryPoolException.PoolExhausted ? Errno.ENOMEM : Errno.EIO);
        context.log().failed(ino, offset, failure);
      } finally {
        context.pending().leave(this);
      }
    }
  }

  // ---- Anybody ----

  /** Whether the caller is now the one who answers, and then says that this is pending no more. */
  private boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /** Whether somebody still waits for the answer, and has not given up. */
  boolean isWanted() {
    return !claimed.get() && !request.isAnswered() && !request.interrupted();
  }

  /** Whether it is answered, or somebody is at it. */
  boolean isClaimed() {
    return claimed.get();
  }

  /** Answers with EIO because the mount ends. */
  void abort() {
    if (claim()) {
      context.counters().failures.increment();
      errorUnlessAnswered(Errno.EIO);
      context.pending().leave(this);
    }
  }

  /**
   * Ends this read if the caller gave up, if it took longer than {@code timeoutNanos}, or if the
   * binding answered it when the mount ended.
   */
  void endIfOver(final long nowNanos, final long timeoutNanos) {
    final boolean answered = request.isAnswered();
    final boolean interrupted = !answered && request.interrupted();
    if ((answered || interrupted || nowNanos - startNanos >= timeoutNanos) && claim()) {
      try {
        if (interrupted) {
          context.counters().interrupts.increment();
          errorUnlessAnswered(Errno.EINTR);
        } else if (!answered) {
          context.counters().failures.increment();
          context.counters().timeouts.increment();
          errorUnlessAnswered(Errno.EIO);
          context.log().timedOut(ino, offset, timeoutNanos);
        }
      } finally {
        context.pending().leave(this);
      }
    }
  }

  private void errorUnlessAnswered(final int errno) {
    if (!request.isAnswered()) {
      request.reply().error(errno);
    }
  }
}
