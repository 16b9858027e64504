package dev.slabmount.nativebindings.file;

import dev.slabmount.nativebindings.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A folder that is held open, to flush the filesystem that it is on.
 *
 * <p><b>Threads:</b> any, one at a time: calls wait for each other. Holds one descriptor until
 * closed.
 */
public final class OpenFolder implements AutoCloseable {

  /** From asm-generic/fcntl.h; the same on x86-64 and aarch64. */
  private static final int O_RDONLY_CLOEXEC = 0x8_0000;

  private final MemorySegment errno = Libc.allocateErrno(Arena.ofAuto());
  private int descriptor;

  private OpenFolder() {}

  /**
   * Opens a folder.
   *
   * @param path the bytes of its path
   * @throws IOException if there is none under these bytes, or it may not be read
   */
  public static OpenFolder open(final byte[] path) throws IOException {
    final OpenFolder folder = new OpenFolder();
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment text = arena.allocate(path.length + 1L);
      MemorySegment.copy(path, 0, text, ValueLayout.JAVA_BYTE, 0, path.length);
      folder.descriptor = Libc.open(folder.errno, text.address(), O_RDONLY_CLOEXEC, 0);
    }
    if (folder.descriptor < 0) {
      throw new IOException("open: errno " + Libc.errno(folder.errno));
    }
    return folder;
  }

  /**
   * Writes everything on the folder's filesystem to the disk, what other programs have changed
   * there included, and waits for it: {@code syncfs(2)}. The disk's cache is emptied once, however
   * many files there are. Since Linux 5.8 the kernel reports what it failed to write since the
   * folder was opened or flushed last.
   *
   * @throws IOException if something could not be written
   * @throws IllegalStateException if it was closed
   */
  public synchronized void flushFilesystem() throws IOException {
    if (descriptor < 0) {
      throw new IllegalStateException("closed");
    }
    if (Libc.syncfs(errno, descriptor) != 0) {
      throw new IOException("syncfs: errno " + Libc.errno(errno));
    }
  }

  /** Closing twice is harmless. */
  @Override
  public synchronized void close() {
    if (descriptor >= 0) {
      Libc.close(errno, descriptor);
      descriptor = -1;
    }
  }
}
