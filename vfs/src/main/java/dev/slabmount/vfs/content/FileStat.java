package dev.slabmount.vfs.content;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;

/**
 * What {@code lstat(2)} says of a name: of the link itself if it is a symbolic link.
 *
 * <p>The numbers come from the JDK's {@code unix} attribute view, the only one that knows change
 * time, link count and all twelve mode bits. It looks up no user or group names for these.
 *
 * @param device number of the device that holds the file
 * @param inode number of the file on that device
 * @param mode type and permission bits, as in {@code st_mode}
 * @param links how many names the file has
 * @param uid owner
 * @param gid group
 * @param length bytes
 * @param modified last change of the content; programs can set it to anything
 * @param changed last change of content, attributes or names; programs cannot set it, except where
 *     they serve or make the filesystem itself
 */
public record FileStat(
    long device,
    long inode,
    int mode,
    int links,
    int uid,
    int gid,
    long length,
    FileTime modified,
    FileTime changed) {

  /** The twelve permission bits of {@link #mode}, set-user-id, set-group-id and sticky included. */
  public static final int PERMISSION_BITS = 07777;

  /**
   * How long two changes may be apart and still get the same time stamp, with room to spare: the
   * kernel's clock for time stamps moves in ticks of 1 to 10 ms, as the kernel was built.
   */
  private static final long CLOCK_TICK_MILLIS = 20;

  private static final String WANTED =
      "unix:dev,ino,mode,nlink,uid,gid,size,lastModifiedTime,ctime";
  private static final int TYPE_BITS = 0170000;
  private static final int TYPE_REGULAR = 0100000;
  private static final int TYPE_DIRECTORY = 0040000;
  private static final int TYPE_LINK = 0120000;

  /**
   * Asks the kernel; one system call.
   *
   * @throws java.nio.file.NoSuchFileException if there is nothing under this name
   * @throws IOException if the kernel does not say
   */
  public static FileStat of(final Path path) throws IOException {
    final Map<String, Object> values =
        Files.readAttributes(path, WANTED, LinkOption.NOFOLLOW_LINKS);
    return new FileStat(
        (Long) value(values, "dev"),
        (Long) value(values, "ino"),
        (Integer) value(values, "mode"),
        (Integer) value(values, "nlink"),
        (Integer) value(values, "uid"),
        (Integer) value(values, "gid"),
        (Long) value(values, "size"),
        (FileTime) value(values, "lastModifiedTime"),
        (FileTime) value(values, "ctime"));
  }

  private static Object value(final Map<String, Object> values, final String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  /** Whether this is a plain file. */
  public boolean isRegular() {
    return (mode & TYPE_BITS) == TYPE_REGULAR;
  }

  /** Whether this is a directory. */
  public boolean isDirectory() {
    return (mode & TYPE_BITS) == TYPE_DIRECTORY;
  }

  /** Whether this is a symbolic link. */
  public boolean isSymbolicLink() {
    return (mode & TYPE_BITS) == TYPE_LINK;
  }

  /** The {@linkplain #PERMISSION_BITS permission bits} alone. */
  public int permissions() {
    return mode & PERMISSION_BITS;
  }

  /** In words: {@code plain file}, {@code directory}, {@code symbolic link} … */
  public String typeName() {
    return switch (mode & TYPE_BITS) {
      case TYPE_REGULAR -> "plain file";
      case TYPE_DIRECTORY -> "directory";
      case TYPE_LINK -> "symbolic link";
      case 0010000 -> "fifo";
      case 0140000 -> "socket";
      case 0020000 -> "character device";
      case 0060000 -> "block device";
      default -> "file of unknown type";
    };
  }

  /**
   * Whether both are the same file with the same content, as far as the kernel tells: device,
   * inode, length, and both times. Every write, and every rename or new name of the file, changes
   * the change time. A store through a shared memory map need not: Linux moves the times when a
   * store makes a clean page dirty, and later stores to that page, until it has been written back,
   * change nothing that could be seen here.
   */
  public boolean isSameContentAs(final FileStat other) {
    return device == other.device
        && inode == other.inode
        && length == other.length
        && modified.equals(other.modified)
        && changed.equals(other.changed);
  }

  /**
   * Whether a change of the file from now on is sure to show in {@link #isSameContentAs}, unless it
   * is made through a shared memory map; to be asked right after {@link #of}. A file that changed
   * only just now may change once more and get the same times. A time in the future comes from
   * another machine's clock and cannot be judged.
   */
  public boolean isSettled() {
    final long age = System.currentTimeMillis() - changed.toMillis();
    return age < 0 || age >= CLOCK_TICK_MILLIS;
  }
}
