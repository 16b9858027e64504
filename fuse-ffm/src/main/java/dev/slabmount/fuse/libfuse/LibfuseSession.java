package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.fuse.session.NativePath;
import dev.slabmount.nativebindings.Libfuse3;
import dev.slabmount.nativebindings.LibfuseUnavailableException;
import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import dev.slabmount.nativebindings.libfuse3.fuse_args;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * A session of libfuse: it parses the options, mounts (for ordinary users through fusermount3), and
 * owns the descriptor that requests come in on. Used by one thread at a time.
 */
public final class LibfuseSession {
  private final long address;

  private LibfuseSession(long address) {
    this.address = address;
  }

  /**
   * Loads libfuse and takes its log over.
   *
   * @throws MountException with {@link Reason#LIBRARY} if there is no libfuse3 that can be used
   */
  public static Libfuse3 load() throws MountException {
    try {
      Libfuse3 libfuse = Libfuse3.load();
      LibfuseLog.install();
      return libfuse;
    } catch (LibfuseUnavailableException e) {
      throw new MountException(Reason.LIBRARY, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Makes a session and mounts it.
   *
   * @param operations a {@code struct fuse_lowlevel_ops}; libfuse copies it
   * @param options mount options, each {@code key} or {@code key=value}
   * @throws MountException if libfuse or the kernel refuses; nothing is left behind then
   */
  public static LibfuseSession mount(
      Libfuse3 libfuse, MemorySegment operations, Path mountPoint, List<String> options)
      throws MountException {
    LibfuseSession session = new LibfuseSession(make(libfuse, operations, options));
    try {
      session.mount(mountPoint);
      return session;
    } catch (MountException | RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  private static long make(Libfuse3 libfuse, MemorySegment operations, List<String> options)
      throws MountException {
    LibfuseLog.beginCapture();
    long made;
    String lastWords;
    try (Arena call = Arena.ofConfined()) {
      MemorySegment argv = call.allocate(ADDRESS, 4);
      argv.setAtIndex(ADDRESS, 0, call.allocateFrom("slabmount"));
      argv.setAtIndex(ADDRESS, 1, call.allocateFrom("-o"));
      argv.setAtIndex(ADDRESS, 2, call.allocateFrom(String.join(",", options)));
      MemorySegment args = call.allocate(fuse_args.layout());
      fuse_args.argc(args, options.isEmpty() ? 1 : 3);
      fuse_args.argv(args, argv);
      made =
          libfuse.sessionNew(
              args.address(), operations.address(), libfuse.abi().operationsBytes(), 0);
      LibfuseH.fuse_opt_free_args(args);
    } finally {
      lastWords = LibfuseLog.endCapture();
    }
    if (made == 0) {
      throw new MountException(
          Reason.OPTION, "cannot mount: " + orElse(lastWords, "libfuse refused the options"));
    }
    return made;
  }

  private void mount(Path mountPoint) throws MountException {
    LibfuseLog.beginCapture();
    int result;
    String lastWords;
    try (Arena call = Arena.ofConfined()) {
      result = LibfuseH.fuse_session_mount(handle(), NativePath.of(call, mountPoint));
    } finally {
      lastWords = LibfuseLog.endCapture();
    }
    if (result != 0) {
      throw new MountException(
          Reason.REFUSED,
          "cannot mount on "
              + mountPoint
              + ": "
              + orElse(lastWords, "fusermount3 refused and has said why"));
    }
  }

  /** Address of the {@code struct fuse_session}. */
  public long address() {
    return address;
  }

  /** The descriptor that requests come in on; open until {@link #close}. */
  public int descriptor() {
    return LibfuseH.fuse_session_fd(handle());
  }

  /** Unmounts what is still mounted, closes the descriptor, frees the session. Once. */
  public void close() {
    LibfuseH.fuse_session_unmount(handle());
    LibfuseH.fuse_session_destroy(handle());
  }

  private MemorySegment handle() {
    return MemorySegment.ofAddress(address);
  }

  private static String orElse(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }
}
