package dev.slabmount.vfs.content;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands out bytes of objects, checked as far as its {@linkplain VerificationMode mode} says.
 *
 * <p>{@code STRICT}: no byte of an object before all of the object was hashed and found to be what
 * its name says. An object that fits into the destination is read into it and hashed there, every
 * time: what is handed out are the very bytes that were hashed, whatever happens to the store. A
 * larger one is hashed by whoever asks first, in pieces of 256 KiB, while others that ask for it
 * wait; then ranges are read from the opened object, and used only if the store still has the
 * {@linkplain ObjectVersion version} that was hashed. It is hashed again only when the store has
 * another version of it, so here the promise is as good as the version: in a folder it does not
 * cover programs that change an object through a shared memory map.
 *
 * <p>An object found to be damaged, or of another length than asked for, fails every read from then
 * on without being read again, until the store has another version of it. It is logged and counted
 * once. (While its version is not {@linkplain ObjectVersion#settled settled}, which takes some
 * milliseconds, nothing is remembered: it is read, logged and counted each time.)
 *
 * <p>Memory: {@link VerifiedObjects 43 to 86 bytes} for each object that was read, and 17 KiB (273
 * KiB once it has hashed a large object) for each thread that was ever inside at the same time.
 *
 * <p><b>Threads:</b> any number. No lock is held while the store is asked. An interrupted thread's
 * read fails; if it was hashing an object for others, one of them takes over.
 */
public final class VerifyingReader implements ContentReader {

  /** An object that is another one each time we look is given up after so many looks. */
  private static final int ATTEMPTS = 100;

  /** How long to wait before looking again at an object that was written only just now. */
  private static final long SETTLE_NANOS = 1_000_000;

  private final ContentStore store;
  private final VerificationMode mode;
  private final Logger log;
  private final VerifiedObjects verified = new VerifiedObjects();
  private final ConcurrentMap<Claim, Failure> failures = new ConcurrentHashMap<>();
  private final HashPasses passes = new HashPasses();

  private final LongAdder reads = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder changes = new LongAdder();
  private final LongAdder failureCount = new LongAdder();

  /** What somebody said of an object. */
  private record Claim(ContentHash hash, long length) {}

  /** What was found instead; no hash if the length alone is wrong. */
  private record Failure(ObjectVersion version, @Nullable ContentHash found, String place) {

    VerificationException toException(final Claim claim) {
      return found == null
          ? VerificationException.ofLength(claim.hash, claim.length, version.length(), place)
          : VerificationException.ofContent(claim.hash, found, place);
    }
  }

  /** A reader in mode {@code STRICT}. */
  public VerifyingReader(final ContentStore store) {
    this(store, VerificationMode.STRICT);
  }

  /** Reads from {@code store}, which stays the caller's to close, after the last read. */
  public VerifyingReader(final ContentStore store, final VerificationMode mode) {
    this(store, mode, System.getLogger(VerifyingReader.class.getName()));
  }

  VerifyingReader(final ContentStore store, final VerificationMode mode, final Logger log) {
    this.store = store;
    this.mode = mode;
    this.log = log;
  }

  @Override
  public int read(
      final ContentHash hash,
      final long objectLength,
      final long offset,
      final MemorySegment destination)
      throws ContentStoreException {
    Objects.checkFromToIndex(offset, objectLength, objectLength);
    final long wanted = Math.min(destination.byteSize(), objectLength - offset);
    final MemorySegment target = destination.asSlice(0, wanted);
    final Claim claim = new Claim(hash, objectLength);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try (StoredObject object = store.open(hash)) {
        refuseKnownFailure(claim, object);
        if (read(claim, object, offset, target)) {
          reads.increment();
          bytesRead.add(wanted);
          return (int) wanted;
        }
      }
    }
    throw new ContentStoreException(
        "cannot read object %s: it changed during each of %d attempts".formatted(hash, ATTEMPTS));
  }

  private boolean read(
      final Claim claim, final StoredObject object, final long offset, final MemorySegment target)
      throws ContentStoreException {
    if (mode == VerificationMode.OFF) {
      return object.read(offset, target) == target.byteSize();
    }
    return target.byteSize() == claim.length
        ? readWhole(claim, object, target)
        : readRange(claim, object, offset, target);
  }

  private void refuseKnownFailure(final Claim claim, final StoredObject object)
      throws VerificationException {
    final ObjectVersion version = object.version();
    if (version.length() != claim.length) {
      throw fail(claim, new Failure(version, null, object.place()));
    }
    final Failure failure = failures.get(claim);
    if (failure == null) {
      return;
    }
    if (failure.version.isSameAs(version)) {
      throw failure.toException(claim);
    }
    failures.remove(claim, failure);
  }

  /** Reads all of an object and hashes it where it lies. False if it changed meanwhile. */
  private boolean readWhole(
      final Claim claim, final StoredObject object, final MemorySegment target)
      throws ContentStoreException {
    final ObjectVersion version = object.version();
    final int count = object.read(0, target);
    // Also if this version was whole before: not every change of a file gives it another version.
    final ContentHash found = passes.hash(target.asSlice(0, count));
    if (!isUnchanged(object)) {
      return false;
    }
    if (!found.equals(claim.hash)) {
      throw fail(claim, new Failure(version, found, object.place()));
    }
    // These very bytes were hashed, so they are right even if the version says nothing about later.
    if (version.settled()) {
      verified.remember(claim.hash, version);
    }
    return true;
  }

  /** Reads a part of an object, which is hashed first if need be. False: look at it again. */
  private boolean readRange(
      final Claim claim, final StoredObject object, final long offset, final MemorySegment target)
      throws ContentStoreException {
    if (!verified.contains(claim.hash, object.version())) {
      if (!object.version().settled()) {
        LockSupport.parkNanos(SETTLE_NANOS);
        return false;
      }
      if (!passes.runOrAwait(claim.hash, () -> verify(claim, object))) {
        return false;
      }
    }
    return object.read(offset, target) == target.byteSize() && isUnchanged(object);
  }

  /** Hashes all of a large object. False if it changed meanwhile. */
  private boolean verify(final Claim claim, final StoredObject object)
      throws ContentStoreException {
    final ObjectVersion version = object.version();
    if (verified.contains(claim.hash, version)) {
      return true; // Another thread's pass ended between our look and our turn.
    }
    final ContentHash found = passes.hash(object);
    if (!isUnchanged(object)) {
      return false;
    }
    if (!found.equals(claim.hash)) {
      throw fail(claim, new Failure(version, found, object.place()));
    }
    verified.remember(claim.hash, version);
    return true;
  }

  private boolean isUnchanged(final StoredObject object) throws ContentStoreException {
    final boolean unchanged = object.currentVersion().isSameAs(object.version());
    if (!unchanged) {
      changes.increment();
    }
    return unchanged;
  }

  private VerificationException fail(final Claim claim, final Failure failure) {
    final VerificationException exception = failure.toException(claim);
    // A version that is too young may mean other bytes the next time: nothing to remember.
    final Failure known = failure.version.settled() ? failures.put(claim, failure) : null;
    if (known == null || !known.version.isSameAs(failure.version)) {
      failureCount.increment();
      log.log(Level.ERROR, exception.getMessage());
    }
    return exception;
  }

  /** What was done so far. */
  public VerificationCounters counters() {
    return new VerificationCounters(
        reads.sum(),
        bytesRead.sum(),
        passes.objectsHashed(),
        passes.bytesHashed(),
        passes.waits(),
        changes.sum(),
        failureCount.sum(),
        verified.count());
  }
}
