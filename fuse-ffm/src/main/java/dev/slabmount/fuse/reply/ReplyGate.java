package dev.slabmount.fuse.reply;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Replies;
import dev.slabmount.fuse.Slices;
import dev.slabmount.fuse.inode.LookupCounts;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets exactly one answer of a request through to its {@link ReplySink}, and keeps the lookup
 * counts that answers hand to the kernel.
 *
 * <p><b>Counts.</b> A count is taken before the answer is sent, because the kernel's forget may
 * arrive on another worker before the send returns; it is given back if the kernel did not take the
 * answer.
 */
public final class ReplyGate implements Replies {
  /*
   * Concurrency. `state` is the only shared field. While OWED, only `owner` writes it; the winner of
   * the transition to SENDING owns the gate until it writes ANSWERED. Edge R1: the detaching worker's
   * compareAndSet to DETACHED releases everything the operation prepared (arguments, scratch); the
   * answering thread's compareAndSet to SENDING acquires it. Edge R2: the answering thread's set to
   * ANSWERED releases its use of the buffers; whoever sees ANSWERED (drain at unmount) may free them.
   */
  private final ReplySink sink;
  private final LookupCounts counts;
  private final ReplyCounters counters;
  private final AtomicInteger state = new AtomicInteger(ReplyState.IDLE);
  private @Nullable Thread owner;
  private @Nullable Runnable whenAnswered;

  /** Creates a gate in front of {@code sink}. */
  public ReplyGate(ReplySink sink, LookupCounts counts, ReplyCounters counters) {
    this.sink = sink;
    this.counts = counts;
    this.counters = counters;
  }

  /** A request arrived on this thread, which may now answer it. */
  public void begin() {
    int now = state.getPlain();
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
    if (ReplyState.detach(state.get(), Thread.currentThread() == owner) == ReplyState.REFUSED) {
      throw new IllegalStateException(
          "only an unanswered request can be detached, once, by the worker that was called");
    }
  }

  /** Lets any thread answer; {@code answered} runs once, after the answer is out. */
  public void detach(Runnable answered) {
    requireOwed();
    whenAnswered = answered;
    state.set(ReplyState.detach(state.get(), true));
  }

  /** Whether the caller has given up. */
  public boolean interrupted() {
    return state.get() != ReplyState.ANSWERED && sink.interrupted();
  }

  /** Whether the worker still owes the answer: neither answered nor detached. */
  public boolean isOwed() {
    return state.getAcquire() == ReplyState.OWED;
  }

  /** Answers with an error if nobody has answered yet; returns whether it did. Does not log. */
  public boolean errorIfUnanswered(int errno) {
    if (!claim()) {
      return false;
    }
    settle(sink.error(errno));
    return true;
  }

  @Override
  public boolean error(int errno) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.error(errno));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean ok() {
    return error(0);
  }

  @Override
  public boolean entry(Entry entry) {
    if (refused()) {
      return false;
    }
    boolean taken = false;
    counts.add(entry.ino(), 1);
    try {
      taken = settle(sink.entry(entry));
      return taken;
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    } finally {
      if (!taken) {
        counts.remove(entry.ino(), 1);
      }
    }
  }

  @Override
  public boolean created(Entry entry, OpenedFile file) {
    if (refused()) {
      return false;
    }
    boolean taken = false;
    counts.add(entry.ino(), 1);
    try {
      checkHandle(file);
      taken = settle(sink.created(entry, file));
      return taken;
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    } finally {
      if (!taken) {
        counts.remove(entry.ino(), 1);
      }
    }
  }

  @Override
  public boolean attributes(Attributes attributes, long timeoutNanos) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.attributes(attributes, timeoutNanos));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean opened(OpenedFile file) {
    if (refused()) {
      return false;
    }
    try {
      checkHandle(file);
      return settle(sink.opened(file));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean target(byte[] target, int offset, int length) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.target(target, offset, length));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean data(long address, int length) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.data(address, length));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean data(MemorySegment data) {
    if (!data.isNative()) {
      throw new IllegalArgumentException("data on the Java heap is answered from a byte[]");
    }
    return data(data.address(), Math.toIntExact(data.byteSize()));
  }

  @Override
  public boolean data(byte[] data, int offset, int length) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.bytes(data, offset, length));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean slices(Slices slices) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.slices(slices));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean directory(DirectoryBuffer buffer) {
    if (refused()) {
      return false;
    }
    boolean taken = false;
    WireDirectoryBuffer listing = (WireDirectoryBuffer) buffer;
    listing.addCounts(counts);
    try {
      taken = settle(sink.data(listing.address(), listing.length()));
      return taken;
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    } finally {
      if (!taken) {
        listing.removeCounts(counts);
      }
    }
  }

  @Override
  public boolean written(int count) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.written(count));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean valueSize(int size) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.valueSize(size));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean figures(FileSystemFigures figures) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.figures(figures));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean lock(FileLock lock) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.lock(lock));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean offset(long offset) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.offset(offset));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean mappedBlock(long index) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.mappedBlock(index));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean ioctl(int result, long address, int length) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.ioctl(result, address, length));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  @Override
  public boolean polled(int events) {
    if (refused()) {
      return false;
    }
    try {
      return settle(sink.polled(events));
    } catch (RuntimeException | Error e) {
      throw unsent(e);
    }
  }

  private static void checkHandle(OpenedFile file) {
    if (file.fh() == FileSystem.NO_HANDLE) {
      throw new IllegalArgumentException("NO_HANDLE cannot be the handle of an opened file");
    }
  }

  /** Whether this answer must not go out; counts and logs that it was tried. */
  private boolean refused() {
    if (claim()) {
      return false;
    }
    counters.refused(state.get() == ReplyState.OWED);
    return true;
  }

  private boolean claim() {
    boolean byOwner = Thread.currentThread() == owner;
    while (true) {
      int now = state.get();
      int next = ReplyState.answer(now, byOwner);
      if (next == ReplyState.REFUSED) {
        return false;
      }
      if (state.compareAndSet(now, next)) {
        return true;
      }
    }
  }

  private boolean settle(int sent) {
    Runnable answered = whenAnswered;
    whenAnswered = null;
    state.set(ReplyState.ANSWERED);
    if (sent != 0) {
      counters.undelivered();
    }
    if (answered != null) {
      answered.run();
    }
    return sent == 0;
  }

  /** The sink threw before it sent anything: the kernel still waits, so it gets EIO. */
  private RuntimeException unsent(Throwable thrown) {
    if (state.get() == ReplyState.SENDING) {
      settle(sink.error(Errno.EIO));
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    return (RuntimeException) thrown;
  }
}
