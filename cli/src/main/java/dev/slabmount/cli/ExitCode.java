package dev.slabmount.cli;

/**
 * Every way the command can end, for scripts to tell apart. The table in {@code docs/CLI.md} says
 * the same, and a test keeps the two equal. The launcher ({@code bin/slabmount}) uses {@link
 * #PREREQUISITE} too, when it finds no Java to start.
 *
 * <p>The numbers stay clear of what a shell makes of signals and missing commands (126 and above).
 */
public enum ExitCode {
  /** Did what was asked; a mount ended in good order, by whatever way it was ended. */
  OK(0),
  /** A mistake in slabmount itself. */
  UNEXPECTED(1),
  /** An option or argument is missing, unknown or malformed. */
  USAGE(2),
  /** Something to be read is missing, malformed or unreadable: manifest, store, folder. */
  INPUT(3),
  /** Something could not be written: manifest, store, log. */
  OUTPUT(4),
  /** The machine lacks something: Java, libfuse3, {@code /dev/fuse}, fusermount3. */
  PREREQUISITE(5),
  /** The mountpoint is missing, no folder, not empty, not permitted, or (not) mounted already. */
  MOUNTPOINT(6),
  /** libfuse3, fusermount3 or the kernel refused to (un)mount; or a mount does not answer. */
  REFUSED(7),
  /** Files under the mountpoint are still in use. */
  BUSY(8),
  /** The work ended before it was done, or a mount ended in bad order. */
  ABORTED(9),
  /** {@code verify} found content that is missing, damaged or unreadable. */
  DAMAGED(10);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** The end that a process returned; {@link #UNEXPECTED} for a number that none of ours has. */
  static ExitCode of(final int code) {
    for (final ExitCode exitCode : values()) {
      if (exitCode.code == code) {
        return exitCode;
      }
    }
    return UNEXPECTED;
  }

  /** What the process returns. */
  public int code() {
    return code;
  }
}
