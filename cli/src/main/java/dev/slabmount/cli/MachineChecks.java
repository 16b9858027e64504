package dev.slabmount.cli;

import dev.slabmount.cli.control.ProcessStatus;
import dev.slabmount.fuse.FuseSupport;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Looks at what a machine offers for mounting, one {@link Finding} per thing. Changes nothing.
 *
 * <p>The root folder, the search path and the user are parameters, so that tests can describe a
 * machine that lacks something.
 */
final class MachineChecks {
  private static final int SET_USER_ID = 04000;

  /** CAP_SYS_ADMIN, which mount(2) asks for; number from {@code linux/capability.h}. */
  private static final int CAP_SYS_ADMIN = 21;

  /** Character device 10:229 (kernel, {@code Documentation/admin-guide/devices.txt}). */
  private static final long FUSE_DEVICE = 10L << 8 | 229;

  private final Path root;
  private final String searchPath;
  private final boolean superuser;

  MachineChecks(final Path root, final String searchPath, final boolean superuser) {
    this.root = root;
    this.searchPath = searchPath;
    this.superuser = superuser;
  }

  /** Checks for the machine and the user that this runs on and as. */
  static MachineChecks ofThisMachine() {
    final String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    return new MachineChecks(Path.of("/"), path, ProcessStatus.effectiveUser() == 0);
  }

  /** Everything but the library, which has to be loaded to be looked at. */
  List<Finding> all() {
    final List<Finding> findings = new ArrayList<>();
    findings.add(device());
    findings.add(superuser ? mountCapability() : fusermount());
    findings.add(allowOther());
    findings.add(kernel());
    findings.add(kernelFeatures());
    findings.add(charset());
    return findings;
  }

  /** Opening the device is what tells: containers show it and refuse it. */
  private Finding device() {
    final Path device = root.resolve("dev/fuse");
    try (FileChannel _ =
        FileChannel.open(device, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE))) {
      if (!Long.valueOf(FUSE_DEVICE).equals(Files.getAttribute(device, "unix:rdev"))) {
        return Finding.missing(
            "/dev/fuse",
            "is something else",
            "sudo rm /dev/fuse; sudo mknod -m 666 /dev/fuse c 10 229");
      }
      return Finding.ok("/dev/fuse", "can be read and written");
    } catch (final NoSuchFileException _) {
      return Finding.missing(
          "/dev/fuse",
          "there is none",
          "sudo modprobe fuse; in a container: start it with --device /dev/fuse");
    } catch (final AccessDeniedException _) {
      return Finding.missing("/dev/fuse", "permission denied", "sudo chmod 666 /dev/fuse");
    } catch (final IOException e) {
      return Finding.missing(
          "/dev/fuse",
          FailureReport.reason(e),
          "sudo modprobe fuse; in a container: start it with --device /dev/fuse");
    }
  }

  /** The superuser mounts without help, if a container lets him. */
  private Finding mountCapability() {
    final long effective = effectiveCapabilities();
    if ((effective >>> CAP_SYS_ADMIN & 1) == 0) {
      return Finding.missing(
          "mount(2)",
          "this root may not mount: CAP_SYS_ADMIN is missing",
          "start the container with --cap-add SYS_ADMIN");
    }
    return Finding.ok("mount(2)", "allowed, as root");
  }

  private Finding fusermount() {
    for (final String folder : searchPath.split(File.pathSeparator, -1)) {
      final Path program = root.resolve(folder.replaceFirst("^/+", "")).resolve("fusermount3");
      if (!Files.isExecutable(program)) {
        continue;
      }
      try {
        final int mode = (Integer) Files.getAttribute(program, "unix:mode");
        final int owner = (Integer) Files.getAttribute(program, "unix:uid");
        if (owner == 0 && (mode & SET_USER_ID) != 0) {
          return Finding.ok("fusermount3", program + ", set-user-ID root");
        }
        return Finding.missing(
            "fusermount3",
            program + " is not set-user-ID root, so it cannot mount for you",
            "sudo chown root " + program + " && sudo chmod u+s " + program);
      } catch (final IOException e) {
        return Finding.missing("fusermount3", program + ": " + FailureReport.reason(e), install());
      }
    }
    return Finding.missing("fusermount3", "not on PATH", install());
  }

  private Finding allowOther() {
    final Path configuration = root.resolve("etc/fuse.conf");
    if (superuser) {
      return Finding.ok("--allow-other", "allowed, as root");
    }
    try {
      if (Files.readAllLines(configuration).stream()
          .anyMatch(line -> line.strip().equals("user_allow_other"))) {
        return Finding.ok("--allow-other", "allowed by " + configuration);
      }
    } catch (final IOException _) {
      // No file, no permission.
    }
    return Finding.note(
        "--allow-other",
        "not for users: " + configuration + " lacks user_allow_other",
        "echo user_allow_other | sudo tee -a /etc/fuse.conf");
  }

  private Finding kernel() {
    final String release = firstLine("proc/sys/kernel/osrelease");
    final List<String> filesystems = lines("proc/filesystems");
    final boolean known =
        filesystems.stream()
            .anyMatch(line -> line.strip().replaceFirst("^nodev\\s+", "").equals("fuse"));
    if (!known) {
      return Finding.note(
          "kernel",
          release + ", FUSE is not loaded",
          "sudo modprobe fuse, if /dev/fuse does not do");
    }
    return Finding.ok("kernel", release + ", FUSE is loaded");
  }

  private Finding kernelFeatures() {
    final String release = firstLine("proc/sys/kernel/osrelease");
    final List<String> lacking = FuseSupport.lackingInLinux(release);
    return lacking.isEmpty()
        ? Finding.ok("in the kernel", "everything can be had")
        : Finding.note(
            "in the kernel",
            release + " does not have " + String.join(", ", lacking),
            "take a newer kernel if a filesystem needs one of these; mounts work without");
  }

  private static Finding charset() {
    final String charset = System.getProperty("sun.jnu.encoding", "unknown");
    if (!charset.equalsIgnoreCase("UTF-8")) {
      return Finding.note(
          "file names", "turned into text as " + charset, "start slabmount with LC_ALL=C.UTF-8");
    }
    return Finding.ok("file names", "turned into text as UTF-8");
  }

  /** The command that installs libfuse3 and fusermount3 here. */
  String install() {
    return PackageAdvice.installFuse(root.resolve("etc/os-release"));
  }

  private long effectiveCapabilities() {
    return ProcessStatus.field(root.resolve("proc/self/status"), "CapEff:", 1, 16);
  }

  private String firstLine(final String file) {
    final List<String> lines = lines(file);
    return lines.isEmpty() ? "unknown" : lines.getFirst();
  }

  private List<String> lines(final String file) {
    try {
      return Files.readAllLines(root.resolve(file));
    } catch (final IOException _) {
      return List.of();
    }
  }
}
