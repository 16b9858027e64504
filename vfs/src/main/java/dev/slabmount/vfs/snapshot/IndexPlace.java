package dev.slabmount.vfs.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slabmount.nativebindings.file.EffectiveUser;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.Xxh128;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Where the index of a tree is: a file of its own in a folder of the user's, named after the tree's
 * identity.
 *
 * <p>Device and inode numbers mean something on one machine only, and there only as long as the
 * same filesystem is mounted. So a tree is identified by the machine, the path and the tree's own
 * folder's device and inode; on top of that every row has the change time of its file to the
 * nanosecond, and there are rows only for files where {@link ChangeTimes} believes that.
 *
 * <p>Trees whose files are cut in another way have other hashes, so each {@link Cutting} has an
 * index of its own.
 *
 * @param folder of all indices
 * @param tree the identity
 * @param cutting how files are cut
 */
record IndexPlace(Path folder, ContentHash tree, Cutting cutting) {

  private static final System.Logger LOG = System.getLogger(IndexPlace.class.getName());

  /** Says which machine this is; the first that can be read. The last one changes at each boot. */
  private static final List<Path> MACHINE =
      List.of(
          Path.of("/etc/machine-id"),
          Path.of("/var/lib/dbus/machine-id"),
          Path.of("/proc/sys/kernel/random/boot_id"));

  /** How long an index is kept after the last snapshot of its tree. */
  private static final Duration KEPT = Duration.ofDays(90);

  private static final Pattern OURS =
      Pattern.compile("[0-9a-f]{32}(\\.[0-9a-f-]+)?\\.(index|lock|tmp)");

  /** Only one thread of this machine's JVM saves: closing a file drops the locks of all. */
  private static final Object SAVING = new Object();

  /**
   * The place for a tree's index.
   *
   * @param folder of all indices; need not exist
   * @param root the tree's folder, as a real path
   */
  static IndexPlace of(final Path folder, final Path root, final Cutting cutting)
      throws IOException {
    return of(folder, root, cutting, machine());
  }

  static IndexPlace of(
      final Path folder, final Path root, final Cutting cutting, final byte[] machine)
      throws IOException {
    final FileStat stat = FileStat.of(root);
    final byte[] path = PathBytes.of(root);
    final ByteBuffer identity =
        ByteBuffer.allocate(5 * Long.BYTES + machine.length + path.length)
            .putLong(machine.length)
            .put(machine)
            .putLong(path.length)
            .put(path)
            .putLong(stat.device())
            .putLong(stat.inode())
            .putLong(cutting == Cutting.WHOLE ? 1 : 0);
    return new IndexPlace(folder, Xxh128.hash(identity.array()), cutting);
  }

  private static byte[] machine() {
    for (final Path file : MACHINE) {
      try {
        final byte[] id = Files.readAllBytes(file);
        if (id.length > 0) {
          return id;
        }
      } catch (final IOException e) {
        LOG.log(Level.DEBUG, "this machine has no " + file, e);
      }
    }
    return UUID.randomUUID().toString().getBytes(UTF_8);
  }

  /** The file. */
  Path file() {
    return folder.resolve(tree + ".index");
  }

  /** Reads what is there. */
  FileIndex read() {
    return FileIndex.read(file(), tree, cutting);
  }

  /**
   * Puts an index in place of the one that is there, at once. Leaves that to another process if one
   * is just doing the same. A failure is said in the log: the next snapshot reads more than it
   * would have to, and that is all.
   */
  void save(final FileIndexBuilder rows) {
    synchronized (SAVING) {
      try {
        requireOurs();
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        final Path lockFile = folder.resolve(tree + ".lock");
        try (FileChannel lock =
            FileChannel.open(
                lockFile,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS)) {
          final FileLock mine = lock.tryLock();
          if (mine != null) {
            Files.setLastModifiedTime(lockFile, FileTime.from(Instant.now()));
            replace(rows);
          }
        }
      } catch (final IOException e) {
        LOG.log(
            Level.WARNING,
            "the next snapshot reads every file, for the index {0} cannot be written: {1}",
            file(),
            ContentStoreException.reasonOf(e));
      }
    }
  }

  /**
   * Nothing is made in another user's folders, which that user could not remove; {@code sudo} may
   * keep the home of who calls it. Below folders of root anybody may have one.
   */
  private void requireOurs() throws IOException {
    final int self = EffectiveUser.id();
    Path present = folder.toAbsolutePath();
    while (!Files.exists(present) && present.getParent() != null) {
      present = present.getParent();
    }
    final int owner = (Integer) Files.getAttribute(present, "unix:uid");
    if (owner != self && (owner != 0 || present.equals(folder.toAbsolutePath()))) {
      throw new IOException(present + " belongs to user " + owner);
    }
  }

  private void replace(final FileIndexBuilder rows) throws IOException {
    try (DirectoryStream<Path> dead = Files.newDirectoryStream(folder, tree + ".*.tmp")) {
      for (final Path leftover : dead) {
        Files.deleteIfExists(leftover); // Whoever wrote it held the lock that we hold.
      }
    }
    removeOld();
    final Path temporary = folder.resolve(tree + "." + UUID.randomUUID() + ".tmp");
    try {
      rows.write(temporary, tree);
      Files.move(temporary, file(), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Removes what trees left that no longer have snapshots taken of them. */
  private void removeOld() throws IOException {
    final Instant oldest = Instant.now().minus(KEPT);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "*.{index,lock,tmp}")) {
      for (final Path each : all) {
        if (OURS.matcher(each.getFileName().toString()).matches() && isOlder(each, oldest)) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  private static boolean isOlder(final Path file, final Instant time) throws IOException {
    try {
      return FileStat.of(file).modified().toInstant().isBefore(time);
    } catch (final NoSuchFileException e) {
      return false; // Another snapshot removed it.
    }
  }
}
