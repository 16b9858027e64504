package dev.slabmount.vfs.content;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Hashes whole objects: at most one pass over each object at a time, in bounded memory.
 *
 * <p><b>Threads:</b> any number. Memory for hashing belongs to one thread while it hashes and is
 * kept for the next; there is as much of it as threads ever hashed at once.
 */
final class HashPasses {

  private static final int PIECE_BYTES = 256 << 10;

  private final ConcurrentMap<ContentHash, Pass> underWay = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Xxh128> idleHashers = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<MemorySegment> idlePieces = new ConcurrentLinkedQueue<>();
  private final LongAdder objectsHashed = new LongAdder();
  private final LongAdder bytesHashed = new LongAdder();
  private final LongAdder waits = new LongAdder();

  /** What is done while everybody else who wants the object waits. */
  @FunctionalInterface
  interface Work {
    boolean run() throws ContentStoreException;
  }

  /** Is told after each piece how long it took to read and hash; may pause, or give up. */
  @FunctionalInterface
  interface Pace {
    void pieceDone(long nanos) throws ContentStoreException;
  }

  private static final class Pass {
    final CountDownLatch done = new CountDownLatch(1);
    // Written before, read after the latch opens.
    @Nullable ContentStoreException failure;
  }

  /**
   * Runs {@code work}, or waits while another thread runs its own for the same object. Whatever
   * {@code work} does happens before the others go on.
   *
   * @return what {@code work} returned; false after waiting: look again
   * @throws ContentStoreException what {@code work} threw here or in the other thread, unless that
   *     one was interrupted
   */
  boolean runOrAwait(final ContentHash hash, final Work work) throws ContentStoreException {
    final Pass mine = new Pass();
    final Pass other = underWay.putIfAbsent(hash, mine);
    if (other != null) {
      await(hash, other);
      return false;
    }
    try {
      return work.run();
    } catch (final ContentStoreException e) {
      if (!Thread.currentThread().isInterrupted()) {
        mine.failure = e;
      }
      throw e;
    } finally {
      underWay.remove(hash, mine);
      mine.done.countDown();
    }
  }

  private void await(final ContentHash hash, final Pass other) throws ContentStoreException {
    waits.increment();
    try {
      other.done.await();
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ContentStoreException("interrupted while another thread checked object " + hash, e);
    }
    final ContentStoreException failure = other.failure;
    if (failure instanceof VerificationException) {
      return; // Known to the reader by now, which says it again in its own words.
    }
    if (failure != null) {
      throw new ContentStoreException(String.valueOf(failure.getMessage()), failure);
    }
  }

  /** Hash of bytes that lie in memory. */
  ContentHash hash(final MemorySegment bytes) {
    final Xxh128 hasher = takeHasher();
    try {
      return hasher.hash(bytes);
    } finally {
      idleHashers.add(hasher);
      count(bytes.byteSize());
    }
  }

  /** Hash of an opened object, from its start to its end, as fast as it goes. */
  ContentHash hash(final StoredObject object) throws ContentStoreException {
    return hash(object, nanos -> {});
  }

  /** Hash of an opened object, from its start to its end. */
  ContentHash hash(final StoredObject object, final Pace pace) throws ContentStoreException {
    final Xxh128 hasher = takeHasher();
    final MemorySegment idle = idlePieces.poll();
    final MemorySegment piece = idle != null ? idle : Arena.ofAuto().allocate(PIECE_BYTES);
    long offset = 0;
    try {
      hasher.reset();
      long start = System.nanoTime();
      int count;
      while ((count = object.read(offset, piece)) > 0) {
        hasher.update(piece.asSlice(0, count));
        offset += count;
        pace.pieceDone(System.nanoTime() - start);
        start = System.nanoTime();
      }
      return hasher.digest();
    } finally {
      idlePieces.add(piece);
      idleHashers.add(hasher);
      count(offset);
    }
  }

  private Xxh128 takeHasher() {
    final Xxh128 idle = idleHashers.poll();
    return idle != null ? idle : new Xxh128();
  }

  private void count(final long bytes) {
    objectsHashed.increment();
    bytesHashed.add(bytes);
  }

  long objectsHashed() {
    return objectsHashed.sum();
  }

  long bytesHashed() {
    return bytesHashed.sum();
  }

  long waits() {
    return waits.sum();
  }
}
