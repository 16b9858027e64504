package dev.slabmount.fuse.libfuse;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.dispatch.RequestLog;
import dev.slabmount.fuse.dispatch.TransportBuffers;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.fuse.session.Transport;
import dev.slabmount.nativebindings.Libc;
import dev.slabmount.nativebindings.Libfuse3;
import dev.slabmount.nativebindings.LibfuseCalls;
import dev.slabmount.nativebindings.kernel.KernelH;
import dev.slabmount.nativebindings.kernel.fuse_interrupt_in;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The transport that leaves the protocol to libfuse: Java workers call {@code
 * fuse_session_receive_buf} and {@code fuse_session_process_buf}, libfuse decodes and calls us
 * back, {@code fuse_reply_*} encodes. Works with every libfuse3 that {@link Libfuse3} accepts.
 *
 * <p>Lifetime: everything native belongs to one arena, closed by {@link #close} after the session
 * is destroyed; only the receive buffers are malloc'd by libfuse and freed one by one, except those
 * of abandoned requests, which the filesystem may still read.
 */
public final class LibfuseTransport implements Transport {
  private static final int INTERRUPT = KernelH.FUSE_INTERRUPT();
  private static final String MAX_READ = "max_read=";

  /** What is no affair of the filesystem's, or has no answer. */
  private static final Set<Integer> NO_REQUESTS =
      Set.of(
          KernelH.FUSE_INIT(),
          KernelH.FUSE_DESTROY(),
          KernelH.FUSE_FORGET(),
          KernelH.FUSE_BATCH_FORGET(),
          KernelH.FUSE_NOTIFY_REPLY());

  private final Libfuse3 libfuse;
  private final Arena arena = Arena.ofShared();
  private final LibfuseNotifier notifier;
  private final LibfuseConnection connection;
  private final Queue<LibfuseBuffers> allBuffers = new ConcurrentLinkedQueue<>();
  private final ContextPool contexts;
  private final RequestGuard guard;
  private final MemorySegment operations;
  private final @Nullable RequestLog log;
  private @Nullable LibfuseSession session;
  private long sessionAddress;

  /**
   * Loads libfuse.
   *
   * @param maxDetached how many requests may be detached at a time
   * @throws MountException with {@link Reason#LIBRARY} if there is no libfuse3 that can be used
   */
  public LibfuseTransport(
      FileSystem fileSystem,
      Dispatcher dispatcher,
      LookupCounts counts,
      ReplyCounters replyCounters,
      int maxDetached)
      throws MountException {
    try {
      libfuse = LibfuseSession.load();
    } catch (MountException e) {
      arena.close();
      throw e;
    }
    log = dispatcher.observation().log();
    guard = dispatcher.guard();
    Set<Operation> offered = Operation.offeredBy(fileSystem);
    notifier = new LibfuseNotifier(offered.contains(Operation.RETRIEVE_REPLY));
    connection =
        new LibfuseConnection(
            libfuse.version(), offered, notifier, Libc.getPageSize(Libc.allocateErrno(arena)));
    contexts =
        new ContextPool(
            this::newBuffers, maxDetached, counts, replyCounters, dispatcher.observation());
    operations =
        UpcallTable.build(
            new LowLevelUpcalls(dispatcher, connection), offered, libfuse.abi(), arena);
  }

  private LibfuseBuffers newBuffers() {
    LibfuseBuffers buffers = new LibfuseBuffers(libfuse.abi(), arena);
    allBuffers.add(buffers);
    return buffers;
  }

  @Override
  public String description() {
    return libfuse.toString();
  }

  @Override
  public void mount(Path mountPoint, List<String> options) throws MountException {
    connection.maxRead(maxRead(options));
    LibfuseSession mounted = LibfuseSession.mount(libfuse, operations, mountPoint, options);
    session = mounted;
    sessionAddress = mounted.address();
    notifier.begin(sessionAddress);
  }

  private static int maxRead(List<String> options) throws MountException {
    int bytes = 0;
    for (String option : options) {
      if (option.startsWith(MAX_READ)) {
        try {
          bytes = Integer.parseUnsignedInt(option, MAX_READ.length(), option.length(), 10);
        } catch (NumberFormatException e) {
          throw new MountException(
              Reason.OPTION, "cannot mount: '" + option + "' does not name a number of bytes", e);
        }
      }
    }
    return bytes;
  }

  @Override
  public CompletableFuture<String> whenAgreed() {
    return connection.whenAgreed();
  }

  @Override
  public ContextPool contexts() {
    return contexts;
  }

  @Override
  public int receive(RequestContext context) {
    LibfuseBuffers buffers = (LibfuseBuffers) context.buffers();
    int received = LibfuseCalls.sessionReceive(sessionAddress, buffers.bufAddress());
    if (received > 0) {
      buffers.afterReceive();
    }
    return received;
  }

  @Override
  public void process(RequestContext context) {
    // Upcalls let nothing out: what this throws was thrown before libfuse was called.
    LibfuseBuffers buffers = (LibfuseBuffers) context.buffers();
    if (buffers.opcode() == INTERRUPT) {
      LibfuseCalls.sessionProcess(sessionAddress, buffers.bufAddress());
      interrupted(buffers.argument64(fuse_interrupt_in.unique$offset()));
    } else if (log == null) {
      LibfuseCalls.sessionProcess(sessionAddress, buffers.bufAddress());
    } else {
      processAndLog(buffers, log);
    }
  }

  private void interrupted(long unique) {
    try {
      if (log != null) {
        log.interrupted(unique);
      }
      contexts.interrupts().arrived(unique);
    } catch (Throwable thrown) {
      guard.threwOutsideRequests("what was to be done at an interrupt", thrown);
    }
  }

  /** Notices what libfuse answers without asking us. */
  private void processAndLog(LibfuseBuffers buffers, RequestLog requests) {
    int opcode = buffers.opcode();
    long unique = buffers.unique();
    int upcalls = buffers.upcalls();
    LibfuseCalls.sessionProcess(sessionAddress, buffers.bufAddress());
    try {
      if (buffers.upcalls() == upcalls && !NO_REQUESTS.contains(opcode)) {
        requests.answeredByLibfuse(unique, opcode);
      }
    } catch (Throwable thrown) {
      guard.threwOutsideRequests("the log of requests", thrown);
    }
  }

  @Override
  public void close() {
    notifier.end();
    LibfuseSession mounted = session;
    if (mounted != null) {
      mounted.close();
      session = null;
    }
    Set<TransportBuffers> stillUsed = contexts.abandonedBuffers();
    for (LibfuseBuffers buffers : allBuffers) {
      if (!stillUsed.contains(buffers)) {
        Libc.free(buffers.receiveBufferAddress());
      }
    }
    arena.close();
  }
}
