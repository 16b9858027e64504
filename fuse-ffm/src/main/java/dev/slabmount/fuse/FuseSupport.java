package dev.slabmount.fuse;

import dev.slabmount.nativebindings.Libfuse3;
import dev.slabmount.nativebindings.LibfuseUnavailableException;
import dev.slabmount.nativebindings.LibfuseVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What releases of libfuse and of Linux lack, by name, for those who ask before they mount. A mount
 * works all the same: what is missing is answered as the Javadoc of each part says, and the mount's
 * log names the features.
 */
public final class FuseSupport {
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int MAJOR_FACTOR = 1000;

  /** What is no {@link Feature} and not as old as all that is supported. */
  private enum Part {
    COPY_FILE_RANGE("FileSystem.copyFileRange", "4.20", 0, 0),
    CACHE_READDIR("OpenedFile.cacheReaddir", "4.20", 0, 0),
    NO_FLUSH("OpenedFile.noFlush", "5.16", 11, 0),
    TMPFILE("FileSystem.tmpfile", "6.1", 17, 0),
    EXPIRE_ENTRY("Notifier.expireEntry", "6.2", 13, 0),
    PARALLEL_DIRECT_WRITES("OpenedFile.parallelDirectWrites", "6.2", 14, 1),
    STATX("FileSystem.statx", "6.6", 18, 0),
    EXPIRE_ALL("Notifier.expireAllEntries", "6.16", 18, 0),
    PRUNE("Notifier.prune", "6.18", NEVER, 0),
    STREAM("OpenedFile.stream", "3.15", NEVER, 0);

    private final String shown;
    private final String linux;
    private final int libfuseMinor;
    private final int libfusePatch;

    Part(String shown, String linux, int libfuseMinor, int libfusePatch) {
      this.shown = shown;
      this.linux = linux;
      this.libfuseMinor = libfuseMinor;
      this.libfusePatch = libfusePatch;
    }
  }

  private FuseSupport() {}

  /**
   * What the installed libfuse has no way to pass on: matters to {@link TransportKind#LIBFUSE}
   * alone. Loads it if it is not loaded yet. Any thread.
   *
   * @throws MountException with {@link MountException.Reason#LIBRARY} if there is none that can be
   *     used
   */
  public static List<String> lackingInLibfuse() throws MountException {
    try {
      return lackingIn(Libfuse3.load().version());
    } catch (LibfuseUnavailableException e) {
      throw new MountException(MountException.Reason.LIBRARY, String.valueOf(e.getMessage()), e);
    }
  }

  static List<String> lackingIn(LibfuseVersion version) {
    List<String> lacking = new ArrayList<>();
    for (Part part : Part.values()) {
      if (version.minor() < part.libfuseMinor
          || (version.minor() == part.libfuseMinor && version.patch() < part.libfusePatch)) {
        lacking.add(part.shown);
      }
    }
    for (Feature feature : Feature.values()) {
      if (version.minor() < feature.libfuseMinor()) {
        lacking.add("Feature." + feature);
      }
    }
    return lacking;
  }

  /**
   * What a release of Linux has not, as far as its number tells: distributions add what is newer.
   *
   * @param release as {@code uname -r} says it, 6.1.0-13-amd64, say; of another form: nothing lacks
   */
  public static List<String> lackingInLinux(String release) {
    List<String> lacking = new ArrayList<>();
    int running = number(release);
    for (Part part : Part.values()) {
      if (running < number(part.linux)) {
        lacking.add(part.shown);
      }
    }
    for (Feature feature : Feature.values()) {
      if (running < number(feature.linux())) {
        lacking.add("Feature." + feature);
      }
    }
    return lacking;
  }

  private static int number(String release) {
    Matcher form = Pattern.compile("(\\d{1,4})\\.(\\d{1,3})(?!\\d).*").matcher(release);
    return form.matches()
        ? Integer.parseInt(form.group(1)) * MAJOR_FACTOR + Integer.parseInt(form.group(2))
        : NEVER;
  }
}
