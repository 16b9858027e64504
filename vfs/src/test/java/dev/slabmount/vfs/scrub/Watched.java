package dev.slabmount.vfs.scrub;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentStore;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.ObjectVersion;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.StoredObject;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** A store whose every read is told of before it begins. */
record Watched(ContentStore store, Consumer<ContentHash> onRead) implements ContentStore {

  @Override
  public StoredObject open(final ContentHash hash) throws ContentStoreException {
    final StoredObject object = store.open(hash);
    return new StoredObject() {
      @Override
      public ObjectVersion version() {
        return object.version();
      }

      @Override
      public ObjectVersion currentVersion() throws ContentStoreException {
        return object.currentVersion();
      }

      @Override
      public int read(final long offset, final MemorySegment destination)
          throws ContentStoreException {
        onRead.accept(hash);
        return object.read(offset, destination);
      }

      @Override
      public String place() {
        return object.place();
      }

      @Override
      public void close() {
        object.close();
      }
    };
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
    store.close();
  }
}
