package dev.slabmount.fuse.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What of the mount options concerns us besides libfuse, which gets them all. Immutable.
 *
 * @param readOnly {@code ro}: nothing is ever written
 * @param onlyUser {@code allow_root}: the user who may use the mount besides root; -1 without it
 */
record DevOptions(boolean readOnly, long onlyUser) {
  /** No restriction by user. */
  static final long EVERYBODY = -1;

  /** Reads a list of options, each {@code key} or {@code key=value}; the last one counts. */
  static DevOptions of(List<String> options) {
    boolean readOnly = options.lastIndexOf("ro") > options.lastIndexOf("rw");
    return new DevOptions(readOnly, options.contains("allow_root") ? ownUser() : EVERYBODY);
  }

  private static long ownUser() {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      return 0; // root alone, then
    }
  }
}
