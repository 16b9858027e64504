package dev.slabmount.vfs.content;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A store that never answers for some objects: who opens one of them waits until it is released.
 * Waiting ends at an interrupt, as reading a file does, or takes no notice of it.
 *
 * <p>Any thread. Closing it releases everybody, and closes the store behind it.
 */
public final class StuckStore implements ContentStore {

  private final ContentStore store;
  private final boolean interruptible;
  private final Set<ContentHash> stuck = ConcurrentHashMap.newKeySet();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger opened = new AtomicInteger();
  private volatile CountDownLatch release = new CountDownLatch(1);

  /**
   * A store that answers for all objects, until {@link #hang}.
   *
   * @param interruptible whether an interrupt ends the wait
   */
  public StuckStore(final ContentStore store, final boolean interruptible) {
    this.store = store;
    this.interruptible = interruptible;
  }

  /** From now on whoever opens this object waits. */
  public void hang(final ContentHash hash) {
    stuck.add(hash);
  }

  /** Who opens this object from now on gets an answer; who waits goes on waiting. */
  public void heal(final ContentHash hash) {
    stuck.remove(hash);
  }

  /** Answers everybody who waits, as if nothing had been; later ones wait again. */
  public void releaseWaiting() {
    final CountDownLatch old = release;
    release = new CountDownLatch(1);
    old.countDown();
  }

  /** Answers for all objects from now on, also to those who wait. */
  public void healAll() {
    stuck.clear();
    releaseWaiting();
  }

  /** How many wait now. */
  public int waiting() {
    return waiting.get();
  }

  /** How often any object was opened, or was to be. */
  public int opened() {
    return opened.get();
  }

  @Override
  public StoredObject open(final ContentHash hash) throws ContentStoreException {
    opened.incrementAndGet();
    if (stuck.contains(hash)) {
      awaitRelease(hash);
    }
    return store.open(hash);
  }

  private void awaitRelease(final ContentHash hash) throws ContentStoreException {
    final CountDownLatch latch = release;
    waiting.incrementAndGet();
    try {
      while (true) {
        try {
          latch.await();
          return;
        } catch (final InterruptedException e) {
          if (interruptible) {
            Thread.currentThread().interrupt();
            throw new ContentStoreException("interrupted while waiting for object " + hash, e);
          }
        }
      }
    } finally {
      waiting.decrementAndGet();
    }
  }

  @Override
  public long length(final ContentHash hash) throws ContentStoreException {
    return store.length(hash);
  }

  @Override
  public boolean exists(final ContentHash hash) throws ContentStoreException {
    return store.exists(hash);
  }

  @Override
  public ObjectWriter startWriting() throws ContentStoreException {
    return store.startWriting();
  }

  @Override
  public String place() {
    return store.place();
  }

  @Override
  public void close() {
    stuck.clear();
    release.countDown();
    store.close();
  }
}
