package dev.slabmount.vfs.content;

import dev.slabmount.vfs.content.KnownDamage.Claim;
import dev.slabmount.vfs.content.KnownDamage.Damage;
import java.lang.System.Logger;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands out bytes of objects, checked as far as its {@link VerificationMode} says.
 *
 * <p>An object that fits into the destination is read into it and hashed there, every time: what is
 * handed out are the very bytes that were hashed, whatever happens to the store. A larger one is
 * hashed in pieces of 256 KiB, once for each {@linkplain ObjectVersion version} that the store has
 * of it. Ranges are read from the opened object, and used only if the store still has the same
 * version afterwards; so here the promise is as good as the version: in a folder it does not cover
 * programs that change an object through a shared memory map.
 *
 * <ul>
 *   <li>{@code STRICT}: a large object is hashed by whoever asks first, while others that ask for
 *       it wait.
 *   <li>{@code BACKGROUND}: it is handed out at once, and hashed by {@link BackgroundChecks}. If it
 *       proves damaged, or has changed before it was hashed, the {@link DiscardListener} is told to
 *       drop what was handed out.
 *   <li>{@code OFF}: nothing is hashed, whatever the size, and versions do not matter.
 * </ul>
 *
 * <p>An object found to be damaged, or of another length than asked for, fails every read from then
 * on without being read again, until the store has another version of it. It is logged and counted
 * once. (While its version is not {@linkplain ObjectVersion#settled settled}, which takes some
 * milliseconds, nothing is remembered: it is read, logged and counted each time.)
 *
 * <p>Memory: {@link VerifiedObjects 43 to 86 bytes} for each object that was read, about 200 more
 * while it waits to be hashed, and 17 KiB (273 KiB once it has hashed a large object) for each
 * thread that was ever inside at the same time.
 *
 * <p><b>Threads:</b> any number. No lock is held while the store is asked. An interrupted thread's
 * read fails; if it was hashing an object for others, one of them takes over.
 */
public final class VerifyingReader implements ContentReader, AutoCloseable {

  /** An object that is another one each time we look is given up after so many looks. */
  private static final int ATTEMPTS = 100;

  /** How long to wait before looking again at an object that was written only just now. */
  private static final long SETTLE_NANOS = 1_000_000;

  private final ContentStore store;
  private final VerificationMode mode;
  private final VerifiedObjects verified = new VerifiedObjects();
  private final HashPasses passes = new HashPasses();
  private final KnownDamage damage;
  private final BackgroundChecks background;

  private final LongAdder reads = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder bytesUnverified = new LongAdder();
  private final LongAdder changes = new LongAdder();

  /** A reader in mode {@code STRICT}. */
  public VerifyingReader(final ContentStore store) {
    this(store, VerificationMode.STRICT);
  }

  /** Reads from {@code store}, which stays the caller's to close, after this. */
  public VerifyingReader(final ContentStore store, final VerificationMode mode) {
    this(store, mode, System.getLogger(VerifyingReader.class.getName()));
  }

  VerifyingReader(final ContentStore store, final VerificationMode mode, final Logger log) {
    this.store = store;
    this.mode = mode;
    this.damage = new KnownDamage(log);
    this.background = new BackgroundChecks(store, passes, verified, damage, log);
  }

  @Override
  public void onDiscard(final DiscardListener listener) {
    damage.listener(listener);
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
    background.readBegins();
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        try (StoredObject object = store.open(hash)) {
          damage.refuse(claim, object);
          if (read(claim, object, offset, target)) {
            reads.increment();
            bytesRead.add(wanted);
            return (int) wanted;
          }
        }
      }
    } finally {
      background.readEnds();
    }
    throw new ContentStoreException(
        "cannot read object %s: it changed during each of %d attempts".formatted(hash, ATTEMPTS));
  }

  /** Reads all of {@code target}. False if the object changed meanwhile: look at it again. */
  private boolean read(
      final Claim claim, final StoredObject object, final long offset, final MemorySegment target)
      throws ContentStoreException {
    if (mode == VerificationMode.OFF) {
      return object.read(offset, target) == target.byteSize();
    }
    if (target.byteSize() == claim.length()) {
      return readWhole(claim, object, target);
    }
    if (verified.contains(claim.hash(), object.version())) {
      return readRange(object, offset, target);
    }
    if (!object.version().settled()) {
      LockSupport.parkNanos(SETTLE_NANOS);
      return false;
    }
    if (mode == VerificationMode.BACKGROUND && background.admit(claim.hash(), object.version())) {
      return readUnverified(claim, object, offset, target);
    }
    return passes.runOrAwait(claim.hash(), () -> verify(claim, object))
        && readRange(object, offset, target);
  }

  /** Reads all of an object and hashes it where it lies. */
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
    if (!found.equals(claim.hash())) {
      throw damage.add(claim, new Damage(version, found, object.place()));
    }
    // These very bytes were hashed, so they are right even if the version says nothing about later.
    if (version.settled()) {
      verified.remember(claim.hash(), version);
    }
    return true;
  }

  private boolean readRange(
      final StoredObject object, final long offset, final MemorySegment target)
      throws ContentStoreException {
    return object.read(offset, target) == target.byteSize() && isUnchanged(object);
  }

  private boolean readUnverified(
      final Claim claim, final StoredObject object, final long offset, final MemorySegment target)
      throws ContentStoreException {
    if (!readRange(object, offset, target)) {
      return false;
    }
    damage.refuse(claim, object); // It may have been found damaged while it was being read.
    bytesUnverified.add(target.byteSize());
    return true;
  }

  /** Hashes all of a large object. */
  private boolean verify(final Claim claim, final StoredObject object)
      throws ContentStoreException {
    final ObjectVersion version = object.version();
    if (verified.contains(claim.hash(), version)) {
      return true; // Another thread's pass ended between our look and our turn.
    }
    final ContentHash found = passes.hash(object);
    if (!isUnchanged(object)) {
      return false;
    }
    if (!found.equals(claim.hash())) {
      throw damage.add(claim, new Damage(version, found, object.place()));
    }
    verified.remember(claim.hash(), version);
    return true;
  }

  private boolean isUnchanged(final StoredObject object) throws ContentStoreException {
    final boolean unchanged = object.currentVersion().isSameAs(object.version());
    if (!unchanged) {
      changes.increment();
    }
    return unchanged;
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
        damage.count(),
        verified.count(),
        bytesUnverified.sum(),
        background.suspects(),
        background.failedPasses(),
        damage.discards());
  }

  /**
   * Ends what goes on in the background; call it when nobody reads any more. Takes at most about a
   * second, also if the store does not answer. Closing twice is harmless.
   */
  @Override
  public void close() {
    background.close();
  }
}
