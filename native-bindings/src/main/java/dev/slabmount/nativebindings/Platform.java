package dev.slabmount.nativebindings;

import java.util.Locale;
import java.util.Optional;

/**
 * What differs between the processors of Linux in what we touch. The generated layouts of {@code
 * stat} and {@code fuse_entry_param} are those of x86-64 and must not be used elsewhere; whoever
 * encodes one takes the offsets from here. Immutable; keep it in a {@code static final} field and
 * the compiler sees constants.
 *
 * <p>Source: glibc's {@code sys/stat.h} and Linux's {@code asm/fcntl.h} of each processor. Both
 * rows are held against the output of C programs, of which the one for aarch64 was run in an
 * emulator.
 *
 * @param name what Linux calls the processor
 * @param stat {@code struct stat} with 64-bit offsets
 * @param openFlags the flags of {@code open} whose values differ, as the kernel passes them
 */
public record Platform(String name, StatLayout stat, OpenFlags openFlags) {
  /** x86-64. */
  public static final Platform X86_64 =
      new Platform(
          "x86_64",
          new StatLayout(144, 0, 8, 16, 8, 24, 28, 32, 40, 48, 56, 8, 64, 72, 88, 104),
          new OpenFlags(0x4000, 0x1_0000, 0x2_0000, 0x8000));

  /** aarch64. */
  public static final Platform AARCH64 =
      new Platform(
          "aarch64",
          new StatLayout(128, 0, 8, 20, 4, 16, 24, 28, 32, 48, 56, 4, 64, 72, 88, 104),
          new OpenFlags(0x1_0000, 0x4000, 0x8000, 0x2_0000));

  private static final int ENTRY_ATTR_OFFSET = 16;

  /**
   * {@code struct stat}: size, offsets and the two widths that differ, in bytes. A time is 8 bytes
   * of seconds followed by 8 of nanoseconds.
   */
  public record StatLayout(
      int bytes,
      int devOffset,
      int inoOffset,
      int nlinkOffset,
      int nlinkBytes,
      int modeOffset,
      int uidOffset,
      int gidOffset,
      int rdevOffset,
      int sizeOffset,
      int blksizeOffset,
      int blksizeBytes,
      int blocksOffset,
      int atimeOffset,
      int mtimeOffset,
      int ctimeOffset) {}

  /** Open flags that x86-64 and aarch64 number differently. */
  public record OpenFlags(int direct, int directory, int nofollow, int largefile) {}

  /** The processor this JVM runs on, or empty if slabmount does not know it. */
  public static Optional<Platform> current() {
    return of(System.getProperty("os.arch", ""));
  }

  static Optional<Platform> of(final String osArch) {
    return switch (osArch.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> Optional.of(X86_64);
      case "aarch64" -> Optional.of(AARCH64);
      default -> Optional.empty();
    };
  }

  /** {@code sizeof(struct fuse_entry_param)}. */
  public int entryBytes() {
    return entryTimeoutOffset() + Double.BYTES;
  }

  /** Where {@code fuse_entry_param} holds its {@code struct stat}, in bytes. */
  public int entryAttrOffset() {
    return ENTRY_ATTR_OFFSET;
  }

  /** Where {@code fuse_entry_param} holds {@code attr_timeout}, a double, in bytes. */
  public int entryAttrTimeoutOffset() {
    return ENTRY_ATTR_OFFSET + stat.bytes;
  }

  /** Where {@code fuse_entry_param} holds {@code entry_timeout}, a double, in bytes. */
  public int entryTimeoutOffset() {
    return entryAttrTimeoutOffset() + Double.BYTES;
  }
}
