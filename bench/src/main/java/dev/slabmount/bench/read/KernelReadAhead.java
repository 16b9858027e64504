package dev.slabmount.bench.read;

import dev.slabmount.bench.report.MeasuringException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How far the kernel reads ahead in the files of a mount, in KiB: {@code
 * /sys/class/bdi/MAJOR:MINOR/read_ahead_kb} of the mount's device. A file that is opened takes over
 * what holds then. Only root may change it.
 */
final class KernelReadAhead {
  private static final Path DEVICES = Path.of("/sys/class/bdi");

  private KernelReadAhead() {}

  /** What holds for a mount that answers. */
  static int of(Path mount) throws MeasuringException {
    try {
      return Integer.parseInt(Files.readString(setting(mount)).strip());
    } catch (IOException | NumberFormatException e) {
      throw new MeasuringException("cannot read how far the kernel reads ahead in " + mount, e);
    }
  }

  /** Whether it could be changed: not without being root, nor where sysfs is read-only. */
  static boolean change(Path mount, int kibibytes) throws MeasuringException {
    try {
      Files.writeString(setting(mount), String.valueOf(kibibytes));
    } catch (IOException e) {
      return false;
    }
    return of(mount) == kibibytes;
  }

  /** Asking for the device makes the filesystem answer: it has agreed with the kernel by then. */
  private static Path setting(Path mount) throws IOException {
    long device = (long) Files.getAttribute(mount, "unix:dev");
    // As <sys/sysmacros.h> takes a number of 64 bits apart.
    long major = ((device >> 8) & 0xfff) | ((device >> 32) & 0xfffff000L);
    long minor = (device & 0xff) | ((device >> 12) & 0xffffff00L);
    return DEVICES.resolve(major + ":" + minor).resolve("read_ahead_kb");
  }
}
