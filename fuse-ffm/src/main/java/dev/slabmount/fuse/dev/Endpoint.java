package dev.slabmount.fuse.dev;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.dispatch.TransportBuffers;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.nativebindings.Libc;
import java.lang.foreign.Arena;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Our end of the protocol over any {@link Channel}: everything of {@link DevTransport} but the
 * mounting. A test gives it bytes instead of a kernel.
 *
 * <p>{@link #receive} and {@link #serve} belong to the worker that owns the context; everything
 * else is for any thread. The buffers are malloc'd and freed by {@link #close}, except those of
 * abandoned requests, which the filesystem may still read.
 */
final class Endpoint {
  /**
   * For requests that change nothing, of which an ioctl with 16 KiB of input (14 bits, {@code
   * _IOC_SIZEBITS}) is the longest; more than FUSE_MIN_READ_BUFFER, below which the kernel refuses.
   */
  private static final int SMALL_BUFFER = 5 * 4096;

  private static final int WRITE_HEADERS = 4096; // of the largest write, rounded up to a page

  private final Channel channel;
  private final int bufferBytes;
  private final Arena arena = Arena.ofShared();
  private final DevNotifier notifier;
  private final DevConnection connection;
  private final Queue<DevBuffers> allBuffers = new ConcurrentLinkedQueue<>();
  private final ContextPool contexts;
  private final WireServer server;

  /**
   * Creates an end that has received nothing yet.
   *
   * @param maxDetached how many requests may be detached at a time
   */
  Endpoint(
      Channel channel,
      DevOptions options,
      FileSystem fileSystem,
      Dispatcher dispatcher,
      LookupCounts counts,
      ReplyCounters replyCounters,
      int maxDetached) {
    this.channel = channel;
    bufferBytes = options.readOnly() ? SMALL_BUFFER : WireDecoder.LARGEST_TRANSFER + WRITE_HEADERS;
    Set<Operation> offered = Operation.offeredBy(fileSystem);
    int pageBytes = Libc.getPageSize(Libc.allocateErrno(arena));
    notifier = new DevNotifier(channel, offered.contains(Operation.RETRIEVE_REPLY));
    connection = new DevConnection(offered, notifier, options.readOnly(), pageBytes);
    contexts =
        new ContextPool(
            this::newBuffers, maxDetached, counts, replyCounters, dispatcher.observation());
    server =
        new WireServer(
            dispatcher, connection, offered, allBuffers, contexts.interrupts(), options.onlyUser());
  }

  private DevBuffers newBuffers() {
    DevBuffers buffers = new DevBuffers(channel, bufferBytes, arena);
    allBuffers.add(buffers);
    return buffers;
  }

  DevConnection connection() {
    return connection;
  }

  DevNotifier notifier() {
    return notifier;
  }

  ContextPool contexts() {
    return contexts;
  }

  /** Waits for a request; returns its length, 0 if the mount has ended, or a negative errno. */
  int receive(RequestContext context) {
    int received = ((DevBuffers) context.buffers()).receive();
    return received == -Errno.ENODEV ? 0 : received;
  }

  /**
   * Serves what was received. If it throws OutOfMemoryError, nothing was done yet: call it again.
   */
  void serve(RequestContext context) {
    server.serve(context);
  }

  /** Frees everything. No worker may run and no request be detached any more. */
  void close() {
    Set<TransportBuffers> stillUsed = contexts.abandonedBuffers();
    for (DevBuffers buffers : allBuffers) {
      if (!stillUsed.contains(buffers)) {
        buffers.free();
      }
    }
    arena.close();
  }
}
