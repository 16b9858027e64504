package dev.slabmount.vfs.content;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * A store in a local folder.
 *
 * <pre>
 * S/Data/&lt;hash&gt;.xxh128         one plain file for each object
 * S/Data/.&lt;run&gt;-&lt;number&gt;.tmp   an object being written; never read
 * S/Manifests/                 room for manifests; this class only makes the folder
 * S/.lock                      shared by all runs that write, see {@link WriterLock}
 * </pre>
 *
 * <p>Inside the store no symbolic link is followed and nothing but plain files is read: what lies
 * under an object's name is refused otherwise. The folder that the caller names may be reached
 * through links.
 *
 * <h2>One open per read</h2>
 *
 * Every {@link #open} opens the file anew. Beside a read of 1 MiB out of the page cache (41 µs)
 * opening and closing cost 3 to 4 µs and each look at the file's state 3 to 6; a cache of open
 * files would save the smaller part of that.
 *
 * <h2>Versions</h2>
 *
 * A version is (device, inode, length, modification time, change time), taken from the name before
 * it is opened. If the name has the same version again later, then it has meant the same unchanged
 * file in between: to put another file under the name and the first one back, that one must be
 * renamed or linked, which changes its change time. So what was opened and read in between was that
 * file. (All of this is about changes that move the times; a store through a shared memory map need
 * not, see {@link FileStat#isSameContentAs}.) A file that changed only just now is not {@linkplain
 * ObjectVersion#settled settled}: a second change within the same tick of the kernel's clock would
 * leave the same times.
 *
 * <p><b>Threads:</b> any. Holds no resources but while writing.
 */
public final class LocalContentStore implements ContentStore {

  static final Logger LOG = System.getLogger(LocalContentStore.class.getName());

  /** Folder of the objects, inside the store. */
  public static final String DATA_FOLDER = "Data";

  /** Folder for manifests, inside the store. */
  public static final String MANIFESTS_FOLDER = "Manifests";

  /** What follows the hash in the name of an object's file. */
  public static final String OBJECT_SUFFIX = ".xxh128";

  private final Path root;
  private final Path data;

  private LocalContentStore(final Path root) {
    this.root = root;
    this.data = root.resolve(DATA_FOLDER);
  }

  /**
   * Uses the store in an existing folder. Nothing is written unless somebody {@linkplain
   * #startWriting writes}.
   *
   * @throws ContentStoreException if the folder is not a store
   */
  public static LocalContentStore open(final Path folder) throws ContentStoreException {
    final Path root;
    try {
      root = folder.toRealPath();
    } catch (final IOException e) {
      throw new ContentStoreException(
          "cannot use store " + folder + ": " + ContentStoreException.reasonOf(e), e);
    }
    final LocalContentStore store = new LocalContentStore(root);
    requireFolder(root, store.data);
    return store;
  }

  /**
   * Uses the store in {@code folder} and makes what is missing of it, parents included. Every
   * folder that is made is in its parent for good when this returns: a loss of power cannot take
   * the store away from under a manifest that was written later.
   *
   * @throws ContentStoreException if that is not possible
   */
  public static LocalContentStore create(final Path folder) throws ContentStoreException {
    try {
      makeFolder(folder.toAbsolutePath());
      makeFolder(folder.toAbsolutePath().resolve(DATA_FOLDER));
      makeFolder(folder.toAbsolutePath().resolve(MANIFESTS_FOLDER));
    } catch (final IOException e) {
      throw new ContentStoreException(
          "cannot make store " + folder + ": " + ContentStoreException.reasonOf(e), e);
    }
    return open(folder);
  }

  private static void makeFolder(final Path folder) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    final Path parent = folder.getParent();
    if (parent == null) {
      return; // The root of the machine.
    }
    makeFolder(parent);
    Files.createDirectories(folder); // Not an error if somebody else was faster.
    flushFolder(parent);
  }

  /** Makes the names in a folder survive a loss of power. */
  static void flushFolder(final Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void requireFolder(final Path root, final Path folder)
      throws ContentStoreException {
    final String why;
    try {
      final FileStat stat = FileStat.of(folder);
      if (stat.isDirectory()) {
        return;
      }
      why = "is a " + stat.typeName() + ", not a folder";
    } catch (final NoSuchFileException e) {
      throw new ContentStoreException(
          root
              + " is not a content store: "
              + folder
              + " is missing; 'slabmount snapshot' makes one",
          e);
    } catch (final IOException e) {
      throw new ContentStoreException(
          "cannot use store " + root + ": " + ContentStoreException.reasonOf(e), e);
    }
    throw new ContentStoreException(root + " is not a content store: " + folder + " " + why);
  }

  @Override
  public StoredObject open(final ContentHash hash) throws ContentStoreException {
    final Path file = file(hash);
    final ObjectVersion version = version(hash, file);
    try {
      return LocalStoredObject.open(this, hash, file, version);
    } catch (final IOException e) {
      throw unreadable(hash, file, e);
    }
  }

  @Override
  public long length(final ContentHash hash) throws ContentStoreException {
    return stat(hash, file(hash)).length();
  }

  @Override
  public boolean exists(final ContentHash hash) throws ContentStoreException {
    try {
      return FileStat.of(file(hash)).isRegular();
    } catch (final NoSuchFileException e) {
      return false;
    } catch (final IOException e) {
      throw unreadable(hash, file(hash), e);
    }
  }

  @Override
  public ObjectWriter startWriting() throws ContentStoreException {
    requireFolder(root, data);
    return new LocalObjectWriter(this, WriterLock.acquire(root, data));
  }

  @Override
  public String place() {
    return root.toString();
  }

  @Override
  public void close() {}

  Path root() {
    return root;
  }

  Path data() {
    return data;
  }

  /** The file in which the object is or would be. */
  Path file(final ContentHash hash) {
    return data.resolve(hash + OBJECT_SUFFIX);
  }

  /** The version of the plain file that is under the object's name now. */
  ObjectVersion version(final ContentHash hash, final Path file) throws ContentStoreException {
    final FileStat stat = stat(hash, file);
    final Instant modified = stat.modified().toInstant();
    final Instant changed = stat.changed().toInstant();
    final ByteBuffer identity = ByteBuffer.allocate(7 * Long.BYTES);
    identity.putLong(stat.device()).putLong(stat.inode()).putLong(stat.length());
    identity.putLong(modified.getEpochSecond()).putLong(modified.getNano());
    identity.putLong(changed.getEpochSecond()).putLong(changed.getNano());
    final ContentHash digest = Xxh128.hash(identity.array());
    return new ObjectVersion(stat.length(), digest.high(), digest.low(), stat.isSettled());
  }

  private FileStat stat(final ContentHash hash, final Path file) throws ContentStoreException {
    final FileStat stat;
    try {
      stat = FileStat.of(file);
    } catch (final IOException e) {
      throw unreadable(hash, file, e);
    }
    if (!stat.isRegular()) {
      throw new ContentStoreException(
          "object %s is refused: %s is a %s, not a plain file"
              .formatted(hash, file, stat.typeName()));
    }
    return stat;
  }

  ContentStoreException unreadable(
      final ContentHash hash, final Path file, final IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return new ObjectMissingException(hash, file.toString());
    }
    return new ContentStoreException(
        "cannot read object %s from %s: %s"
            .formatted(hash, file, ContentStoreException.reasonOf(failure)),
        failure);
  }
}
