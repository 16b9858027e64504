package dev.slabmount.nativebindings;

import static dev.slabmount.nativebindings.LowlevelOperation.LSEEK;
import static dev.slabmount.nativebindings.LowlevelOperation.STATX;
import static dev.slabmount.nativebindings.LowlevelOperation.TMPFILE;

import java.util.List;
import java.util.Optional;

/**
 * What differs between the releases of libfuse in what we touch: one row per range of releases.
 * Offsets that are the same in all of them, and on both architectures, come from the generated
 * layouts; those that differ by architecture are in {@link Platform}. Immutable.
 *
 * <p>Memory that libfuse reads or writes as one of its structures is allocated at the {@code
 * LARGEST_*} size and zeroed, so that a field which only a newer release knows is never missing.
 *
 * <pre>
 *   bit of the word at FILE_INFO_FLAGS_OFFSET   0    1    2    3    4    5    6    7    8
 *   3.10                                        wp   dio  kc   fl   ns   flk  crd
 *   3.11 to 3.14.0                              wp   dio  kc   fl   ns   flk  crd  nf
 *   3.14.1 to 3.16                              wp   dio  kc   PDW  fl   ns   flk  crd  nf
 *   3.17, 3.18                                  wp   dio  kc   fl   ns   flk  crd  nf   PDW
 * </pre>
 *
 * <p>Source: libfuse's {@code include/fuse_common.h}, {@code include/fuse_lowlevel.h} and {@code
 * lib/fuse_versionscript} at the tags {@code fuse-3.10.0} to {@code fuse-3.18.2}. Every row is held
 * against the output of one C program compiled with the headers of each of those releases.
 *
 * @param first the oldest release of the range
 * @param last the newest release of the range, with the largest {@code int} as patch if any later
 *     patch is in it
 * @param fileInfoFlags the bits of {@code fuse_file_info}
 * @param fileInfoBytes {@code sizeof(struct fuse_file_info)}
 * @param bufBytes {@code sizeof(struct fuse_buf)}, also the step between those of a {@code
 *     fuse_bufvec}
 * @param lastOperation the last callback that {@code fuse_lowlevel_ops} has
 * @param sessionNew how a session is made
 */
public record LibfuseAbi(
    LibfuseVersion first,
    LibfuseVersion last,
    FileInfoFlags fileInfoFlags,
    int fileInfoBytes,
    int bufBytes,
    LowlevelOperation lastOperation,
    SessionNew sessionNew) {

  /** Offset of the 32-bit word of bit-fields in {@code fuse_file_info}, in bytes; in all rows. */
  public static final int FILE_INFO_FLAGS_OFFSET = 4;

  /** Bytes that hold a {@code fuse_file_info} of any release. */
  public static final int LARGEST_FILE_INFO_BYTES = 64;

  /** Bytes that hold a {@code fuse_buf} of any release. */
  public static final int LARGEST_BUF_BYTES = 48;

  /** Bytes that hold a {@code fuse_lowlevel_ops} of any release. */
  public static final int LARGEST_OPERATIONS_BYTES = (int) STATX.offset() + Long.BYTES;

  /** Bytes that hold a {@code fuse_conn_info}; in all rows. */
  public static final int CONN_INFO_BYTES = 128;

  private static final int ANY = Integer.MAX_VALUE;
  private static final FileInfoFlags BITS_3_10 = FileInfoFlags.ofBits(0, 1, 2, 3, 4, 5, 6, -1, -1);
  private static final FileInfoFlags BITS_3_11 = FileInfoFlags.ofBits(0, 1, 2, 3, 4, 5, 6, 7, -1);
  private static final FileInfoFlags BITS_3_14_1 = FileInfoFlags.ofBits(0, 1, 2, 4, 5, 6, 7, 8, 3);
  private static final FileInfoFlags BITS_3_17 = FileInfoFlags.ofBits(0, 1, 2, 3, 4, 5, 6, 7, 8);

  private static final List<LibfuseAbi> ROWS =
      List.of(
          new LibfuseAbi(
              version(10, 0), version(10, ANY), BITS_3_10, 40, 40, LSEEK, SessionNew.PLAIN),
          new LibfuseAbi(
              version(11, 0), version(14, 0), BITS_3_11, 40, 40, LSEEK, SessionNew.PLAIN),
          new LibfuseAbi(
              version(14, 1), version(16, ANY), BITS_3_14_1, 40, 40, LSEEK, SessionNew.PLAIN),
          new LibfuseAbi(
              version(17, 0), version(17, ANY), BITS_3_17, 64, 48, TMPFILE, SessionNew.VERSIONED),
          new LibfuseAbi(
              version(18, 0), version(18, ANY), BITS_3_17, 64, 48, STATX, SessionNew.VERSIONED));

  /** How {@code fuse_session_new} is reached. */
  public enum SessionNew {
    /** {@code fuse_session_new(args, op, op_size, userdata)}. */
    PLAIN("fuse_session_new"),
    /**
     * {@code fuse_session_new_versioned(args, op, op_size, version, userdata)}; the plain name is
     * an inline function in the header.
     */
    VERSIONED("fuse_session_new_versioned");

    private final String function;

    SessionNew(final String function) {
      this.function = function;
    }

    /** The function to bind. */
    String function() {
      return function;
    }
  }

  /**
   * Masks of the bit-fields of {@code fuse_file_info} in the word at {@link
   * #FILE_INFO_FLAGS_OFFSET}; 0 where a release does not have one, so that setting it does nothing.
   *
   * @param writepage write: by the kernel's write-back, not by a caller
   * @param directIo open, create: bypass the page cache
   * @param keepCache open, opendir: keep what the kernel has cached
   * @param flush release: also a flush
   * @param nonseekable open: not seekable
   * @param flockRelease release: drop flock locks
   * @param cacheReaddir opendir: cache entries
   * @param noflush open: no flush on close wanted
   * @param parallelDirectWrites open, create: direct writes may run side by side
   */
  public record FileInfoFlags(
      int writepage,
      int directIo,
      int keepCache,
      int flush,
      int nonseekable,
      int flockRelease,
      int cacheReaddir,
      int noflush,
      int parallelDirectWrites) {

    private static FileInfoFlags ofBits(final int... bits) {
      final int[] masks = new int[bits.length];
      for (int i = 0; i < bits.length; i++) {
        masks[i] = bits[i] < 0 ? 0 : 1 << bits[i];
      }
      return new FileInfoFlags(
          masks[0], masks[1], masks[2], masks[3], masks[4], masks[5], masks[6], masks[7], masks[8]);
    }
  }

  /** The row for a release, or empty if slabmount does not know it. */
  public static Optional<LibfuseAbi> of(final LibfuseVersion version) {
    return ROWS.stream()
        .filter(row -> row.first.compareTo(version) <= 0 && version.compareTo(row.last) <= 0)
        .findFirst();
  }

  /** The releases that have a row, as people write them. */
  static String supportedReleases() {
    final LibfuseVersion oldest = ROWS.getFirst().first;
    final LibfuseVersion newest = ROWS.getLast().last;
    return oldest.major() + "." + oldest.minor() + " to " + newest.major() + "." + newest.minor();
  }

  /** Whether {@code fuse_lowlevel_ops} has this callback. */
  public boolean has(final LowlevelOperation operation) {
    return operation.compareTo(lastOperation) <= 0;
  }

  /** {@code sizeof(struct fuse_lowlevel_ops)}. */
  public long operationsBytes() {
    return lastOperation.offset() + Long.BYTES;
  }

  private static LibfuseVersion version(final int minor, final int patch) {
    return new LibfuseVersion(3, minor, patch);
  }
}
