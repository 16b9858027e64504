package dev.slabmount.cli.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The private folder in which the sockets and records of one user's mounts lie.
 *
 * <p>There is a first choice and two to fall back on: {@code $XDG_RUNTIME_DIR/slabmount}, {@code
 * /run/user/UID/slabmount} and {@code /tmp/slabmount-UID}. A mount takes the first that will do;
 * whoever looks for mounts looks into each, because not every shell sets the variable.
 *
 * <p>A folder will do if it is one, not a link to one; if it is this user's and lets nobody else
 * in; and if nobody else can put another in its place, because the folder above it belongs to this
 * user or to root and either only its owner may change it or, as in {@code /tmp}, everybody only
 * what is his own (the sticky bit). So what others plant in {@code /tmp} is refused, never used.
 *
 * @param path absolute
 * @param user whom it has to belong to
 * @param isNamed whether the user named it, and so wants to know if it will not do
 */
public record RuntimeFolder(Path path, long user, boolean isNamed) {
  private static final int OTHERS_WRITE = 0022;
  private static final int OTHERS_ANYTHING = 0077;
  private static final int STICKY = 01000;

  /** A socket's address takes 107 bytes (unix(7)); what lies here has names of at most 16. */
  private static final int PATH_BYTES_MAX = 107 - 1 - 16;

  /** The choices of this process, the best one first; none is looked at. */
  public static List<RuntimeFolder> choices() {
    return choices(System.getenv("XDG_RUNTIME_DIR"), Path.of("/"), ProcessStatus.effectiveUser());
  }

  /** The choices for a value of the variable, below a root folder. */
  static List<RuntimeFolder> choices(
      final @Nullable String variable, final Path root, final long user) {
    final List<RuntimeFolder> choices = new ArrayList<>();
    final Path own = root.resolve("run/user/" + user + "/slabmount");
    if (variable != null && variable.startsWith("/")) { // Others are not valid, and ignored.
      final Path named = Path.of(variable).normalize().resolve("slabmount");
      choices.add(new RuntimeFolder(named, user, true));
    }
    if (choices.isEmpty() || !choices.getFirst().path().equals(own)) {
      choices.add(new RuntimeFolder(own, user, false));
    }
    choices.add(new RuntimeFolder(root.resolve("tmp/slabmount-" + user), user, false));
    return choices;
  }

  /** Whether the folder is there and will do. */
  public boolean isUsable() {
    try {
      check();
      return true;
    } catch (final RuntimeFolderException _) {
      return false;
    }
  }

  /**
   * Makes the folder if it is missing.
   *
   * @throws RuntimeFolderException if it will not do
   */
  public void make() throws RuntimeFolderException {
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > PATH_BYTES_MAX) {
      throw new RuntimeFolderException(path, "is too long a name for sockets in it");
    }
    checkParent();
    try {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (final FileAlreadyExistsException _) {
      // Then it is looked at.
    } catch (final IOException e) {
      throw new RuntimeFolderException(path, "cannot be made: " + why(e));
    }
    check();
    if (!Files.isWritable(path)) {
      throw new RuntimeFolderException(path, "cannot be written to");
    }
  }

  private void check() throws RuntimeFolderException {
    checkParent();
    final Map<String, Object> folder = attributes(path);
    if (!Boolean.TRUE.equals(folder.get("isDirectory"))) {
      throw new RuntimeFolderException(path, "is no folder; remove it");
    }
    if (uid(folder) != user) {
      throw new RuntimeFolderException(path, "belongs to user " + uid(folder));
    }
    if ((mode(folder) & OTHERS_ANYTHING) != 0) {
      throw new RuntimeFolderException(path, "lets others in; run 'chmod 700 " + path + "'");
    }
  }

  /** Through links: who may change the folder above is the same whatever name leads there. */
  private void checkParent() throws RuntimeFolderException {
    final Path parent = path.getParent();
    if (parent == null) {
      throw new RuntimeFolderException(path, "is no place for sockets");
    }
    final Map<String, Object> folder;
    try {
      folder = attributes(parent.toRealPath());
    } catch (final RuntimeFolderException e) {
      throw e;
    } catch (final IOException e) {
      throw new RuntimeFolderException(parent, why(e));
    }
    if (!Boolean.TRUE.equals(folder.get("isDirectory"))) {
      throw new RuntimeFolderException(parent, "is no folder");
    }
    if (uid(folder) != user && uid(folder) != 0) {
      throw new RuntimeFolderException(parent, "belongs to user " + uid(folder));
    }
    final int mode = mode(folder);
    if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
      throw new RuntimeFolderException(parent, "can be written to by others");
    }
  }

  /** Of a file itself, never of what a link points to. */
  private static Map<String, Object> attributes(final Path file) throws RuntimeFolderException {
    try {
      return Files.readAttributes(file, "unix:isDirectory,uid,mode", LinkOption.NOFOLLOW_LINKS);
    } catch (final IOException e) {
      throw new RuntimeFolderException(file, why(e));
    }
  }

  private static String why(final IOException e) {
    if (e instanceof NoSuchFileException) {
      return "does not exist";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return String.valueOf(e.getMessage());
  }

  private static long uid(final Map<String, Object> attributes) {
    return attributes.get("uid") instanceof Integer uid ? Integer.toUnsignedLong(uid) : -1;
  }

  private static int mode(final Map<String, Object> attributes) {
    return attributes.get("mode") instanceof Integer mode ? mode : 0777;
  }
}
