package dev.slabmount.cli.control;

import java.nio.file.Path;
import java.time.Instant;

/** Records of mounts that tests make up. */
final class Records {
  private Records() {}

  /** A mount that this process serves. */
  static MountRecord ofThisProcess(final Path mountpoint) {
    final long pid = ProcessHandle.current().pid();
    return of(mountpoint, "", pid, ProcessStatus.startTicks(pid));
  }

  /** A mount of this process that is not in the table of mounts any more. */
  static MountRecord ofADetachedMount(final Path mountpoint) {
    final long pid = ProcessHandle.current().pid();
    return of(mountpoint, "0:99999", pid, ProcessStatus.startTicks(pid));
  }

  /** A mount that nobody serves any more: the process has the id of another, older one. */
  static MountRecord ofADeadProcess(final Path mountpoint) {
    final long pid = ProcessHandle.current().pid();
    return of(mountpoint, "0:99999", pid, ProcessStatus.startTicks(pid) - 1);
  }

  private static MountRecord of(
      final Path mountpoint, final String device, final long pid, final long startTicks) {
    return new MountRecord(
        mountpoint,
        Path.of("/m.json"),
        Path.of("/st\u00f6re"),
        "libfuse",
        "",
        "1",
        Instant.parse("2026-01-02T03:04:05.678Z"),
        device,
        pid,
        startTicks);
  }
}
