package dev.slabmount.bench.fuse;

import java.util.List;

/**
 * How all filesystems of a figure are mounted.
 *
 * @param pinned clients and servers share one processor
 * @param attributeSeconds how long the kernel may keep attributes
 * @param entrySeconds how long it may keep names, and that there is no such name
 */
record Setting(boolean pinned, int attributeSeconds, int entrySeconds) {
  private static final int DAY_SECONDS = 86_400;

  /** Servers wherever the scheduler likes, timeouts of a day. */
  static Setting unpinned() {
    return new Setting(false, DAY_SECONDS, DAY_SECONDS);
  }

  /** Everything on one processor, timeouts of a day. */
  static Setting onOneProcessor() {
    return new Setting(true, DAY_SECONDS, DAY_SECONDS);
  }

  /** The same with other timeouts. */
  Setting keeping(int attributes, int entries) {
    return new Setting(pinned, attributes, entries);
  }

  /** The options of the C filesystem. */
  List<String> forC() {
    return List.of(
        "-k",
        "-a",
        String.valueOf(attributeSeconds),
        "-e",
        String.valueOf(entrySeconds),
        "-n",
        String.valueOf(entrySeconds));
  }

  /**
   * The options of ours: as the C filesystem does it, no extended attributes and no
   * HANDLE_KILLPRIV_V2, which is a figure of its own.
   */
  List<String> forOurs() {
    return List.of(
        "no_xattr",
        "no_killpriv",
        "attr_timeout=" + attributeSeconds,
        "entry_timeout=" + entrySeconds,
        "negative_timeout=" + entrySeconds);
  }

  /** The options of the peers' servers. */
  List<String> forPeers() {
    return List.of(String.valueOf(attributeSeconds), String.valueOf(entrySeconds));
  }
}
