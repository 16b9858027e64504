package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.EndReason;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mounts a {@link MemFs} and serves it until it is unmounted. {@link #HELP} has its options.
 *
 * <p>Exit codes: 0 unmounted, 1 cannot be mounted or unmounted, 2 wrong arguments; 128 + N after
 * signal N, which unmounts too. What is wrong is said in one line on stderr.
 */
public final class MemFsCommand {
  /** What {@code --help} prints. */
  static final String HELP =
      """
      usage: memfs MOUNTPOINT [--transport dev|libfuse] [--threads N] [--debug-fuse] [-o OPTION[,OPTION...]]

      Mounts an empty filesystem in memory on a directory, and serves it until it is unmounted
      (fusermount3 -u MOUNTPOINT, or Ctrl-C). What it holds is gone then.

        --transport dev|libfuse  what carries requests (dev)
        --threads N              how many requests are served at a time (as many as processors)
        --debug-fuse             write a line on stderr for each request, and one for each answer
        -o OPTION[,OPTION...]    one or more of these; any other goes to libfuse (allow_other, ro)
           size=N                how much all content may take, with K, M, G or T (4G)
           heap=N                how much of the heap names and the like may take (half)
           entry_timeout=S       seconds that the kernel may believe names (86400)
           attr_timeout=S        ... attributes (86400)
           negative_timeout=S    ... that there is no such name (86400)
           direct_io             every read and write comes to the filesystem
           no_keep_cache         cached pages go at each open
           cache_readdir         the kernel may cache listings
           writeback_cache       the kernel collects writes
           no_xattr              no extended attributes
           no_killpriv           the kernel clears set-user-ID bits, and asks before each write
           without=FEATURE       do without a kernel feature, such as ASYNC_READ; may be repeated
      """;

  private static final int FAILED = 1;
  private static final int WRONG_USE = 2;
  private static final String WITHOUT = "without=";
  private static final int THREADS_MAX = 1024;
  private static final String SEE_HELP = "; memfs --help lists what there is";

  private final MemFsOptions options = new MemFsOptions();
  private final List<String> passedOn = new ArrayList<>();
  private final List<Feature> without = new ArrayList<>();
  private @Nullable Path mountPoint;
  private TransportKind transport = TransportKind.DEV;
  private int threads = Runtime.getRuntime().availableProcessors();
  private boolean debug;

  private MemFsCommand() {}

  /** Runs until the filesystem is unmounted. */
  public static void main(String[] arguments) throws InterruptedException {
    int code = run(arguments, System.out, System.err);
    if (code != 0) {
      System.exit(code);
    }
  }

  /** The same, with other streams; returns the exit code. */
  static int run(String[] arguments, PrintStream out, PrintStream err) throws InterruptedException {
    if (List.of(arguments).contains("--help")) {
      out.print(HELP);
      return 0;
    }
    MemFsCommand command = new MemFsCommand();
    Path where;
    try {
      where = command.read(arguments);
    } catch (IllegalArgumentException e) {
      return failed(WRONG_USE, e, err);
    }
    try {
      command.serve(where, err);
      return 0;
    } catch (MountException e) {
      return failed(e.reason() == MountException.Reason.OPTION ? WRONG_USE : FAILED, e, err);
    } catch (IOException e) {
      return failed(FAILED, e, err);
    }
  }

  private static int failed(int code, Exception why, PrintStream err) {
    err.println("memfs: " + why.getMessage());
    return code;
  }

  /** Reads the arguments and returns the mountpoint. */
  private Path read(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      String word = arguments[i];
      switch (word) {
        case "--debug-fuse" -> debug = true;
        case "--transport" -> transport = transport(value(arguments, ++i, "dev or libfuse"));
        case "--threads" -> threads = threads(value(arguments, ++i, "a number"));
        case "-o" -> readOptions(value(arguments, ++i, "options, separated by commas"));
        default -> mountPoint = place(word);
      }
    }
    if (mountPoint == null) {
      throw new IllegalArgumentException(
          "no mountpoint: name the directory to mount on" + SEE_HELP);
    }
    return mountPoint;
  }

  private static String value(String[] arguments, int at, String what) {
    if (at == arguments.length) {
      throw new IllegalArgumentException(
          arguments[at - 1] + " has no value: write " + what + " behind it" + SEE_HELP);
    }
    return arguments[at];
  }

  private Path place(String word) {
    if (word.startsWith("-")) {
      throw new IllegalArgumentException("unknown option '" + word + "'" + SEE_HELP);
    }
    if (mountPoint != null) {
      throw new IllegalArgumentException(
          "'" + word + "' is one argument too many: there is a mountpoint already" + SEE_HELP);
    }
    if (word.isEmpty()) {
      throw new IllegalArgumentException("the mountpoint is an empty word: name a directory");
    }
    try {
      return Path.of(word);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "the mountpoint cannot be named in this locale; run with LC_ALL=C.UTF-8", e);
    }
  }

  private static TransportKind transport(String word) {
    return switch (word) {
      case "dev" -> TransportKind.DEV;
      case "libfuse" -> TransportKind.LIBFUSE;
      default ->
          throw new IllegalArgumentException(
              "--transport '" + word + "' is none: there are dev and libfuse");
    };
  }

  private static int threads(String word) {
    try {
      int count = Integer.parseInt(word);
      if (count >= 1 && count <= THREADS_MAX) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "--threads '" + word + "' is no number from 1 to " + THREADS_MAX);
  }

  /** Options that are none of ours go to libfuse, which refuses what it does not know. */
  private void readOptions(String list) {
    for (String option : list.split(",", -1)) {
      if (option.startsWith(WITHOUT)) {
        without.add(feature(option));
      } else if (!option.isEmpty() && !options.set(option)) {
        passedOn.add(option);
      }
    }
  }

  private static Feature feature(String option) {
    try {
      return Feature.valueOf(option.substring(WITHOUT.length()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": no kernel feature like ASYNC_READ", e);
    }
  }

  private void serve(Path where, PrintStream err) throws IOException, InterruptedException {
    // The root belongs to whoever mounts, like that of a tmpfs.
    Path self = Path.of("/proc/self");
    int uid = (int) Files.getAttribute(self, "unix:uid");
    int gid = (int) Files.getAttribute(self, "unix:gid");
    FuseMount.Builder builder =
        FuseMount.of(new MemFs(options, uid, gid))
            .at(where)
            .name("memfs")
            .subtype("memfs")
            .transport(transport)
            .threads(threads)
            .option("default_permissions");
    passedOn.forEach(builder::option);
    without.forEach(builder::without);
    if (debug) {
      builder.requestLog(err::println);
    }
    try (FuseMount mount = builder.mount()) {
      if (mount.awaitEnd() == EndReason.CONNECTION_LOST) {
        throw new IOException("the connection of " + where + " was cut; what it held is gone");
      }
    }
  }
}
