package dev.slabmount.fuse;

import dev.slabmount.nativebindings.Libfuse3;
import dev.slabmount.nativebindings.LibfuseUnavailableException;

/** The libfuse3 that mounts would use, for those who ask before they mount. */
public final class FuseLibrary {
  private FuseLibrary() {}

  /**
   * Loads libfuse3 if it is not loaded yet, and describes it in a few words: release and file. Any
   * thread.
   *
   * @throws MountException with {@link MountException.Reason#LIBRARY} if there is none that can be
   *     used; the message says what was tried and what to do
   */
  public static String describe() throws MountException {
    try {
      final Libfuse3 library = Libfuse3.load();
      return library.version() + ", " + library.path();
    } catch (final LibfuseUnavailableException e) {
      throw new MountException(MountException.Reason.LIBRARY, String.valueOf(e.getMessage()), e);
    }
  }
}
