package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.dispatch.TransportBuffers;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.fuse.session.NativePath;
import dev.slabmount.fuse.session.Transport;
import dev.slabmount.nativebindings.Libc;
import dev.slabmount.nativebindings.Libfuse3;
import dev.slabmount.nativebindings.LibfuseCalls;
import dev.slabmount.nativebindings.LibfuseUnavailableException;
import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import dev.slabmount.nativebindings.libfuse3.fuse_args;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

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
  private static final String MAX_READ = "max_read=";

  private final Libfuse3 libfuse;
  private final Arena arena = Arena.ofShared();
  private final LibfuseNotifier notifier = new LibfuseNotifier();
  private final LibfuseConnection connection = new LibfuseConnection(notifier);
  private final Queue<LibfuseBuffers> allBuffers = new ConcurrentLinkedQueue<>();
  private final ContextPool contexts;
  private final MemorySegment operations;
  private long session;
  private String lastWords = "";

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
      libfuse = Libfuse3.load();
    } catch (LibfuseUnavailableException e) {
      arena.close();
      throw new MountException(Reason.LIBRARY, String.valueOf(e.getMessage()), e);
    }
    LibfuseLog.install();
    contexts = new ContextPool(this::newBuffers, maxDetached, counts, replyCounters);
    operations =
        UpcallTable.build(
            new LowLevelUpcalls(dispatcher, connection),
            Operation.offeredBy(fileSystem),
            libfuse.abi(),
            arena);
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
    session = newSession(options);
    LibfuseLog.beginCapture();
    int result;
    try (Arena call = Arena.ofConfined()) {
      result =
          LibfuseH.fuse_session_mount(
              MemorySegment.ofAddress(session), NativePath.of(call, mountPoint));
    } finally {
      lastWords = LibfuseLog.endCapture();
    }
    if (result != 0) {
      throw new MountException(
          Reason.REFUSED,
          "cannot mount on "
              + mountPoint
              + ": "
              + orElse(lastWords, "fusermount3 refused and has said why"));
    }
    notifier.begin(session);
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

  private long newSession(List<String> options) throws MountException {
    LibfuseLog.beginCapture();
    long made;
    try (Arena call = Arena.ofConfined()) {
      MemorySegment argv = call.allocate(ADDRESS, 4);
      argv.setAtIndex(ADDRESS, 0, call.allocateFrom("slabmount"));
      argv.setAtIndex(ADDRESS, 1, call.allocateFrom("-o"));
      argv.setAtIndex(ADDRESS, 2, call.allocateFrom(String.join(",", options)));
      MemorySegment args = call.allocate(fuse_args.layout());
      fuse_args.argc(args, options.isEmpty() ? 1 : 3);
      fuse_args.argv(args, argv);
      made =
          libfuse.sessionNew(
              args.address(), operations.address(), libfuse.abi().operationsBytes(), 0);
      LibfuseH.fuse_opt_free_args(args);
    } finally {
      lastWords = LibfuseLog.endCapture();
    }
    if (made == 0) {
      throw new MountException(
          Reason.OPTION, "cannot mount: " + orElse(lastWords, "libfuse refused the options"));
    }
    return made;
  }

  private static String orElse(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
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
    int received = LibfuseCalls.sessionReceive(session, buffers.bufAddress());
    if (received > 0) {
      buffers.afterReceive();
    }
    return received;
  }

  @Override
  public void process(RequestContext context) {
    LibfuseCalls.sessionProcess(session, ((LibfuseBuffers) context.buffers()).bufAddress());
  }

  @Override
  public void close() {
    notifier.end();
    if (session != 0) {
      MemorySegment handle = MemorySegment.ofAddress(session);
      LibfuseH.fuse_session_unmount(handle);
      LibfuseH.fuse_session_destroy(handle);
      session = 0;
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
