package dev.slabmount.vfs.content;

import dev.slabmount.vfs.content.KnownDamage.Claim;
import dev.slabmount.vfs.content.KnownDamage.Damage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hashes objects that are being handed out already, one after the other, on a thread of its own.
 *
 * <pre>
 *   first read ──▶ suspect in version V ─── pass: whole ─────────────▶ verified in V
 *                     │    ▲      │    └─── pass: damaged ───────────▶ poisoned in V, copies discarded
 *                     │    └──────┘ cannot be read: once more later
 *                     └─ the store has another version: copies discarded, nobody can check them any more
 * </pre>
 *
 * <p><b>Way back.</b> While others read, the pass rests three times as long as its last piece took,
 * up to a second: a slow disk gets more rest than a fast one. When nobody reads it does not rest.
 * So it takes at most a quarter of what one reader could have, and never stands still. A reader
 * that goes through a file from its start is ahead of the pass, whose own reads then come from the
 * page cache.
 *
 * <p><b>Bounds.</b> At most {@value #SUSPECTS_MAX} objects are suspects at a time, about 200 bytes
 * each; what is read beyond them has to be hashed first. Memory for hashing is that of one thread.
 *
 * <p><b>Threads:</b> any. One daemon thread, which ends when it has had nothing to do for a while.
 * A store that does not answer holds up the pass, but neither reads nor {@link #close}.
 */
final class BackgroundChecks implements AutoCloseable {

  static final int SUSPECTS_MAX = 65_536;

  private static final int REST_PER_WORK = 3;
  private static final long REST_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);
  private static final long FIRST_RETRY_MILLIS = 500;
  private static final int RETRY_DOUBLINGS_MAX = 7;
  private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long IDLE_SECONDS = 5;
  private static final long CLOSE_MILLIS = 1_000;

  private final ContentStore store;
  private final HashPasses passes;
  private final VerifiedObjects verified;
  private final KnownDamage damage;
  private final Logger log;
  private final ConcurrentMap<ContentHash, Suspect> suspects = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor thread;
  private final AtomicInteger readers = new AtomicInteger();
  private final LongAdder reads = new LongAdder();
  private final LongAdder failedPasses = new LongAdder();
  private final AtomicLong nextComplaintNanos = new AtomicLong(System.nanoTime());
  private final CountDownLatch closing = new CountDownLatch(1);
  private long lastReads; // Of the pass's thread alone.

  /** An object of which something was handed out, in a version that nobody has hashed. */
  private record Suspect(ContentHash hash, ObjectVersion version) {}

  BackgroundChecks(
      final ContentStore store,
      final HashPasses passes,
      final VerifiedObjects verified,
      final KnownDamage damage,
      final Logger log) {
    this.store = store;
    this.passes = passes;
    this.verified = verified;
    this.damage = damage;
    this.log = log;
    thread =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("slabmount-verify").factory());
    thread.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    thread.allowCoreThreadTimeOut(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** A read begins: the pass makes way. To be followed by {@link #readEnds}. */
  void readBegins() {
    readers.incrementAndGet();
    reads.increment();
  }

  void readEnds() {
    readers.decrementAndGet();
  }

  /**
   * Makes sure that a version of an object will be hashed. To be called before anything of it is
   * read, so that whoever reads it is told of what is found.
   *
   * @return false if it will not be, because too many are waiting or this is closed: hash it now
   */
  boolean admit(final ContentHash hash, final ObjectVersion version) {
    while (true) {
      final Suspect known = suspects.get(hash);
      if (known != null && known.version.isSameAs(version)) {
        return true;
      }
      if (isClosed() || (known == null && suspects.size() >= SUSPECTS_MAX)) {
        return false;
      }
      final Suspect suspect = new Suspect(hash, version);
      if (known == null) {
        if (suspects.putIfAbsent(hash, suspect) == null) {
          return schedule(suspect, 0, 0);
        }
      } else if (suspects.replace(hash, known, suspect)) {
        damage.discard(hash);
        return schedule(suspect, 0, 0);
      }
    }
  }

  private boolean schedule(final Suspect suspect, final int attempt, final long delayMillis) {
    try {
      final Future<?> _ =
          thread.schedule(() -> check(suspect, attempt), delayMillis, TimeUnit.MILLISECONDS);
      return true;
    } catch (final RejectedExecutionException _) {
      return false; // Closed.
    }
  }

  /** The pass over one object. */
  private void check(final Suspect suspect, final int attempt) {
    if (isClosed() || !suspect.equals(suspects.get(suspect.hash))) {
      return; // Or the store has another version by now, and that has a pass of its own.
    }
    try {
      if (!verified.contains(suspect.hash, suspect.version)) {
        hash(suspect);
      }
      suspects.remove(suspect.hash, suspect);
    } catch (final Throwable failure) {
      retry(suspect, attempt, failure);
    }
  }

  private void hash(final Suspect suspect) throws ContentStoreException {
    final ObjectVersion version = suspect.version;
    try (StoredObject object = store.open(suspect.hash)) {
      final ContentHash found =
          object.version().isSameAs(version) ? passes.hash(object, this::makeWay) : null;
      if (found == null || !object.currentVersion().isSameAs(version)) {
        // In this order: who reads it from now on is to admit it anew. And only if nobody has.
        if (suspects.remove(suspect.hash, suspect)) {
          damage.discard(suspect.hash);
        }
      } else if (found.equals(suspect.hash)) {
        verified.remember(suspect.hash, version);
      } else {
        damage.add(
            new Claim(suspect.hash, version.length()), new Damage(version, found, object.place()));
      }
    }
  }

  /** Rests after a piece that took so long, if others read. */
  private void makeWay(final long pieceNanos) throws ContentStoreException {
    final long before = lastReads;
    lastReads = reads.sum();
    if (readers.get() > 0 || lastReads != before) {
      try {
        final boolean _ =
            closing.await(
                Math.min(REST_NANOS_MAX, REST_PER_WORK * pieceNanos), TimeUnit.NANOSECONDS);
      } catch (final InterruptedException e) {
        throw new ContentStoreException("interrupted", e); // By nobody here.
      }
    }
    if (isClosed()) {
      throw new ContentStoreException("closed");
    }
  }

  private void retry(final Suspect suspect, final int attempt, final Throwable failure) {
    if (isClosed()) {
      return;
    }
    failedPasses.increment();
    final long now = System.nanoTime();
    final long next = nextComplaintNanos.get();
    if (now - next >= 0 && nextComplaintNanos.compareAndSet(next, now + COMPLAINT_NANOS)) {
      log.log(
          Level.WARNING,
          "object {0} is served unchecked, and checking it will be tried again: {1}",
          suspect.hash,
          failure instanceof ContentStoreException ? failure.getMessage() : failure.toString());
    }
    final boolean _ =
        schedule(
            suspect, attempt + 1, FIRST_RETRY_MILLIS << Math.min(attempt, RETRY_DOUBLINGS_MAX));
  }

  /** Objects of which something was handed out and that are not hashed yet. */
  long suspects() {
    return suspects.size();
  }

  /** How often an object could not be read to its end. */
  long failedPasses() {
    return failedPasses.sum();
  }

  private boolean isClosed() {
    return closing.getCount() == 0;
  }

  /**
   * Ends the pass after its piece. A store that does not answer is waited for no longer than a
   * second. Nothing is interrupted: that could wait for the store itself, see {@link StoredObject}.
   */
  @Override
  public void close() {
    closing.countDown();
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
        log.log(
            Level.WARNING,
            "a check of content did not end: the store does not answer; left behind");
      }
    } catch (final InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
