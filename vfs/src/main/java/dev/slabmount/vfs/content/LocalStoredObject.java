package dev.slabmount.vfs.content;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** An object file that is open. */
final class LocalStoredObject implements StoredObject {

  private final LocalContentStore store;
  private final ContentHash hash;
  private final Path file;
  private final ObjectVersion version;
  private final FileChannel channel;

  LocalStoredObject(
      final LocalContentStore store,
      final ContentHash hash,
      final Path file,
      final ObjectVersion version,
      final FileChannel channel) {
    this.store = store;
    this.hash = hash;
    this.file = file;
    this.version = version;
    this.channel = channel;
  }

  @Override
  public ObjectVersion version() {
    return version;
  }

  @Override
  public ObjectVersion currentVersion() throws ContentStoreException {
    return store.version(hash, file);
  }

  @Override
  public int read(final long offset, final MemorySegment destination) throws ContentStoreException {
    final ByteBuffer buffer = destination.asByteBuffer();
    try {
      while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) {
        // Every pass has read some bytes; a regular file gives none only at its end.
      }
    } catch (final IOException e) {
      throw store.unreadable(hash, file, e);
    }
    return buffer.position();
  }

  @Override
  public String place() {
    return file.toString();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (final IOException e) {
      // A file that was only read has nothing to lose by an error in closing it.
      LocalContentStore.LOG.log(System.Logger.Level.DEBUG, "closing " + file, e);
    }
  }
}
