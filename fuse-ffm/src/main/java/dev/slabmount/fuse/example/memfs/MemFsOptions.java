package dev.slabmount.fuse.example.memfs;

import java.util.concurrent.TimeUnit;

/**
 * How a {@link MemFs} behaves. One thread fills it in before the filesystem is made, which then
 * only reads it.
 */
public final class MemFsOptions {
  private static final long DEFAULT_TIMEOUT_NANOS = TimeUnit.DAYS.toNanos(1);

  /** The kernel may believe names for that long. Default: a day, because only it changes them. */
  long entryNanos = DEFAULT_TIMEOUT_NANOS;

  /** The kernel may believe attributes for that long. Default: a day. */
  long attributeNanos = DEFAULT_TIMEOUT_NANOS;

  /** The kernel may believe that a name is missing for that long. Default: a day. */
  long negativeNanos = DEFAULT_TIMEOUT_NANOS;

  /** How much all content together may take; it takes memory as it is written. Default: 4 GiB. */
  long sizeBytes = 4L << 30;

  /**
   * How much of the Java heap all names, attributes and tables together may take, by estimate: a
   * file takes about 350 bytes. Default: half of the heap.
   */
  long heapBytes = Runtime.getRuntime().maxMemory() / 2;

  /** Extended attributes; without, they are ENOSYS, which the kernel remembers. Default: true. */
  boolean extendedAttributes = true;

  /** Every read and write comes to us. Default: false. */
  boolean directIo;

  /** Pages stay cached from one open to the next. Default: true. */
  boolean keepCache = true;

  /** Listings may be cached. Default: false. */
  boolean cacheListings;

  /** The kernel collects writes. Default: false. */
  boolean writebackCache;

  /**
   * We clear set-user-ID bits, so that the kernel need not ask before each write. Default: true.
   */
  boolean killPrivileges = true;

  /** Creates the defaults. */
  public MemFsOptions() {}

  /**
   * Takes one option as it stands after {@code -o}; false if it is none of ours.
   *
   * @throws IllegalArgumentException if it is ours and its value makes no sense; the message is one
   *     line
   */
  public boolean set(String option) {
    int equals = option.indexOf('=');
    String key = equals < 0 ? option : option.substring(0, equals);
    String value = equals < 0 ? "" : option.substring(equals + 1);
    switch (key) {
      case "entry_timeout" -> entryNanos = nanos(option, value);
      case "attr_timeout" -> attributeNanos = nanos(option, value);
      case "negative_timeout" -> negativeNanos = nanos(option, value);
      case "size" -> sizeBytes = bytes(option, value);
      case "heap" -> heapBytes = bytes(option, value);
      default -> {
        return equals < 0 && setFlag(key);
      }
    }
    return true;
  }

  private boolean setFlag(String key) {
    boolean on = !key.startsWith("no_");
    switch (on ? key : key.substring(3)) {
      case "xattr" -> extendedAttributes = on;
      case "direct_io" -> directIo = on;
      case "keep_cache" -> keepCache = on;
      case "cache_readdir" -> cacheListings = on;
      case "writeback_cache" -> writebackCache = on;
      case "killpriv" -> killPrivileges = on;
      default -> {
        return false;
      }
    }
    return true;
  }

  private static long nanos(String option, String value) {
    try {
      double seconds = isPlain(value) ? Double.parseDouble(value) : -1;
      if (seconds >= 0 && seconds <= 1e9) {
        return (long) (seconds * 1e9);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(option + ": not a number of seconds from 0 to 1000000000");
  }

  /** Whether it has only what a number of people has, and not what Java takes besides. */
  private static boolean isPlain(String number) {
    for (int i = 0; i < number.length(); i++) {
      if ((number.charAt(i) < '0' || number.charAt(i) > '9') && number.charAt(i) != '.') {
        return false;
      }
    }
    return true;
  }

  private static long bytes(String option, String value) {
    int digits = value.length();
    int shift = 0;
    if (digits > 0) {
      shift = " KMGT".indexOf(Character.toUpperCase(value.charAt(digits - 1)));
      digits -= shift > 0 ? 1 : 0;
    }
    try {
      String count = value.substring(0, digits);
      long number = isPlain(count) ? Long.parseLong(count) : 0;
      if (number > 0 && number <= Long.MAX_VALUE >> (10 * Math.max(0, shift))) {
        return number << (10 * Math.max(0, shift));
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(option + ": not a size like 512M or 4G");
  }
}
