package dev.slabmount.fuse;

import dev.slabmount.nativebindings.LibfuseVersion;
import java.util.stream.IntStream;

/** Since which release something is there, by what {@link FuseSupport} says that releases lack. */
public final class Since {
  private static final int OLDEST_LIBFUSE = 10;
  private static final int NEWEST_LIBFUSE = 18;
  private static final int MINORS = 20;

  private Since() {}

  /** The oldest libfuse that has a part such as {@code Notifier.prune}, or "none". */
  public static String libfuse(String part) {
    return IntStream.range(OLDEST_LIBFUSE * 2, (NEWEST_LIBFUSE + 1) * 2)
        .mapToObj(i -> new LibfuseVersion(3, i / 2, i % 2))
        .filter(version -> !FuseSupport.lackingIn(version).contains(part))
        .map(version -> "3." + version.minor() + (version.patch() == 0 ? "" : ".1"))
        .findFirst()
        .orElse("none");
  }

  /** The oldest Linux that has it, of those that are supported. */
  public static String linux(String part) {
    return IntStream.rangeClosed(3 * (MINORS + 1) + 15, 7 * (MINORS + 1))
        .mapToObj(i -> i / (MINORS + 1) + "." + i % (MINORS + 1))
        .filter(release -> !FuseSupport.lackingInLinux(release).contains(part))
        .findFirst()
        .orElseThrow();
  }
}
