package dev.slabmount.core.pool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How much memory this process may use: what the machine has, or less if a control group says so.
 *
 * <p>Reads {@code /proc/meminfo} and the memory limits of the process's control group and of all
 * its parents, version 2 ({@code memory.max}) and version 1 ({@code memory.limit_in_bytes}). Inside
 * a container the group's path may not exist under the mounted hierarchy; the root of the hierarchy
 * is then the container's own group and is read as the last parent. The formats are those of the
 * kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst and proc(5).
 *
 * @param bytes the limit; {@link #FALLBACK} if nothing could be read
 */
record MachineMemory(long bytes) {
  /** Assumed when nothing can be read: 2 GiB. */
  static final long FALLBACK = 2L << 30;

  static MachineMemory ofThisMachine() {
    return read(Path.of("/"));
  }

  /** Reads the files below {@code root}, which stands for the root of the filesystem. */
  static MachineMemory read(final Path root) {
    long bytes = machineBytes(root.resolve("proc/meminfo"));
    for (final String line : lines(root.resolve("proc/self/cgroup"))) {
      // <hierarchy>:<controllers>:<path>; version 2 has hierarchy 0 and no controllers.
      final String[] parts = line.split(":", 3);
      if (parts.length == 3 && parts[1].isEmpty()) {
        final Path mount = root.resolve("sys/fs/cgroup");
        bytes = Math.min(bytes, groupBytes(mount, parts[2], "memory.max"));
      } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
        final Path mount = root.resolve("sys/fs/cgroup/memory");
        bytes = Math.min(bytes, groupBytes(mount, parts[2], "memory.limit_in_bytes"));
      }
    }
    return new MachineMemory(bytes == Long.MAX_VALUE ? FALLBACK : bytes);
  }

  private static long machineBytes(final Path meminfo) {
    for (final String line : lines(meminfo)) {
      if (line.startsWith("MemTotal:")) {
        final String[] words = line.substring("MemTotal:".length()).strip().split(" ", -1);
        return limit(words[0], 1024);
      }
    }
    return Long.MAX_VALUE;
  }

  private static long groupBytes(final Path mount, final String group, final String file) {
    long bytes = Long.MAX_VALUE;
    Path folder = mount.resolve(group.substring(Math.min(1, group.length()))).normalize();
    if (!folder.startsWith(mount)) {
      folder = mount; // A path that leads out of what is mounted here.
    }
    while (folder != null && folder.startsWith(mount)) {
      for (final String line : lines(folder.resolve(file))) {
        bytes = Math.min(bytes, limit(line.strip(), 1));
      }
      folder = folder.getParent();
    }
    return bytes;
  }

  /** A number times its unit; no limit for {@code max} and for what is not a positive number. */
  private static long limit(final String text, final long unit) {
    try {
      final long number = Long.parseLong(text);
      return number > 0 && number <= Long.MAX_VALUE / unit ? number * unit : Long.MAX_VALUE;
    } catch (final NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private static List<String> lines(final Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (final IOException e) {
      return List.of(); // Not this version of control groups, or hidden from us: no limit known.
    }
  }
}
