package dev.slabmount.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How the FUSE packages are installed on this distribution (os-release(5)). */
final class PackageAdvice {
  private PackageAdvice() {}

  /** The command for the distribution whose {@code /etc/os-release} this is. */
  static String installFuse(final Path osRelease) {
    String families = "";
    try {
      for (final String line : Files.readAllLines(osRelease)) {
        if (line.startsWith("ID=") || line.startsWith("ID_LIKE=")) {
          families += " " + line.substring(line.indexOf('=') + 1).replace("\"", "");
        }
      }
    } catch (final IOException _) {
      // Then it is a distribution that we know nothing of.
    }
    final List<String> known = List.of(families.strip().split("\\s+"));
    if (known.contains("debian") || known.contains("ubuntu")) {
      return "sudo apt-get install -y fuse3";
    }
    if (known.contains("fedora") || known.contains("rhel")) {
      return "sudo dnf install -y fuse3 fuse3-libs";
    }
    if (known.contains("suse") || known.contains("opensuse")) {
      return "sudo zypper install -y fuse3";
    }
    if (known.contains("arch")) {
      return "sudo pacman -S fuse3";
    }
    if (known.contains("alpine")) {
      return "sudo apk add fuse3 fuse3-libs";
    }
    return "install fuse3 (libfuse 3.10 or newer) with your package manager";
  }
}
