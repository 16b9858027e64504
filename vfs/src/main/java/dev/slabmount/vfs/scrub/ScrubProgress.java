package dev.slabmount.vfs.scrub;

import java.util.concurrent.atomic.LongAdder;

/**
 * How far a check has come. The numbers are read one after the other and need not fit together
 * exactly.
 *
 * <p><b>Threads:</b> any.
 */
public final class ScrubProgress {

  private final LongAdder objectsDone = new LongAdder();
  private final LongAdder bytesDone = new LongAdder();
  private final LongAdder defects = new LongAdder();
  private volatile long objectsTotal;
  private volatile long bytesTotal;

  /** Nothing done yet. */
  public ScrubProgress() {}

  /** Objects to be checked; 0 before that is known. */
  public long objectsTotal() {
    return objectsTotal;
  }

  /** Bytes that they should have together. */
  public long bytesTotal() {
    return bytesTotal;
  }

  /** Objects that are done with, be they whole or not. */
  public long objectsDone() {
    return objectsDone.sum();
  }

  /** Bytes of objects that are done with, and what was read so far of those being read. */
  public long bytesDone() {
    return bytesDone.sum();
  }

  /** Objects found to be defective. */
  public long defects() {
    return defects.sum();
  }

  void begin(final long objects, final long bytes) {
    objectsTotal = objects;
    bytesTotal = bytes;
  }

  void addBytes(final long bytes) {
    bytesDone.add(bytes);
  }

  void addObject() {
    objectsDone.increment();
  }

  void addDefect() {
    defects.increment();
  }
}
