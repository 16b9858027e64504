package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.TransportKind;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Mounts a {@link MemFs} and serves it until it is unmounted.
 *
 * <pre>
 *   MemFsCommand MOUNTPOINT [--transport dev|libfuse] [--threads N] [-o OPTION[,OPTION...]]
 * </pre>
 *
 * <p>Exit codes: 0 unmounted, 1 cannot be mounted or unmounted, 2 wrong arguments; 128 + N after
 * signal N, which unmounts too.
 */
public final class MemFsCommand {
  private static final int REFUSED = 1;
  private static final int WRONG_USE = 2;
  private static final String USAGE =
      "usage: MemFsCommand MOUNTPOINT [--transport dev|libfuse] [--threads N] [-o OPTION[,OPTION...]]";

  private final MemFsOptions options = new MemFsOptions();
  private final StringBuilder passedOn = new StringBuilder();
  private @Nullable String mountPoint;
  private TransportKind transport = TransportKind.DEV;
  private int threads = Runtime.getRuntime().availableProcessors();

  private MemFsCommand() {}

  /** Runs until the filesystem is unmounted. */
  public static void main(String[] arguments) throws InterruptedException {
    MemFsCommand command = new MemFsCommand();
    try {
      command.read(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("memfs: " + e.getMessage());
      System.exit(WRONG_USE);
    }
    try {
      command.serve();
    } catch (MountException e) {
      System.err.println("memfs: " + e.getMessage());
      System.exit(REFUSED);
    }
  }

  private void read(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      String word = arguments[i];
      if (!word.startsWith("-") && mountPoint == null) {
        mountPoint = word;
        continue;
      }
      if (!word.equals("--transport") && !word.equals("--threads") && !word.equals("-o")) {
        throw new IllegalArgumentException("not understood: '" + word + "'; " + USAGE);
      }
      if (++i == arguments.length) {
        throw new IllegalArgumentException(word + " without a value; " + USAGE);
      }
      switch (word) {
        case "--transport" -> transport = transport(arguments[i]);
        case "--threads" -> threads = threads(arguments[i]);
        default -> readOptions(arguments[i]);
      }
    }
    if (mountPoint == null) {
      throw new IllegalArgumentException("no mountpoint; " + USAGE);
    }
  }

  private static TransportKind transport(String word) {
    return switch (word) {
      case "dev" -> TransportKind.DEV;
      case "libfuse" -> TransportKind.LIBFUSE;
      default -> throw new IllegalArgumentException("--transport " + word + ": not dev or libfuse");
    };
  }

  private static int threads(String word) {
    try {
      int count = Integer.parseInt(word);
      if (count >= 1 && count <= 1024) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("--threads " + word + ": not a number from 1 to 1024");
  }

  /** Options that are none of ours go to libfuse, which refuses what it does not know. */
  private void readOptions(String list) {
    int from = 0;
    while (from <= list.length()) {
      int comma = list.indexOf(',', from);
      int end = comma < 0 ? list.length() : comma;
      String option = list.substring(from, end);
      if (!option.isEmpty() && !options.set(option)) {
        passedOn.append(option).append(',');
      }
      from = end + 1;
    }
  }

  private void serve() throws MountException, InterruptedException {
    FuseMount.Builder builder =
        FuseMount.of(new MemFs(options))
            .at(Path.of(String.valueOf(mountPoint)))
            .name("memfs")
            .subtype("memfs")
            .transport(transport)
            .threads(threads)
            .option("default_permissions");
    int from = 0;
    for (int comma = passedOn.indexOf(","); comma >= 0; comma = passedOn.indexOf(",", from)) {
      builder.option(passedOn.substring(from, comma));
      from = comma + 1;
    }
    try (FuseMount mount = builder.mount()) {
      mount.awaitEnd();
    }
  }
}
