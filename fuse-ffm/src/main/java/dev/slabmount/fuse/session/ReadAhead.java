package dev.slabmount.fuse.session;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How far the kernel reads ahead of programs in a mount.
 *
 * <p>Every FUSE mount begins with 128 KiB ({@code VM_READAHEAD_PAGES} of Linux's {@code
 * include/linux/mm.h}), which INIT can only lower ({@code process_init_reply} of {@code
 * fs/fuse/inode.c}). Root may raise it afterwards in {@code /sys/class/bdi}, for files that are
 * opened from then on ({@code file_ra_state_init}). It matters because each request of a sequential
 * reader is as long, and costs a wake-up on the way there and one on the way back.
 *
 * <p>Any thread. What is set goes with the mount.
 */
final class ReadAhead {
  private static final int KIB = 1024;

  private final Path devices;

  ReadAhead() {
    this(Path.of("/sys/class/bdi"));
  }

  /** With another folder of devices, for tests. */
  ReadAhead(Path devices) {
    this.devices = devices;
  }

  /**
   * Sets it, if that is allowed.
   *
   * @param device {@code major:minor} of the mount
   * @param bytes rounded down to KiB
   * @return what came of it, for the log
   */
  String set(String device, int bytes) {
    Path file = devices.resolve(device).resolve("read_ahead_kb");
    try {
      Files.writeString(file, bytes / KIB + "\n", StandardOpenOption.WRITE);
      return "read-ahead " + Files.readString(file).strip() + " KiB";
    } catch (IOException e) {
      return "read-ahead not changed to %d KiB (%s: %s)".formatted(bytes / KIB, file, reason(e));
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "only root may";
      case NoSuchFileException _ -> "there is no such file";
      default -> String.valueOf(e.getMessage());
    };
  }
}
