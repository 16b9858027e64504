package dev.slabmount.vfs.snapshot;

import java.util.concurrent.atomic.LongAdder;

/**
 * How far a snapshot has come. Written by the snapshot, read by whoever wants to show it; the
 * numbers are read one after the other and need not fit together exactly.
 *
 * <p><b>Threads:</b> any.
 */
public final class SnapshotProgress {

  /** What a snapshot is doing. */
  public enum Phase {
    /** Looking at every entry; the totals are not known yet. */
    SCANNING,
    /** Reading and storing files. */
    STORING,
    /** Writing the manifest. */
    PUBLISHING
  }

  private final LongAdder entriesScanned = new LongAdder();
  private final LongAdder filesDone = new LongAdder();
  private final LongAdder bytesDone = new LongAdder();
  private final LongAdder filesRead = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder objectsWritten = new LongAdder();
  private final LongAdder objectsPresent = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();
  private volatile Phase phase = Phase.SCANNING;
  private volatile long filesTotal;
  private volatile long bytesTotal;

  /** Nothing done yet. */
  public SnapshotProgress() {}

  /** What is being done. */
  public Phase phase() {
    return phase;
  }

  /** Entries looked at so far, of all types. */
  public long entriesScanned() {
    return entriesScanned.sum();
  }

  /** Files of the tree; 0 while scanning. */
  public long filesTotal() {
    return filesTotal;
  }

  /** Bytes of all files; 0 while scanning. */
  public long bytesTotal() {
    return bytesTotal;
  }

  /** Files that are done with. */
  public long filesDone() {
    return filesDone.sum();
  }

  /**
   * Bytes read and hashed, or known from an earlier snapshot; may go back when a file changed and
   * is read again.
   */
  public long bytesDone() {
    return bytesDone.sum();
  }

  /** Files that were read from the first byte to the last; the others are known. */
  public long filesRead() {
    return filesRead.sum();
  }

  /** Bytes that were read from files, each as often as it was read. */
  public long bytesRead() {
    return bytesRead.sum();
  }

  /** Objects that were missing in the store and were written. */
  public long objectsWritten() {
    return objectsWritten.sum();
  }

  /** Objects that the store had already, or had since another file of this tree. */
  public long objectsPresent() {
    return objectsPresent.sum();
  }

  /** Bytes of the objects written. */
  public long bytesWritten() {
    return bytesWritten.sum();
  }

  void addEntry() {
    entriesScanned.increment();
  }

  void startStoring(final long files, final long bytes) {
    filesTotal = files;
    bytesTotal = bytes;
    phase = Phase.STORING;
  }

  void addBytes(final long bytes) {
    bytesDone.add(bytes);
  }

  void addFile() {
    filesDone.increment();
  }

  /** A file that need not be read, with all its objects in the store. */
  void addKnownFile(final long bytes, final int objects) {
    filesDone.increment();
    bytesDone.add(bytes);
    objectsPresent.add(objects);
  }

  void addFileRead() {
    filesRead.increment();
  }

  void addBytesRead(final long bytes) {
    bytesRead.add(bytes);
  }

  void addObject(final long length, final boolean written) {
    if (written) {
      objectsWritten.increment();
      bytesWritten.add(length);
    } else {
      objectsPresent.increment();
    }
  }

  void startPublishing() {
    phase = Phase.PUBLISHING;
  }
}
