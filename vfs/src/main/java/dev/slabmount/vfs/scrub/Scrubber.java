package dev.slabmount.vfs.scrub;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentStore;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.ObjectMissingException;
import dev.slabmount.vfs.content.ObjectVersion;
import dev.slabmount.vfs.content.StoredObject;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.Manifest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Checks every object that a manifest names against a store, once each, several at a time: whether
 * it is there, how long it is, and, unless that is left out, what it hashes to.
 *
 * <p>Only reads. An object that changes while it is read is read again, a few times. What cannot be
 * read is a defect like others, and the check goes on.
 *
 * <p>One use. {@link #run} is called by one thread and owns the others; {@link #cancel} may be
 * called by any.
 */
public final class Scrubber {

  private static final int PIECE_BYTES = 256 << 10;
  private static final int ATTEMPTS = 4;
  private static final long LOOK_MILLIS = 50;

  private final Manifest manifest;
  private final ContentStore store;
  private final int jobs;
  private final boolean hashing;
  private final ScrubProgress progress;
  private final DefectList defects = new DefectList();
  private final AtomicInteger nextObject = new AtomicInteger();
  private final LongAdder bytesHashed = new LongAdder();
  private final AtomicReference<@Nullable Throwable> mistake = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean cancelled;

  /**
   * A check that has not begun.
   *
   * @param store stays the caller's
   * @param jobs how many objects are read at once, at least 1
   * @param hashing whether content is read and hashed; otherwise only lengths are compared
   * @param progress is kept up to date
   */
  public Scrubber(
      final Manifest manifest,
      final ContentStore store,
      final int jobs,
      final boolean hashing,
      final ScrubProgress progress) {
    if (jobs < 1) {
      throw new IllegalArgumentException("jobs: " + jobs + ", need at least 1");
    }
    this.manifest = manifest;
    this.store = store;
    this.jobs = jobs;
    this.hashing = hashing;
    this.progress = progress;
  }

  /**
   * Checks everything. Does not wait for reads that hang if it is cancelled or interrupted.
   *
   * @throws ScrubCancelledException if it was {@linkplain #cancel cancelled}, or this thread was
   *     interrupted; the message says how far it had come
   */
  public ScrubReport run() throws ScrubCancelledException {
    try {
      final ObjectTable table = ObjectTable.of(manifest);
      progress.begin(table.count(), table.totalLength());
      final List<Thread> workers = new ArrayList<>();
      for (int job = 0; job < Math.min(jobs, table.count()); job++) {
        workers.add(Thread.ofPlatform().daemon().name("verify-" + job).start(new Worker(table)));
      }
      await(workers);
      final Throwable failure = mistake.get();
      if (failure instanceof final Error error) {
        throw error; // No memory, most likely, which is nobody's mistake.
      }
      if (failure != null) {
        throw new IllegalStateException("a check failed", failure);
      }
      if (cancelled) {
        throw new ScrubCancelledException(
            "cancelled after %d of %d objects, %d of them defective"
                .formatted(progress.objectsDone(), table.count(), progress.defects()));
      }
      return new ScrubReport(manifest, table, defects, bytesHashed.sum());
    } finally {
      ended.countDown();
    }
  }

  private void await(final List<Thread> workers) {
    for (final Thread worker : workers) {
      try {
        while (!worker.join(Duration.ofMillis(LOOK_MILLIS)) && !cancelled) {
          // Looks again.
        }
      } catch (final InterruptedException _) {
        Thread.currentThread().interrupt();
        cancelled = true;
      }
    }
    if (cancelled) {
      workers.forEach(Thread::interrupt);
    }
  }

  /**
   * Ends the check soon, and waits until {@link #run} has ended.
   *
   * @param patience how long to wait at most
   */
  public void cancel(final Duration patience) throws InterruptedException {
    cancelled = true;
    final boolean _ = ended.await(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Checks one object after the other; owns the memory for hashing. */
  private final class Worker implements Runnable {
    private final ObjectTable table;
    private final Xxh128 hasher = new Xxh128();
    private final MemorySegment piece;

    /** Bytes of the object in hand that progress has counted; an attempt may begin again at 0. */
    private long counted;

    Worker(final ObjectTable table) {
      this.table = table;
      this.piece = Arena.ofAuto().allocate(hashing ? PIECE_BYTES : 1);
    }

    @Override
    public void run() {
      try {
        int object;
        while (!cancelled && (object = nextObject.getAndIncrement()) < table.count()) {
          counted = 0;
          check(object);
          if (!cancelled) {
            progress.addBytes(table.length(object) - counted);
            progress.addObject();
          }
        }
      } catch (final Throwable failure) {
        mistake.compareAndSet(null, failure);
        cancelled = true;
      }
    }

    private void check(final int number) {
      final ContentHash hash = table.hash(number);
      try {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
          try (StoredObject object = store.open(hash)) {
            if (isChecked(number, hash, object)) {
              return;
            }
          }
        }
        defects.addUnreadable(number, "it changes all the time");
        progress.addDefect();
      } catch (final ObjectMissingException _) {
        defects.addMissing(number);
        progress.addDefect();
      } catch (final ContentStoreException e) {
        if (!cancelled) {
          defects.addUnreadable(number, String.valueOf(e.getMessage()));
          progress.addDefect();
        }
      }
    }

    /** False if the object changed meanwhile. */
    private boolean isChecked(final int number, final ContentHash hash, final StoredObject object)
        throws ContentStoreException {
      final ObjectVersion version = object.version();
      if (version.length() != table.length(number)) {
        defects.addLength(number, version.length());
        progress.addDefect();
        return true;
      }
      if (!hashing) {
        return true;
      }
      final ContentHash found = hash(object);
      if (!object.currentVersion().isSameAs(version)) {
        return false;
      }
      if (!cancelled && !found.equals(hash)) {
        defects.addDamaged(number, found);
        progress.addDefect();
      }
      return true;
    }

    private ContentHash hash(final StoredObject object) throws ContentStoreException {
      hasher.reset();
      long offset = 0;
      int count;
      while (!cancelled && (count = object.read(offset, piece)) > 0) {
        hasher.update(piece.asSlice(0, count));
        offset += count;
        bytesHashed.add(count);
        if (offset > counted) {
          progress.addBytes(offset - counted);
          counted = offset;
        }
      }
      return hasher.digest();
    }
  }
}
