package dev.slabmount.vfs.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slabmount.nativebindings.file.Filesystem;
import dev.slabmount.nativebindings.file.OpenFolder;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Small objects that are written under temporary names and wait to be flushed, all at once, and
 * then to get their own names. To flush each by itself would make the disk empty its cache for
 * every few hundred bytes: on a busy machine with a virtual disk a snapshot of 200 000 files of 200
 * bytes took 166 s that way and takes 96 s in groups. The slower a disk empties its cache, the more
 * it matters.
 *
 * <p>The whole filesystem is flushed, which also writes what other programs have changed there.
 * Where the folder cannot be opened by its bytes (names outside ASCII in the C locale of a process
 * that did not come from the launcher), or where that promises less than to flush each file, every
 * object of the group is flushed by itself: a filesystem that a program serves need not be told of
 * {@code syncfs}, and before Linux 5.8 the call did not report what failed to be written.
 *
 * <p><b>Threads:</b> any may add and ask; whoever finds the group full publishes it, and others who
 * find that too wait meanwhile.
 */
final class ObjectGroup implements AutoCloseable {

  /** Larger objects are flushed by themselves. */
  static final long OBJECT_BYTES_MAX = 1 << 20;

  private static final int OBJECTS_MAX = 8192;
  private static final long BYTES_MAX = 64 << 20;

  private static final Pattern KERNEL = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})");

  /** An object under its temporary name. */
  record Waiting(ContentHash hash, long length, Path temporary) {}

  /** Gives a flushed object its name. */
  interface Publisher {
    void publish(Waiting object) throws ContentStoreException;
  }

  private final Path folder;
  private final Publisher publisher;
  private final @Nullable OpenFolder opened;
  private final ConcurrentMap<ContentHash, Waiting> waiting = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();
  private @Nullable ContentStoreException firstLoss; // Guarded by this.

  /** An empty group of objects that lie in a folder. */
  ObjectGroup(final Path folder, final Publisher publisher) {
    this.folder = folder;
    this.publisher = publisher;
    this.opened = open(folder);
  }

  private static @Nullable OpenFolder open(final Path folder) {
    final String text = folder.toString();
    final boolean exact =
        "UTF-8".equals(System.getProperty("sun.jnu.encoding"))
            ? text.indexOf('\uFFFD') < 0
            : text.chars().allMatch(c -> c < 0x80);
    if (!exact || !reportsFailures(System.getProperty("os.version"))) {
      return null;
    }
    try {
      final byte[] path = text.getBytes(UTF_8);
      return Filesystem.of(path).type() == Filesystem.FUSE ? null : OpenFolder.open(path);
    } catch (final IOException e) {
      LocalContentStore.LOG.log(Level.DEBUG, "each object is flushed by itself", e);
      return null;
    }
  }

  /** Whether {@code syncfs(2)} reports what failed, by the kernel's version; see the man page. */
  static boolean reportsFailures(final String kernel) {
    final Matcher numbers = KERNEL.matcher(kernel);
    if (!numbers.lookingAt()) {
      return false;
    }
    final int major = Integer.parseInt(numbers.group(1));
    return major > 5 || (major == 5 && Integer.parseInt(numbers.group(2)) >= 8);
  }

  /** The object that waits under this name, or null. */
  @Nullable Waiting find(final ContentHash hash) {
    return waiting.get(hash);
  }

  /**
   * Adds an object, and publishes all if there are many.
   *
   * @throws ContentStoreException as {@link #publish}
   */
  void add(final Waiting object) throws ContentStoreException {
    waiting.put(object.hash, object);
    bytes.addAndGet(object.length);
    if (isFull()) {
      synchronized (this) {
        if (isFull()) {
          publish();
        }
      }
    }
  }

  private boolean isFull() {
    return waiting.size() >= OBJECTS_MAX || bytes.get() >= BYTES_MAX;
  }

  /**
   * Flushes all objects that were added so far and gives them their names. An object that cannot
   * get its name is lost, and the others get theirs.
   *
   * @throws ContentStoreException if they cannot be flushed, and then all stay; or if any object
   *     was lost, now or before: whoever added it may have been told that it is stored
   */
  synchronized void publish() throws ContentStoreException {
    final List<Waiting> group = List.copyOf(waiting.values());
    if (!group.isEmpty()) {
      publish(group);
    }
    final ContentStoreException lost = firstLoss;
    if (lost != null) {
      throw new ContentStoreException(String.valueOf(lost.getMessage()), lost);
    }
  }

  private void publish(final List<Waiting> group) throws ContentStoreException {
    try {
      flush(group);
    } catch (final IOException e) {
      throw new ContentStoreException(
          "cannot flush %d objects in %s: %s"
              .formatted(group.size(), folder, ContentStoreException.reasonOf(e)),
          e);
    }
    for (final Waiting object : group) {
      try {
        publisher.publish(object);
      } catch (final ContentStoreException e) {
        if (firstLoss == null) {
          firstLoss = e;
        }
      } finally {
        // Only now, so that it is found here or there at every moment.
        waiting.remove(object.hash);
        bytes.addAndGet(-object.length);
      }
    }
  }

  private void flush(final List<Waiting> group) throws IOException {
    if (opened != null) {
      opened.flushFilesystem();
      return;
    }
    for (final Waiting object : group) {
      try (FileChannel channel = FileChannel.open(object.temporary, StandardOpenOption.WRITE)) {
        channel.force(false);
      }
    }
  }

  /** Gives back what it holds; what still waits is the owner's to remove. */
  @Override
  public void close() {
    if (opened != null) {
      opened.close();
    }
  }
}
