package dev.slabmount.vfs.content;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which objects are not what they should be, and in which {@linkplain ObjectVersion
 * version}: such an object is poisoned, nothing of it is handed out until the store has another
 * version of it.
 *
 * <p>What is found is remembered before anybody is told to discard what he has of the object. So
 * whoever reads it after that is refused, and whoever began before is told.
 *
 * <p><b>Threads:</b> any. Holds no lock while others are told.
 */
final class KnownDamage {

  private final ConcurrentMap<Claim, Damage> known = new ConcurrentHashMap<>();
  private final LongAdder count = new LongAdder();
  private final LongAdder discards = new LongAdder();
  private final Logger log;
  private volatile DiscardListener listener = hash -> {};

  /** What somebody said of an object. */
  record Claim(ContentHash hash, long length) {}

  /** What was found instead; no hash if the length alone is wrong. */
  record Damage(ObjectVersion version, @Nullable ContentHash found, String place) {

    VerificationException toException(final Claim claim) {
      return found == null
          ? VerificationException.ofLength(claim.hash, claim.length, version.length(), place)
          : VerificationException.ofContent(claim.hash, found, place);
    }
  }

  KnownDamage(final Logger log) {
    this.log = log;
  }

  void listener(final DiscardListener newListener) {
    listener = newListener;
  }

  /** Refuses an object of another length, and one that is known to be damaged in this version. */
  void refuse(final Claim claim, final StoredObject object) throws VerificationException {
    final ObjectVersion version = object.version();
    if (version.length() != claim.length) {
      throw add(claim, new Damage(version, null, object.place()));
    }
    final Damage damage = known.get(claim);
    if (damage == null) {
      return;
    }
    if (damage.version.isSameAs(version)) {
      throw damage.toException(claim);
    }
    known.remove(claim, damage);
  }

  /**
   * Logs, counts and remembers what was found, and has copies discarded, unless it is known.
   *
   * @return what to tell the reader
   */
  VerificationException add(final Claim claim, final Damage damage) {
    final VerificationException exception = damage.toException(claim);
    // A version that is too young may mean other bytes the next time: nothing to remember.
    final Damage before = damage.version.settled() ? known.put(claim, damage) : null;
    if (before == null || !before.version.isSameAs(damage.version)) {
      count.increment();
      log.log(Level.ERROR, exception.getMessage());
      discard(claim.hash);
    }
    return exception;
  }

  /** Has copies discarded that are of no known version any more. */
  void discard(final ContentHash hash) {
    discards.increment();
    listener.discard(hash);
  }

  /** Objects found to be damaged, once for each version. */
  long count() {
    return count.sum();
  }

  /** How often copies were discarded. */
  long discards() {
    return discards.sum();
  }
}
