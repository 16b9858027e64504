package dev.slabmount.core.block;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Words that remember which thread wrote which slot's header. */
public final class RecordedWords extends HeaderWords {
  private final HeaderWords words;
  private final Map<Thread, Set<Integer>> written = new ConcurrentHashMap<>();

  /** A layer around these words. */
  public RecordedWords(final HeaderWords words) {
    this.words = words;
  }

  /** The slots whose headers this thread has written since {@link #forget}. */
  public Set<Integer> writtenBy(final Thread thread) {
    return written.getOrDefault(thread, Set.of());
  }

  /** Begins anew. */
  public void forget() {
    written.clear();
  }

  private int record(final int slot) {
    written
        .computeIfAbsent(Thread.currentThread(), thread -> ConcurrentHashMap.newKeySet())
        .add(slot);
    return slot;
  }

  @Override
  public long wordAcquire(final int slot) {
    return words.wordAcquire(slot);
  }

  @Override
  long wordVolatile(final int slot) {
    return words.wordVolatile(slot);
  }

  @Override
  void setWordRelease(final int slot, final long word) {
    words.setWordRelease(record(slot), word);
  }

  @Override
  long exchangeWordAcquire(final int slot, final long expected, final long next) {
    return words.exchangeWordAcquire(record(slot), expected, next);
  }

  @Override
  long exchangeWord(final int slot, final long expected, final long next) {
    return words.exchangeWord(record(slot), expected, next);
  }

  @Override
  long addToWord(final int slot, final long delta) {
    return words.addToWord(record(slot), delta);
  }

  @Override
  int latchAcquire(final int slot) {
    return words.latchAcquire(slot);
  }

  @Override
  int latchVolatile(final int slot) {
    return words.latchVolatile(slot);
  }

  @Override
  long versionAcquire(final int slot) {
    return words.versionAcquire(slot);
  }

  @Override
  boolean casLatch(final int slot, final int expected, final int next) {
    return words.casLatch(record(slot), expected, next);
  }

  @Override
  int addToLatch(final int slot, final int delta) {
    return words.addToLatch(record(slot), delta);
  }
}
