package dev.slabmount.fuse.session;

import static java.nio.file.StandardOpenOption.WRITE;

import dev.slabmount.fuse.Errno;
import dev.slabmount.nativebindings.Libc;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Takes mounts away: with {@code umount2} where this process may, else with {@code fusermount3}.
 * Stateless; any thread but a worker, since an unmount waits for requests that workers answer.
 */
public final class Unmounter {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");
  private static final Path CONNECTIONS = Path.of("/sys/fs/fuse/connections");
  private static final int MNT_FORCE = 1; // sys/mount.h
  private static final int MNT_DETACH = 2; // sys/mount.h
  private static final int UMOUNT_NOFOLLOW = 8; // sys/mount.h
  private static final long HELPER_SECONDS = 10;

  private Unmounter() {}

  /** How an attempt ended. */
  public enum Outcome {
    /** It is gone, or, if lazy, no longer reachable by name. */
    DONE,
    /** Files are open on it, or somebody's working directory lies in it. */
    BUSY,
    /** Nothing was mounted there. */
    NOT_MOUNTED,
    /** Neither way was permitted or worked; {@link Result#message} says why. */
    FAILED
  }

  /**
   * An outcome, with the reason of a failure.
   *
   * @param message one line, empty unless the outcome is FAILED
   */
  public record Result(Outcome outcome, String message) {}

  /** Unmounts; {@code lazy}: take the name away now, the rest when the last user is gone. */
  public static Result unmount(Path mountPoint, boolean lazy) {
    int errno = umount2(mountPoint, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0));
    return switch (errno) {
      case 0 -> new Result(Outcome.DONE, "");
      case Errno.EBUSY -> new Result(Outcome.BUSY, "");
      case Errno.EINVAL, Errno.ENOENT -> new Result(Outcome.NOT_MOUNTED, "");
      case Errno.EPERM -> fusermount(mountPoint, lazy);
      default -> new Result(Outcome.FAILED, "umount2 failed with errno " + errno);
    };
  }

  /**
   * Cuts the connection of a FUSE mount: every request under way and every later one fails. Through
   * the kernel's control files where they are mounted, else by a forced unmount, which only root
   * may.
   *
   * @param device {@code major:minor} of the mount, empty if unknown
   * @return whether one of the two worked
   */
  public static boolean abort(String device, Path mountPoint) {
    if (abortConnection(device)) {
      return true;
    }
    int errno = umount2(mountPoint, MNT_FORCE | UMOUNT_NOFOLLOW);
    return errno == 0 || errno == Errno.EBUSY; // busy: the connection is cut, the mount remains
  }

  /** Cuts a connection through the kernel's control files alone; returns whether that worked. */
  static boolean abortConnection(String device) {
    String minor = device.substring(device.indexOf(':') + 1);
    if (minor.isEmpty()) {
      return false;
    }
    try {
      Files.writeString(CONNECTIONS.resolve(minor).resolve("abort"), "1", WRITE);
      return true;
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "no control file for connection {0}: {1}", device, e);
      return false;
    }
  }

  private static int umount2(Path mountPoint, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Libc.allocateErrno(arena);
      int result = Libc.umount2(errno, NativePath.of(arena, mountPoint).address(), flags);
      return result == 0 ? 0 : Libc.errno(errno);
    }
  }

  private static Result fusermount(Path mountPoint, boolean lazy) {
    List<String> command = new ArrayList<>(List.of("fusermount3", "-u"));
    if (lazy) {
      command.add("-z");
    }
    command.add("--");
    command.add(mountPoint.toString());
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      if (!process.waitFor(HELPER_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Result(Outcome.FAILED, "fusermount3 did not end within 10 s");
      }
      String said = new String(process.getInputStream().readAllBytes(), NativePath.charset());
      if (process.exitValue() == 0) {
        return new Result(Outcome.DONE, "");
      }
      if (said.contains("busy")) {
        return new Result(Outcome.BUSY, "");
      }
      if (said.contains("not found") || said.contains("not mounted")) {
        return new Result(Outcome.NOT_MOUNTED, "");
      }
      return new Result(Outcome.FAILED, said.strip().replace('\n', ' '));
    } catch (IOException e) {
      return new Result(Outcome.FAILED, "fusermount3 cannot be run; install the package fuse3");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result(Outcome.FAILED, "interrupted");
    }
  }
}
