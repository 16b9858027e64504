package dev.slabmount.cli;

import dev.slabmount.cli.control.RuntimeFolder;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.fuse.EndReason;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.MountException;
import dev.slabmount.vfs.VfsFileSystem;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.ContentStore;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.io.PrintWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One mount, from the files it needs to its end. Checks in the order in which a person would: the
 * manifest, the store, the mountpoint, then the machine. What was opened is closed in the reverse
 * order, however far it came.
 *
 * <p>Used by the main thread; a signal ends the mount from a thread of its own.
 */
final class MountSession {
  /** How the line begins that says on stdout that the mount answers. */
  static final String READY = "mounted ";

  /** A heap of this size is not worth a collection. */
  private static final long GARBAGE_BYTES_MAX = 96L << 20;

  /** Heap for each byte of a manifest's text while it is read to be mounted. */
  static final int HEAP_FACTOR = 3;

  private static final Logger LOG = System.getLogger(MountSession.class.getName());

  private final MountPlan plan;
  private final PrintWriter out;

  MountSession(final MountPlan plan, final PrintWriter out) {
    this.plan = plan;
    this.out = out;
  }

  /** Mounts and returns when the mount has ended. */
  ExitCode serve() throws CommandFailure, InterruptedException {
    final InodeTree tree = readTree();
    giveBackGarbage();
    try (ContentStore store = openStore(plan.store())) {
      Mountpoint.check(plan.mountpoint(), plan.store());
      final VfsOptions options = plan.filesystem();
      final MemoryPool pool = createPool();
      try (VerifyingReader content = new VerifyingReader(store, plan.verification());
          VfsFileSystem fileSystem = new VfsFileSystem(tree, content, pool, options)) {
        return mountAndWait(
            fileSystem,
            options,
            mount ->
                new MountReport(
                    fileSystem.stats(),
                    pool.stats(),
                    content.counters(),
                    mount.stats(),
                    mount.operationStats(),
                    ProcessFigures.now()));
      } finally {
        close(pool);
      }
    }
  }

  /**
   * Closes the pool. A store that hangs for ever leaves a load under way, and the pool its memory
   * mapped; that shall not replace what the mount ended with, and the process ends anyway.
   */
  static void close(final MemoryPool pool) {
    try {
      pool.close();
    } catch (final MemoryPoolException.PoolBusy e) {
      LOG.log(Level.WARNING, "the store still has not answered: {0}", e.getMessage());
    }
  }

  private InodeTree readTree() throws CommandFailure {
    return ManifestFile.read(
        plan.manifest(),
        HEAP_FACTOR,
        file -> {
          final Manifest manifest = ManifestReader.read(file);
          if (plan.onlyLinksInside()) {
            manifest.requireLinksInside();
          }
          return TreeBuilder.build(manifest);
        });
  }

  /**
   * Reading a large manifest leaves garbage of several times the size of the tree. Nothing would
   * collect it soon, since a mount makes next to none; and the memory is better used for the pool.
   */
  private static void giveBackGarbage() {
    if (Runtime.getRuntime().totalMemory() > GARBAGE_BYTES_MAX) {
      System.gc();
    }
  }

  private static ContentStore openStore(final Path folder) throws CommandFailure {
    try {
      return LocalContentStore.open(folder);
    } catch (final ContentStoreException e) {
      throw new CommandFailure(ExitCode.INPUT, String.valueOf(e.getMessage()), e);
    }
  }

  private MemoryPool createPool() throws CommandFailure {
    try {
      return MemoryPool.create(plan.pool());
    } catch (final MemoryPoolException.ReservationFailed e) {
      throw new CommandFailure(
          ExitCode.PREREQUISITE,
          "cannot make a pool of "
              + ByteSize.format(plan.pool().maxSize())
              + ": "
              + e.getMessage()
              + "; lower --pool-size",
          e);
    }
  }

  private ExitCode mountAndWait(
      final VfsFileSystem fileSystem,
      final VfsOptions options,
      final Function<FuseMount, MountReport> reporter)
      throws CommandFailure, InterruptedException {
    // Registered before there is a mount: a signal in between must not leave one behind.
    final CompletableFuture<FuseMount> mounted = new CompletableFuture<>();
    final Thread onSignal = ExitGate.onSignal(() -> end(mounted));
    try (FuseMount mount = builder(fileSystem, options).mount()) {
      mounted.complete(mount);
      final EndReason end = awaitEnd(mount, () -> reporter.apply(mount));
      if (end == EndReason.CONNECTION_LOST) {
        throw new CommandFailure(
            ExitCode.ABORTED,
            "the mount on " + plan.mountpoint() + " ended: its connection was cut");
      }
      if (plan.stats()) {
        report(reporter.apply(mount));
      }
      return ExitCode.OK;
    } catch (final MountException e) {
      throw new CommandFailure(codeOf(e.reason()), String.valueOf(e.getMessage()), e);
    } finally {
      // However mounting failed: a signal's thread that waits for the mount must not wait for ever.
      mounted.completeExceptionally(new IllegalStateException("there is no mount"));
      ExitGate.remove(onSignal);
    }
  }

  private EndReason awaitEnd(final FuseMount mount, final Supplier<MountReport> report)
      throws InterruptedException {
    try (Announcement _ = Announcement.of(plan, mount, RuntimeFolder.choices(), report)) {
      out.println(READY + plan.manifest() + " on " + plan.mountpoint());
      out.flush();
      return mount.awaitEnd();
    }
  }

  private FuseMount.Builder builder(final VfsFileSystem fileSystem, final VfsOptions options) {
    final FuseMount.Builder builder =
        FuseMount.of(fileSystem)
            .at(plan.mountpoint())
            .name(plan.manifest().toAbsolutePath().toString())
            .transport(plan.transport())
            .threads(plan.threads())
            // So that the filesystem's own bound is the one that holds, and its statistics tell.
            .maxDetached(options.pendingReads() + plan.threads())
            .readOnly(true)
            .unmountAtExit(false); // A signal ends it here, with an exit code of ours.
    if (plan.readAhead() > 0) {
      builder.readAhead(plan.readAhead());
    }
    if (plan.debugFuse()) {
      builder.requestLog(System.err::println);
    }
    plan.kernel().applyTo(builder);
    plan.options().forEach(builder::option);
    return builder;
  }

  /** What a signal does: unmounts, so that the main thread comes to its end. */
  private static void end(final CompletableFuture<FuseMount> mounted) {
    try {
      mounted.join().close();
    } catch (final CompletionException _) {
      // Mounting failed, and the main thread says so.
    } catch (final MountException e) {
      System.err.println(
          FailureReport.PREFIX + FailureReport.oneLine(String.valueOf(e.getMessage())));
      ExitGate.commandEnded(ExitCode.BUSY.code());
    }
  }

  private void report(final MountReport report) {
    if (Daemon.isServer()) {
      System.err.print(report.text()); // which is its log
    } else {
      out.print(report.text());
      out.flush();
    }
  }

  /** How a refusal to mount ends the command. */
  static ExitCode codeOf(final MountException.Reason reason) {
    return switch (reason) {
      case LIBRARY, DEVICE -> ExitCode.PREREQUISITE;
      case MOUNTPOINT, BUSY -> ExitCode.MOUNTPOINT;
      case OPTION -> ExitCode.USAGE;
      case REFUSED -> ExitCode.REFUSED;
    };
  }
}
