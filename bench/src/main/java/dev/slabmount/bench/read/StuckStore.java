package dev.slabmount.bench.read;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentStore;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.ObjectMissingException;
import dev.slabmount.vfs.content.ObjectVersion;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.StoredObject;
import dev.slabmount.vfs.content.Xxh128;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * A store in memory that answers at once for the objects it made, and for every other name not at
 * all until it is closed. Any number of threads.
 */
final class StuckStore implements ContentStore {
  /** Bytes of every object that it has. */
  static final int OBJECT_BYTES = 4 << 10;

  private final Map<ContentHash, Integer> objects = new ConcurrentHashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);

  /** Makes an object, another one for every number. */
  ContentHash make(int number) {
    byte[] bytes = new byte[OBJECT_BYTES];
    fill(MemorySegment.ofArray(bytes), 0, number);
    ContentHash hash = Xxh128.hash(bytes);
    objects.put(hash, number);
    return hash;
  }

  private static int fill(MemorySegment destination, long offset, int number) {
    int count = (int) Math.min(destination.byteSize(), Math.max(0, OBJECT_BYTES - offset));
    for (int i = 0; i < count; i += Integer.BYTES) {
      destination.set(ValueLayout.JAVA_INT_UNALIGNED, i, (int) (number + offset + i));
    }
    return count;
  }

  @Override
  public StoredObject open(ContentHash hash) throws ContentStoreException {
    Integer number = objects.get(hash);
    if (number == null) {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new ObjectMissingException(hash, place());
    }
    return new MadeObject(number);
  }

  @Override
  public long length(ContentHash hash) throws ContentStoreException {
    try (StoredObject object = open(hash)) {
      return object.version().length();
    }
  }

  @Override
  public boolean exists(ContentHash hash) {
    return objects.containsKey(hash);
  }

  @Override
  public ObjectWriter startWriting() throws ContentStoreException {
    throw new ContentStoreException("read only");
  }

  @Override
  public String place() {
    return "memory";
  }

  @Override
  public void close() {
    end.countDown();
  }

  private record MadeObject(int number) implements StoredObject {
    @Override
    public ObjectVersion version() {
      return new ObjectVersion(OBJECT_BYTES, number, 0, true);
    }

    @Override
    public ObjectVersion currentVersion() {
      return version();
    }

    @Override
    public int read(long offset, MemorySegment destination) {
      return fill(destination, offset, number);
    }

    @Override
    public String place() {
      return "memory";
    }

    @Override
    public void close() {}
  }
}
