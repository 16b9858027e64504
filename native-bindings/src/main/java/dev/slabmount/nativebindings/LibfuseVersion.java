package dev.slabmount.nativebindings;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The release of a libfuse, for example 3.14.1. The third number matters: 3.14.0 and 3.14.1 lay out
 * {@code fuse_file_info} differently. Immutable.
 *
 * @param major 3 for every release that slabmount handles
 * @param minor the series, 10 to 18
 * @param patch the release within the series
 */
public record LibfuseVersion(int major, int minor, int patch)
    implements Comparable<LibfuseVersion> {
  private static final Pattern NUMBERS =
      Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?\\D?.*");

  /**
   * Reads what a library says about itself.
   *
   * @param number {@code fuse_version()}: major × 100 + minor since 3.10, major × 10 + minor before
   *     (source: {@code FUSE_MAKE_VERSION} in libfuse's {@code include/fuse_common.h})
   * @param text {@code fuse_pkgversion()}: all three numbers, and possibly a suffix
   * @return empty if the two contradict each other or the text has no numbers
   */
  static Optional<LibfuseVersion> parse(final int number, final String text) {
    final int base = number < 100 ? 10 : 100;
    final Matcher matcher = NUMBERS.matcher(text);
    if (!matcher.matches()
        || Integer.parseInt(matcher.group(1)) != number / base
        || Integer.parseInt(matcher.group(2)) != number % base) {
      return Optional.empty();
    }
    final String patch = matcher.group(3);
    return Optional.of(
        new LibfuseVersion(
            number / base, number % base, patch == null ? 0 : Integer.parseInt(patch)));
  }

  @Override
  public int compareTo(final LibfuseVersion other) {
    if (major != other.major) {
      return Integer.compare(major, other.major);
    }
    return minor != other.minor
        ? Integer.compare(minor, other.minor)
        : Integer.compare(patch, other.patch);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
