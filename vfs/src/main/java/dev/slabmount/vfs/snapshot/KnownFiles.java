package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.snapshot.ScannedTree.ScannedFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells which files need not be read because an earlier snapshot did, and remembers for the next
 * one what this snapshot finds.
 *
 * <h2>When a file is known</h2>
 *
 * Its device, inode, length, modification and change time are what they were when it was read, and
 * the store still has all its objects, with the right lengths. Every write and every new time moves
 * the change time, and programs cannot set that, on the filesystems that {@link ChangeTimes}
 * believes; files on others are read each time.
 *
 * <h2>When a file is remembered</h2>
 *
 * Its last change was over before this snapshot began. The kernel's clock for time stamps moves in
 * ticks, so a change in the very tick of the last one leaves the same times; a file that is younger
 * than such a tick may still be changed unnoticed, and is read again the next time. Filesystems
 * that keep whole seconds, or every other one, show themselves by a time without fractions, and are
 * given as much longer.
 *
 * <p><b>Threads:</b> any.
 */
final class KnownFiles {

  /** More than a tick of any kernel (10 ms at most). */
  private static final Duration TICK = Duration.ofMillis(20);

  /** More than the two seconds of FAT, the coarsest of all. */
  private static final Duration COARSE_TICK = Duration.ofSeconds(3);

  private final FileIndex earlier;
  private final ChangeTimes changeTimes = new ChangeTimes();
  private final FileIndexBuilder found = new FileIndexBuilder();
  private final ObjectWriter store;
  private final Instant began;

  /**
   * Begins.
   *
   * @param earlier what is known, of files that were cut as this snapshot cuts them
   * @param store the objects
   * @param began a moment before the first file is looked at
   */
  KnownFiles(final FileIndex earlier, final ObjectWriter store, final Instant began) {
    this.earlier = earlier;
    this.store = store;
    this.began = began;
  }

  /** How this snapshot cuts files. */
  Cutting cutting() {
    return earlier.cutting();
  }

  /** Whether {@link #find} can find anything. */
  boolean isEmpty() {
    return earlier.size() == 0;
  }

  /**
   * The entry of a file that need not be read, else null.
   *
   * @throws IOException if the file cannot be looked at
   * @throws dev.slabmount.vfs.content.ContentStoreException if the store cannot tell
   */
  @Nullable FileEntry find(final ScannedFile file) throws IOException {
    final FileStat stat = FileStat.of(file.file());
    if (!stat.isRegular() || !changeTimes.proveContent(file.file(), stat)) {
      return null;
    }
    final List<ContentHash> hashes = earlier.find(stat);
    if (hashes == null) {
      return null;
    }
    for (int chunk = 0; chunk < hashes.size(); chunk++) {
      if (!store.isStored(hashes.get(chunk), cutting().length(stat.length(), chunk))) {
        return null;
      }
    }
    remember(file, stat, hashes);
    return FileStorer.entry(file, stat, hashes);
  }

  /**
   * Remembers what was read.
   *
   * @param stat the file before it was read, and after
   */
  void remember(final ScannedFile file, final FileStat stat, final List<ContentHash> hashes) {
    final Instant changed = stat.changed().toInstant();
    final Duration tick =
        changed.truncatedTo(ChronoUnit.MILLIS).equals(changed) ? COARSE_TICK : TICK;
    if (!changed.plus(tick).isAfter(began) && changeTimes.proveContent(file.file(), stat)) {
      found.add(stat, hashes);
    }
  }

  /** Everything found; to be asked when all files are done with. */
  FileIndexBuilder found() {
    return found;
  }

  /**
   * Everything found, and what is known of files that nobody came to; for a snapshot that did not
   * get to all files.
   */
  FileIndexBuilder foundAndKnown() {
    earlier.copyTo(found);
    return found;
  }
}
