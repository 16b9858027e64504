package dev.slabmount.vfs.content;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A store in memory whose every read a test can watch, delay, change or fail. */
final class FakeStore implements ContentStore {

  /** Called by the reading thread before each read. */
  interface OnRead {
    void reading(ContentHash hash, long offset) throws ContentStoreException;
  }

  /** Called by the reading thread after each opening. */
  interface OnOpen {
    void opened(ContentHash hash) throws ContentStoreException;
  }

  private static final class Entry {
    final byte[] bytes;
    final ObjectVersion version;

    Entry(final byte[] bytes, final ObjectVersion version) {
      this.bytes = bytes;
      this.version = version;
    }
  }

  private final Map<ContentHash, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicInteger lastVersion = new AtomicInteger();
  final AtomicInteger open = new AtomicInteger();
  final AtomicInteger readsFromStart = new AtomicInteger();
  volatile OnRead onRead = (hash, offset) -> {};
  volatile OnOpen onOpen = hash -> {};

  /** Puts an object under its right name. */
  ContentHash add(final byte[] bytes) {
    final ContentHash hash = Xxh128.hash(bytes);
    replace(hash, bytes, true);
    return hash;
  }

  /** Puts any bytes under a name, as a new version. */
  void replace(final ContentHash hash, final byte[] bytes, final boolean settled) {
    final int version = lastVersion.incrementAndGet();
    entries.put(
        hash, new Entry(bytes.clone(), new ObjectVersion(bytes.length, version, version, settled)));
  }

  /** Changes the bytes so shortly after the last change that the version stays the same. */
  void replaceAtOnce(final ContentHash hash, final byte[] bytes) throws ObjectMissingException {
    entries.put(hash, new Entry(bytes.clone(), entry(hash).version));
  }

  /** Lets time pass. */
  void settle(final ContentHash hash) throws ObjectMissingException {
    final Entry entry = entry(hash);
    final ObjectVersion old = entry.version;
    entries.put(
        hash, new Entry(entry.bytes, new ObjectVersion(old.length(), old.high(), old.low(), true)));
  }

  void remove(final ContentHash hash) {
    entries.remove(hash);
  }

  private Entry entry(final ContentHash hash) throws ObjectMissingException {
    final Entry entry = entries.get(hash);
    if (entry == null) {
      throw new ObjectMissingException(hash, "fake:" + hash);
    }
    return entry;
  }

  @Override
  public StoredObject open(final ContentHash hash) throws ContentStoreException {
    final Entry opened = entry(hash);
    open.incrementAndGet();
    onOpen.opened(hash);
    return new StoredObject() {
      @Override
      public ObjectVersion version() {
        return opened.version;
      }

      @Override
      public ObjectVersion currentVersion() throws ContentStoreException {
        return entry(hash).version;
      }

      @Override
      public int read(final long offset, final MemorySegment destination)
          throws ContentStoreException {
        if (offset == 0) {
          readsFromStart.incrementAndGet();
        }
        onRead.reading(hash, offset);
        final int count =
            (int) Math.max(0, Math.min(opened.bytes.length - offset, destination.byteSize()));
        MemorySegment.copy(
            MemorySegment.ofArray(opened.bytes),
            Math.min(offset, opened.bytes.length),
            destination,
            0,
            count);
        return count;
      }

      @Override
      public String place() {
        return "fake:" + hash;
      }

      @Override
      public void close() {
        open.decrementAndGet();
      }
    };
  }

  @Override
  public long length(final ContentHash hash) throws ContentStoreException {
    return entry(hash).bytes.length;
  }

  @Override
  public boolean exists(final ContentHash hash) {
    return entries.containsKey(hash);
  }

  @Override
  public ObjectWriter startWriting() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String place() {
    return "fake:";
  }

  @Override
  public void close() {}
}
