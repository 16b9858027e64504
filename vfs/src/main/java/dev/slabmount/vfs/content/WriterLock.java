package dev.slabmount.vfs.content;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Tells the unfinished files of live runs from those of dead ones.
 *
 * <p>Whoever writes to a store holds a shared lock on its file {@code .lock}, which the kernel
 * drops when the process dies in whatever way. Who comes first tries for the exclusive lock: having
 * it means that nobody else is writing, so every unfinished file was left behind and is removed.
 * Whoever does not get it leaves them to a later run.
 *
 * <p>The kernel's record locks belong to the process and are lost as soon as it closes <em>any</em>
 * descriptor of the file. So each store's lock file is opened once for the whole virtual machine,
 * here, and its users are counted.
 *
 * <p><b>Threads:</b> any. One lock for all stores of the machine, held while leftovers are removed.
 */
final class WriterLock {

  private static final System.Logger LOG = LocalContentStore.LOG;
  private static final String LOCK_FILE = ".lock";
  private static final Pattern UNFINISHED = Pattern.compile("\\.[0-9a-f]{16}-[0-9]+\\.tmp");
  private static final Map<Path, WriterLock> HELD = new HashMap<>();

  private final Path root;
  private final FileChannel channel;
  private int users;

  private WriterLock(final Path root, final FileChannel channel) {
    this.root = root;
    this.channel = channel;
  }

  /**
   * Enters the store as one that writes.
   *
   * @param root the store's folder, as a real path
   * @param data the folder of its objects
   */
  static WriterLock acquire(final Path root, final Path data) throws ContentStoreException {
    synchronized (HELD) {
      WriterLock lock = HELD.get(root);
      if (lock == null) {
        lock = new WriterLock(root, openAndLock(root, data));
        HELD.put(root, lock);
      }
      lock.users++;
      return lock;
    }
  }

  /** Leaves it. Once for each {@link #acquire}. */
  void release() {
    synchronized (HELD) {
      users--;
      if (users == 0) {
        HELD.remove(root);
        try {
          channel.close();
        } catch (final IOException e) {
          LOG.log(Level.WARNING, "closing the lock of store " + root, e);
        }
      }
    }
  }

  /** The name for an unfinished file, to be matched by {@link #UNFINISHED}. */
  static String unfinishedName(final long run, final long number) {
    final String name = ".%016x-%d.tmp".formatted(run, number);
    assert UNFINISHED.matcher(name).matches() : name;
    return name;
  }

  private static FileChannel openAndLock(final Path root, final Path data)
      throws ContentStoreException {
    try {
      final FileChannel channel =
          FileChannel.open(
              root.resolve(LOCK_FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      try {
        final FileLock alone = channel.tryLock();
        if (alone != null) {
          removeLeftovers(data);
          alone.release();
        }
        channel.lock(0, Long.MAX_VALUE, true);
        return channel;
      } catch (final IOException e) {
        channel.close();
        throw e;
      }
    } catch (final IOException e) {
      throw new ContentStoreException(
          "cannot write to store " + root + ": " + ContentStoreException.reasonOf(e), e);
    }
  }

  private static void removeLeftovers(final Path data) throws IOException {
    int removed = 0;
    try (DirectoryStream<Path> names =
        Files.newDirectoryStream(
            data, path -> UNFINISHED.matcher(String.valueOf(path.getFileName())).matches())) {
      for (final Path leftover : names) {
        Files.deleteIfExists(leftover);
        removed++;
      }
    }
    if (removed > 0) {
      LOG.log(Level.INFO, "removed {0} unfinished objects of dead runs in {1}", removed, data);
    }
  }
}
