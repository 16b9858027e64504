package dev.slabmount.fuse.dev;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.libfuse.LibfuseSession;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.fuse.session.Transport;
import dev.slabmount.nativebindings.Libfuse3;
import dev.slabmount.nativebindings.LibfuseAbi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The transport that speaks the kernel's protocol itself: libfuse mounts and owns the descriptor,
 * the workers read requests from it and answer on it. Two system calls a request, no upcall, no
 * copy.
 *
 * <p>Each worker and each detached request has a buffer that could hold the largest write, because
 * the kernel gives requests to no other reader: 1 MiB of address space, of which only what is
 * written to takes up memory, or 20 KiB on a read-only mount.
 */
public final class DevTransport implements Transport {
  private final Libfuse3 libfuse;
  private final DescriptorChannel channel = new DescriptorChannel();
  private final Endpoint endpoint;
  private @Nullable LibfuseSession session;

  /**
   * Loads libfuse.
   *
   * @param maxDetached how many requests may be detached at a time
   * @param options the mount options, as they will be passed to {@link #mount}
   * @throws MountException with {@link MountException.Reason#LIBRARY} if there is no libfuse3 that
   *     can be used
   */
  public DevTransport(
      FileSystem fileSystem,
      Dispatcher dispatcher,
      LookupCounts counts,
      ReplyCounters replyCounters,
      int maxDetached,
      List<String> options)
      throws MountException {
    libfuse = LibfuseSession.load();
    endpoint =
        new Endpoint(
            channel,
            DevOptions.of(options),
            fileSystem,
            dispatcher,
            counts,
            replyCounters,
            maxDetached);
  }

  @Override
  public String description() {
    return "/dev/fuse, mounted by " + libfuse;
  }

  @Override
  public void mount(Path mountPoint, List<String> options) throws MountException {
    try (Arena call = Arena.ofConfined()) {
      // No operation: libfuse never sees a request.
      MemorySegment operations = call.allocate(LibfuseAbi.LARGEST_OPERATIONS_BYTES, Long.BYTES);
      LibfuseSession mounted = LibfuseSession.mount(libfuse, operations, mountPoint, options);
      session = mounted;
      channel.open(mounted.descriptor());
    }
    endpoint.notifier().begin();
  }

  @Override
  public CompletableFuture<String> whenAgreed() {
    return endpoint.connection().whenAgreed();
  }

  @Override
  public ContextPool contexts() {
    return endpoint.contexts();
  }

  @Override
  public int receive(RequestContext context) {
    return endpoint.receive(context);
  }

  @Override
  public void process(RequestContext context) {
    endpoint.serve(context);
  }

  @Override
  public void close() {
    endpoint.notifier().end();
    channel.close();
    LibfuseSession mounted = session;
    if (mounted != null) {
      mounted.close();
      session = null;
    }
    endpoint.close();
  }
}
