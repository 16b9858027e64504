package dev.slabmount.fuse;

import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.fuse.dev.DevTransport;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import dev.slabmount.fuse.dispatch.Latencies;
import dev.slabmount.fuse.dispatch.Observation;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.dispatch.RequestLog;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.libfuse.LibfuseTransport;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.fuse.session.MountLifecycle;
import dev.slabmount.fuse.session.OwnClasses;
import dev.slabmount.fuse.session.Transport;
import dev.slabmount.nativebindings.Libfuse3;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A mounted filesystem.
 *
 * {@snippet :
 * try (FuseMount mount = FuseMount.of(new HelloFs()).at(Path.of("/mnt/hello")).mount()) {
 *   mount.awaitEnd();
 * }
 * }
 *
 * <p>SIGINT and SIGTERM, {@link #close}, {@code fusermount3 -u} and a cut connection all end it the
 * same orderly way: no new requests, those under way are answered or, at a deadline, get EIO, the
 * filesystem's {@link FileSystem#destroy} is called, everything native is freed. Thread-safe.
 *
 * <p>A mountpoint may hold the program's own classes: those of the binding, and those that lie in
 * one jar file or folder with the filesystem's, are loaded before they are hidden. What else a
 * filesystem needs from files, it opens before it is mounted over them.
 */
public final class FuseMount implements AutoCloseable {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");

  private static final long MOUNTING_SECONDS = 30;

  private final MountLifecycle life;
  private final Transport transport;
  private final LookupCounts counts;
  private final ReplyCounters replies;
  private final RequestGuard guard;
  private final @Nullable Latencies latencies;
  private final @Nullable Thread shutdownHook;

  private FuseMount(Builder b) throws MountException {
    counts = new LookupCounts();
    replies = new ReplyCounters();
    guard = new RequestGuard();
    FeatureChoice features = new FeatureChoice(b.with, b.without, b.maxBackground);
    latencies = b.latencies ? new Latencies() : null;
    Observation observation = new Observation(latencies, b.requestLog);
    Dispatcher dispatcher = new Dispatcher(b.fileSystem, counts, guard, features, observation);
    CompletableFuture<MountLifecycle> begun = new CompletableFuture<>();
    shutdownHook = b.unmountAtExit ? addShutdownHook(begun) : null;
    try {
      transport =
          switch (b.transport) {
            case LIBFUSE ->
                new LibfuseTransport(b.fileSystem, dispatcher, counts, replies, b.maxDetached);
            case DEV ->
                new DevTransport(
                    b.fileSystem, dispatcher, counts, replies, b.maxDetached, b.optionList());
          };
      OwnClasses.loadIfUnder(
          b.mountPoint,
          b.fileSystem.getClass(),
          FuseMount.class,
          Libfuse3.class,
          Long2ObjectHashMap.class);
      life =
          MountLifecycle.begin(
              transport, dispatcher, b.mountPoint, b.optionList(), b.threads, b.yielding, b.drain);
      begun.complete(life);
      if (b.readAhead > 0) {
        life.readAhead(b.readAhead);
      }
    } catch (MountException | RuntimeException | Error e) {
      begun.cancel(false);
      removeShutdownHook();
      throw e;
    }
  }

  /** Begins the description of a mount. */
  public static Builder of(FileSystem fileSystem) {
    return new Builder(fileSystem);
  }

  /** Where it is mounted, absolute and without symbolic links. */
  public Path mountPoint() {
    return life.mountPoint();
  }

  /** Waits until the mount has ended, by whatever cause, and everything is freed. */
  public EndReason awaitEnd() throws InterruptedException {
    try {
      return life.ended().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the end of a mount cannot fail", e);
    }
  }

  /** Whether the mount has ended. */
  public boolean hasEnded() {
    return life.ended().isDone();
  }

  /** Figures of the mount. May be called at any time, from any thread. */
  public MountStats stats() {
    return new MountStats(
        life.requestCount(),
        guard.uncaughtCount(),
        guard.unansweredCount(),
        replies.refusedCount(),
        replies.undeliveredCount(),
        transport.contexts().detachedCount(),
        transport.contexts().waitCount(),
        counts.inodes(),
        counts.total());
  }

  /**
   * How often each operation was answered, and how long that took; those that were never answered
   * are left out, and all if latencies are not counted. May be called at any time, from any thread.
   */
  public List<OperationStats> operationStats() {
    return latencies == null ? List.of() : latencies.stats();
  }

  /**
   * Unmounts and waits for the end. Harmless if the mount has ended already. Takes as long as the
   * requests under way, and at most twice the drain and some seconds. An interrupt does not cut it
   * short.
   *
   * @throws MountException if the mount is still there after every deadline; or if it is gone, but
   *     an operation of the filesystem has not returned, which may then still use what belongs to
   *     the filesystem
   * @throws IllegalStateException if an operation of the filesystem calls it: it would wait for
   *     itself
   */
  @Override
  public void close() throws MountException {
    life.unmount();
    removeShutdownHook();
  }

  /** A signal may come while the mount is being made: the hook then waits for it, to end it. */
  private static Thread addShutdownHook(CompletableFuture<MountLifecycle> begun)
      throws MountException {
    Thread hook = new Thread(null, () -> unmountAtExit(begun), "fuse-unmount", 0, false);
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new MountException(Reason.REFUSED, "cannot mount: the JVM is shutting down", e);
    }
    return hook;
  }

  private static void unmountAtExit(CompletableFuture<MountLifecycle> begun) {
    try {
      begun.get(MOUNTING_SECONDS, TimeUnit.SECONDS).unmount();
    } catch (MountException | TimeoutException e) {
      LOG.log(Level.ERROR, "unmounting at exit failed: {0}", e.getMessage());
    } catch (CancellationException | ExecutionException e) {
      LOG.log(Level.DEBUG, "nothing was mounted");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeShutdownHook() {
    if (shutdownHook == null || shutdownHook == Thread.currentThread()) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      LOG.log(Level.DEBUG, "the JVM is shutting down and will find the mount ended");
    }
  }

  /** Describes a mount. Not thread-safe. */
  public static final class Builder {
    private static final int DEFAULT_MAX_DETACHED = 512;
    private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(10);

    private final FileSystem fileSystem;
    private final Set<Feature> with = EnumSet.noneOf(Feature.class);
    private final Set<Feature> without = EnumSet.noneOf(Feature.class);
    private final List<String> options = new ArrayList<>();
    private Path mountPoint = Path.of("");
    private String name = "slabmount";
    private String subtype = "slabmount";
    private TransportKind transport = TransportKind.DEV;
    private int threads = Runtime.getRuntime().availableProcessors();
    private int maxDetached = DEFAULT_MAX_DETACHED;
    private Duration drain = DEFAULT_DRAIN;
    private int readAhead;
    private int maxBackground;
    private boolean yielding = Runtime.getRuntime().availableProcessors() > 1;
    private boolean latencies = true;
    private @Nullable RequestLog requestLog;
    private boolean readOnly;
    private boolean unmountAtExit = true;

    private Builder(FileSystem fileSystem) {
      this.fileSystem = fileSystem;
    }

    /** Mounts there: an existing directory that nothing is mounted on. */
    public Builder at(Path directory) {
      mountPoint = directory;
      return this;
    }

    /** What {@code df} and {@code mount} show as the source. Default: slabmount. */
    public Builder name(String source) {
      name = source;
      return this;
    }

    /** What follows {@code fuse.} in the filesystem's type. Default: slabmount. */
    public Builder subtype(String type) {
      subtype = type;
      return this;
    }

    /** What carries requests and answers. Default: {@link TransportKind#DEV}. */
    public Builder transport(TransportKind kind) {
      transport = kind;
      return this;
    }

    /** How many workers. Default: as many as processors. */
    public Builder threads(int count) {
      threads = requirePositive(count, "threads");
      return this;
    }

    /**
     * Whether workers may call {@code sched_yield} before they wait for a request, which keeps a
     * program and the worker that answers it on one processor. They try out from time to time
     * whether it pays, and do so only while it does. Default: true, if there are several workers
     * and several processors.
     */
    public Builder yielding(boolean value) {
      yielding = value;
      return this;
    }

    /** How many requests may be detached at a time. Default: 512. */
    public Builder maxDetached(int count) {
      maxDetached = requirePositive(count, "detached requests");
      return this;
    }

    /** How long an unmount waits for users, and then for requests under way. Default: 10 s. */
    public Builder drain(Duration atMost) {
      drain = atMost;
      return this;
    }

    /**
     * How many bytes the kernel reads ahead of programs that read in order, and around the pages
     * that they touch through mappings. Default: as the kernel has it, 128 KiB. Only root may
     * change it; for others the mount's log says so, and it stays.
     */
    public Builder readAhead(int bytes) {
      readAhead = requirePositive(bytes, "bytes of read-ahead");
      return this;
    }

    /**
     * How many background requests (read-ahead, mostly) the kernel may have under way, at most 65
     * 535; from three quarters of it on, it leaves read-ahead to do without. Default: as the
     * filesystem chooses by {@link Connection#maxBackground}, or 256.
     */
    public Builder maxBackground(int requests) {
      maxBackground = requirePositive(requests, "background requests");
      return this;
    }

    /**
     * Whether to count how long answers take, for {@link FuseMount#operationStats}: two looks at
     * the clock and an addition for each request. Default: true.
     */
    public Builder latencies(boolean value) {
      latencies = value;
      return this;
    }

    /**
     * Writes a line for each request and one for each answer, as docs/CLI.md describes them. A
     * mount without a log pays nothing for it.
     *
     * @param lines takes each line, without a line break, on any worker and while its caller waits
     */
    public Builder requestLog(Consumer<String> lines) {
      requestLog = new RequestLog(lines);
      return this;
    }

    /** Lets the kernel refuse everything that would change the filesystem. Default: false. */
    public Builder readOnly(boolean value) {
      readOnly = value;
      return this;
    }

    /** Unmounts when the JVM exits or gets SIGINT or SIGTERM. Default: true. */
    public Builder unmountAtExit(boolean value) {
      unmountAtExit = value;
      return this;
    }

    /**
     * Asks for a kernel feature that the filesystem did not choose, where the kernel offers it; for
     * {@link Feature#WRITEBACK_CACHE}, say. The mount's log says what came of it.
     */
    public Builder with(Feature feature) {
      with.add(feature);
      without.remove(feature);
      return this;
    }

    /** Does without a kernel feature, whatever the filesystem chooses. The mount's log says so. */
    public Builder without(Feature feature) {
      without.add(feature);
      with.remove(feature);
      return this;
    }

    /** Adds a mount option, {@code key} or {@code key=value}, as fuse(8) lists them. */
    public Builder option(String option) {
      if (option.isEmpty() || option.indexOf(',') >= 0) {
        throw new IllegalArgumentException("one mount option at a time, not '" + option + "'");
      }
      options.add(option);
      return this;
    }

    /**
     * Mounts, and returns when the mount answers.
     *
     * @throws MountException if that is not possible; nothing is left behind then
     */
    public FuseMount mount() throws MountException {
      return new FuseMount(this);
    }

    private List<String> optionList() {
      List<String> all = new ArrayList<>();
      all.add("fsname=" + escape(name));
      all.add("subtype=" + escape(subtype));
      if (readOnly) {
        all.add("ro");
      }
      all.addAll(options);
      return all;
    }

    private static String escape(String value) {
      return value.replace("\\", "\\\\").replace(",", "\\,");
    }

    private static int requirePositive(int count, String what) {
      if (count < 1) {
        throw new IllegalArgumentException("at least 1 of " + what + ", not " + count);
      }
      return count;
    }
  }
}
