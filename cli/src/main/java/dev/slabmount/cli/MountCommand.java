package dev.slabmount.cli;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.VerificationMode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Mounts the tree that a manifest describes, and serves it until it is unmounted. */
@Command(
    name = "mount",
    description = "Mounts the tree of a manifest, read-only, until it is unmounted.")
final class MountCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "MANIFEST", description = "What 'snapshot' wrote.")
  private Path manifest = Path.of("");

  @Parameters(index = "1", paramLabel = "MOUNTPOINT", description = "An empty folder.")
  private Path mountpoint = Path.of("");

  @Option(
      names = "--store",
      paramLabel = "FOLDER",
      required = true,
      description = "The store that holds the content.")
  private Path store = Path.of("");

  @Option(
      names = "--pool-size",
      paramLabel = "SIZE",
      converter = ByteSize.Converter.class,
      description = {
        "Most memory that cached content may take, such as 64M.",
        "Default: a quarter of the memory of the machine or its control group, at most 8G."
      })
  private @Nullable ByteSize poolSize;

  @Option(
      names = "--block-size",
      paramLabel = "SIZE",
      converter = ByteSize.Converter.class,
      description = {"Unit of caching, a power of two from 4K to 256M.", "Default: 1M."})
  private @Nullable ByteSize blockSize;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = WholeNumber.Threads.class,
      description = {
        "Threads that answer the kernel, at most 1024.",
        "Default: as many as processors."
      })
  private @Nullable Integer threads;

  @Option(
      names = "--transport",
      paramLabel = "TRANSPORT",
      description = {
        "What carries requests from the kernel. dev: slabmount's protocol engine on /dev/fuse;",
        "libfuse: libfuse3's.",
        "Default: dev."
      })
  private String transport = "dev";

  @Option(
      names = "--verify",
      paramLabel = "MODE",
      description = {
        "How content is checked against its hash. strict: no byte before its whole object is hashed;",
        "background: so for objects up to a block, larger ones are hashed while they are served;",
        "off: not at all.",
        "Default: background."
      })
  private String verify = VerificationMode.BACKGROUND.id();

  @Option(
      names = "--fetch-timeout",
      paramLabel = "SECONDS",
      converter = WholeNumber.Timeout.class,
      description = {
        "How long a read waits for the store before it fails, 1 to 86400; the next tries again.",
        "Default: 300."
      })
  private int fetchTimeout = 300;

  @Option(
      names = "--links",
      paramLabel = "WHICH",
      description = {
        "Which symbolic links are accepted. any; inside: a manifest with a link that leads out of",
        "its tree is refused.",
        "Default: any."
      })
  private String links = "any";

  @Mixin private CachingOptions caching = new CachingOptions();

  @Mixin private KernelOptions kernel = new KernelOptions();

  @Option(
      names = "--allow-other",
      description =
          "Let other users in too. As a user this needs user_allow_other in /etc/fuse.conf.")
  private boolean allowOther;

  @Option(
      names = "-o",
      paramLabel = "OPTION",
      split = ",",
      splitSynopsisLabel = ",",
      description = "Mount options that libfuse 3 and the kernel know, such as noexec.")
  private List<String> options = new ArrayList<>();

  @Option(
      names = "--daemon",
      description =
          "Serve in the background; return when the mount answers and say where the log is.")
  private boolean daemon;

  @Option(
      names = "--log-file",
      paramLabel = "FILE",
      description = {
        "Where the daemon's messages are appended.",
        "Default: $XDG_STATE_HOME/slabmount or ~/.local/state/slabmount, a file named after the mountpoint."
      })
  private @Nullable Path logFile;

  @Option(
      names = "--debug-fuse",
      description = "Write a line on stderr (a daemon: in its log) for each request and answer.")
  private boolean debugFuse;

  @Option(
      names = "--stats",
      description = "Say at the end what the mount and its pool did (a daemon: in its log).")
  private boolean stats;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    final MountPlan plan = plan();
    if (daemon && !Daemon.isServer()) {
      return startDaemon(plan.log().orElseThrow());
    }
    caching.warnOfWhatCannotWork(plan.pool());
    return new MountSession(plan, spec.commandLine().getOut()).serve().code();
  }

  /** Everything that can be refused without looking at a file. */
  private MountPlan plan() {
    if (logFile != null && !daemon) {
      throw usage("Invalid option '--log-file': it goes with --daemon only");
    }
    final List<String> mountOptions = new ArrayList<>(options);
    if (allowOther) {
      mountOptions.add("allow_other");
    }
    if (mountOptions.contains("")) {
      throw usage("Invalid value for option '-o': an option is empty");
    }
    if (mountOptions.contains("rw")) {
      throw usage("Invalid value for option '-o': 'rw' cannot be had, mounts are read-only");
    }
    final int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    return new MountPlan(
        manifest,
        store,
        mountpoint,
        poolConfig(),
        verification(),
        transport(),
        filesystemOptions(),
        onlyLinksInside(),
        caching.readAhead(),
        kernel.choice(),
        workers,
        mountOptions,
        log(),
        debugFuse,
        stats);
  }

  private VfsOptions filesystemOptions() {
    final VfsOptions.Builder options =
        VfsOptions.builder().fetchTimeout(Duration.ofSeconds(fetchTimeout));
    caching.applyTo(options);
    return options.build();
  }

  private TransportKind transport() {
    return switch (transport) {
      case "libfuse" -> TransportKind.LIBFUSE;
      case "dev" -> TransportKind.DEV;
      default ->
          throw usage(
              "Invalid value for option '--transport': '"
                  + transport
                  + "' is not known, only libfuse and dev");
    };
  }

  private boolean onlyLinksInside() {
    return switch (links) {
      case "any" -> false;
      case "inside" -> true;
      default ->
          throw usage(
              "Invalid value for option '--links': '"
                  + links
                  + "' is not known, only any and inside");
    };
  }

  private VerificationMode verification() {
    try {
      return VerificationMode.of(verify);
    } catch (final IllegalArgumentException e) {
      throw usage("Invalid value for option '--verify': " + e.getMessage());
    }
  }

  private MemoryPoolConfig poolConfig() {
    // The filesystem gives up fetches at its own timeout; nobody else is to do so before.
    final MemoryPoolConfig.Builder builder =
        MemoryPoolConfig.builder().loadTimeout(Duration.ofSeconds(fetchTimeout));
    if (poolSize != null) {
      builder.maxSize(poolSize.bytes());
    }
    if (blockSize != null) {
      if (blockSize.bytes() > MemoryPoolConfig.BLOCK_SIZE_MAX) {
        throw usage(
            "Invalid value for option '--block-size': it must be at most "
                + ByteSize.exact(MemoryPoolConfig.BLOCK_SIZE_MAX)
                + ", not "
                + ByteSize.exact(blockSize.bytes()));
      }
      builder.blockSize((int) blockSize.bytes());
    }
    try {
      return builder.build();
    } catch (final IllegalArgumentException e) {
      throw usage(inOurWords(String.valueOf(e.getMessage())));
    }
  }

  /** What the pool says of its settings, with the names of options and sizes to be read. */
  private static String inOurWords(final String message) {
    final String named =
        message
            .replaceFirst("^maxSize", "Invalid value for option '--pool-size': it")
            .replaceFirst("^blockSize", "Invalid value for option '--block-size': it")
            .replace("maxSize", "--pool-size")
            .replace("blockSize", "--block-size");
    return Pattern.compile("(\\d{1,18}) bytes")
        .matcher(named)
        .replaceAll(size -> ByteSize.exact(Long.parseLong(size.group(1))));
  }

  /** Where the daemon's messages go, absolute; empty for a mount in the foreground. */
  private Optional<Path> log() {
    if (!daemon) {
      return Optional.empty();
    }
    return Optional.of(logFile == null ? Daemon.defaultLog(mountpoint) : logFile.toAbsolutePath());
  }

  private Integer startDaemon(final Path log) throws CommandFailure, InterruptedException {
    if (Mountpoint.holds(mountpoint, log)) {
      throw usage(
          "Invalid value for option '--log-file': "
              + log
              + " lies under the mountpoint; take another file");
    }
    final Process server = Daemon.start(spec.commandLine().getParseResult(), log);
    final PrintWriter out = spec.commandLine().getOut();
    out.println(
        "mounted " + manifest + " on " + mountpoint + "; process " + server.pid() + ", log " + log);
    if (out.checkError() || System.out.checkError()) {
      Daemon.end(server);
      throw new CommandFailure(
          ExitCode.OUTPUT,
          "cannot say that "
              + mountpoint
              + " is mounted, so it was unmounted: stdout is unwritable");
    }
    return ExitCode.OK.code();
  }

  private ParameterException usage(final String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
