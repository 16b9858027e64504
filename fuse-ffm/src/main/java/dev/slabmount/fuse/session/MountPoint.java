package dev.slabmount.fuse.session;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.nativebindings.Libc;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The checks before a mount: each refusal is one line, and nothing was changed. */
final class MountPoint {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");
  private static final Path DEVICE = Path.of("/dev/fuse");
  private static final int STACKED_MAX = 16;
  private static final int ECONNABORTED = 103;
  private static final int OPEN_FLAGS = 0x800 | 0x80000; // O_RDONLY, O_NONBLOCK, O_CLOEXEC
  private static final long PROBE_SECONDS = 5;

  private MountPoint() {}

  /**
   * Returns the mountpoint, absolute and free of symbolic links, if something can be mounted there.
   * A dead FUSE mount that a killed process left behind is cleaned away first.
   */
  static Path prepare(Path requested) throws MountException {
    checkDevice();
    Path mountPoint = resolve(requested);
    cleanDeadMounts(requested, mountPoint);
    if (!Files.isDirectory(mountPoint)) {
      throw refuse(requested, "it is not a directory");
    }
    return mountPoint;
  }

  /**
   * An ordinary user needs the device as much as root does: {@code fusermount3} is set-user-ID
   * root, but opens it with the rights of its caller (util/fusermount.c of libfuse).
   */
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
   * Does not touch the mountpoint if something is mounted there: it may be dead, and then nobody
   * can look at it, or hang.
   */
  private static Path resolve(Path requested) throws MountException {
    Path absolute = requested.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    Path name = absolute.getFileName();
    if (parent == null || name == null) {
      throw refuse(requested, "the root directory cannot be a mountpoint");
    }
    try {
      Path direct = parent.toRealPath().resolve(name);
      return mountAt(direct).isPresent() ? direct : absolute.toRealPath();
    } catch (NoSuchFileException e) {
      throw refuse(requested, "it does not exist; create it with 'mkdir -p'");
    } catch (AccessDeniedException e) {
      throw refuse(requested, "permission denied");
    } catch (MountException e) {
      throw e;
    } catch (IOException e) {
      throw refuse(requested, String.valueOf(e.getMessage()));
    }
  }

  private static void cleanDeadMounts(Path requested, Path mountPoint) throws MountException {
    for (int i = 0; i < STACKED_MAX; i++) {
      Optional<MountTable.Mount> mount = mountAt(mountPoint);
      if (mount.isEmpty()) {
        return;
      }
      if (!mount.get().isFuse() || !isDead(mountPoint)) {
        break;
      }
      LOG.log(
          Level.WARNING,
          "a dead mount of {0} is left at {1}; it is cleaned away",
          mount.get().type(),
          mountPoint);
      Unmounter.Result result = Unmounter.unmount(mountPoint, true);
      if (result.outcome() != Unmounter.Outcome.DONE) {
        throw new MountException(
            Reason.BUSY,
            "cannot mount on %s: a dead mount is left there and cannot be removed%s; try 'fusermount3 -uz %s'"
                .formatted(
                    requested,
                    result.message().isEmpty() ? "" : " (" + result.message() + ")",
                    mountPoint));
      }
    }
    throw new MountException(
        Reason.BUSY,
        "cannot mount on " + requested + ": something is mounted there already; unmount it");
  }

  private static Optional<MountTable.Mount> mountAt(Path mountPoint) throws MountException {
    try {
      return MountTable.at(mountPoint);
    } catch (IOException e) {
      throw new MountException(Reason.REFUSED, "cannot read the table of mounts: " + e, e);
    }
  }

  /**
   * Whether nobody serves a FUSE mount any more. Asked on a thread of its own, because who does
   * serve it may take any time to answer; it is alive then.
   */
  private static boolean isDead(Path mountPoint) {
    FutureTask<Integer> probe = new FutureTask<>(() -> openErrno(mountPoint));
    Thread.ofPlatform().daemon().name("fuse-probe").start(probe);
    try {
      int errno = probe.get(PROBE_SECONDS, TimeUnit.SECONDS);
      return errno == Errno.ENOTCONN || errno == ECONNABORTED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(Level.DEBUG, "the mount at {0} does not say whether it is alive: {1}", mountPoint, e);
      return false;
    }
  }

  private static int openErrno(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Libc.allocateErrno(arena);
      int fd = Libc.open(errno, NativePath.of(arena, path).address(), OPEN_FLAGS, 0);
      if (fd < 0) {
        return Libc.errno(errno);
      }
      Libc.close(errno, fd);
      return 0;
    }
  }

  private static MountException refuse(Path requested, String why) {
    return new MountException(Reason.MOUNTPOINT, "cannot mount on " + requested + ": " + why);
  }
}
