package dev.slabmount.vfs.manifest;

import dev.slabmount.vfs.content.ContentHash;
import java.util.List;

/**
 * A regular file.
 *
 * @param path the full path below the tree's root
 * @param size length in bytes
 * @param mtimeMicros modification time in microseconds since the Unix epoch; may be negative
 * @param runnable whether the file may be executed: the one mode bit that the format keeps
 * @param hashes the objects that make up the content, in order: one object holding the whole file,
 *     or, for a file longer than {@link Manifest#CHUNK_BYTES}, one object for each chunk of that
 *     length (the last one shorter)
 */
public record FileEntry(
    String path, long size, long mtimeMicros, boolean runnable, List<ContentHash> hashes)
    implements ManifestEntry {

  /** Copies the list of hashes. */
  public FileEntry {
    hashes = List.copyOf(hashes);
  }
}
