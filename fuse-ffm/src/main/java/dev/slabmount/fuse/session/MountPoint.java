package dev.slabmount.fuse.session;

import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The checks before a mount: each refusal is one line, and nothing was changed. */
final class MountPoint {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");
  private static final Path DEVICE = Path.of("/dev/fuse");

  private MountPoint() {}

  /**
   * Returns the mountpoint, absolute and free of symbolic links, if something can be mounted there.
   * A dead FUSE mount that a killed process left behind is cleaned away first.
   */
  static Path prepare(Path requested) throws MountException {
    checkDevice();
    Path mountPoint = resolve(requested);
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(mountPoint, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isDirectory()) {
        throw refuse(requested, "it is not a directory");
      }
    } catch (NoSuchFileException e) {
      throw refuse(requested, "it does not exist; create it with 'mkdir'");
    } catch (AccessDeniedException e) {
      throw refuse(requested, "permission denied");
    } catch (IOException e) {
      cleanStale(requested, mountPoint, e);
    }
    if (isMountedOn(mountPoint)) {
      throw new MountException(
          Reason.BUSY,
          "cannot mount on " + requested + ": something is mounted there already; unmount it");
    }
    return mountPoint;
  }

  private static boolean isMountedOn(Path mountPoint) throws MountException {
    try {
      return MountTable.at(mountPoint).isPresent();
    } catch (IOException e) {
      throw new MountException(Reason.REFUSED, "cannot read the table of mounts", e);
    }
  }

  private static void checkDevice() throws MountException {
    if (!Files.exists(DEVICE)) {
      throw new MountException(
          Reason.DEVICE,
          "cannot mount: /dev/fuse does not exist; load the kernel's module with 'modprobe fuse',"
              + " or pass the device into the container");
    }
    if (!Files.isReadable(DEVICE) || !Files.isWritable(DEVICE)) {
      throw new MountException(
          Reason.DEVICE,
          "cannot mount: /dev/fuse: permission denied; let this user read and write it");
    }
  }

  /**
   * Resolves the parent only: the mountpoint itself may be a dead mount, which nobody can look at.
   */
  private static Path resolve(Path requested) throws MountException {
    Path absolute = requested.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    Path name = absolute.getFileName();
    if (parent == null || name == null) {
      throw refuse(requested, "the root directory cannot be a mountpoint");
    }
    try {
      if (Files.isSymbolicLink(absolute)) {
        return absolute.toRealPath();
      }
      return parent.toRealPath().resolve(name);
    } catch (NoSuchFileException e) {
      throw refuse(requested, "it does not exist; create it with 'mkdir -p'");
    } catch (AccessDeniedException e) {
      throw refuse(requested, "permission denied");
    } catch (IOException e) {
      throw refuse(requested, String.valueOf(e.getMessage()));
    }
  }

  private static void cleanStale(Path requested, Path mountPoint, IOException why)
      throws MountException {
    try {
      MountTable.Mount mount = MountTable.at(mountPoint).orElse(null);
      if (mount == null || !mount.isFuse()) {
        throw refuse(requested, String.valueOf(why.getMessage()));
      }
      LOG.log(
          Level.WARNING,
          "a dead mount of {0} is left at {1}; it is cleaned away",
          mount.type(),
          mountPoint);
      Unmounter.Result result = Unmounter.unmount(mountPoint, true);
      if (result.outcome() != Unmounter.Outcome.DONE) {
        throw new MountException(
            Reason.BUSY,
            "cannot mount on "
                + requested
                + ": a dead mount is left there and cannot be removed; try 'fusermount3 -uz "
                + requested
                + "'");
      }
    } catch (MountException e) {
      throw e;
    } catch (IOException e) {
      throw new MountException(Reason.REFUSED, "cannot read the table of mounts", e);
    }
  }

  private static MountException refuse(Path requested, String why) {
    return new MountException(Reason.MOUNTPOINT, "cannot mount on " + requested + ": " + why);
  }
}
