package dev.slabmount.fuse.libfuse;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.dispatch.Arguments;
import dev.slabmount.fuse.dispatch.ContextOwner;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.nativebindings.LibfuseCalls;
import dev.slabmount.nativebindings.kernel.KernelH;
import dev.slabmount.nativebindings.kernel.fuse_create_in;
import dev.slabmount.nativebindings.kernel.fuse_open_in;
import dev.slabmount.nativebindings.kernel.fuse_poll_in;
import dev.slabmount.nativebindings.kernel.fuse_release_in;
import dev.slabmount.nativebindings.kernel.fuse_setxattr_in;
import dev.slabmount.nativebindings.kernel.fuse_write_in;

/**
 * What many upcalls do to the context of the worker that they run on: begin it, and fill in what
 * several operations have. Stateless.
 *
 * <p>Some flags of a request libfuse does not pass on, or only some of its releases do: those are
 * read where the kernel wrote them, in the request's own bytes.
 */
final class UpcallRequest {
  private UpcallRequest() {}

  /**
   * Begins the context of this worker for the request {@code req}. The sink comes first: whatever
   * is thrown once the context has begun is answered through it, and the request before this one
   * libfuse has freed.
   */
  static RequestContext begin(long req, Operation operation, long ino) {
    RequestContext context = ((ContextOwner) Thread.currentThread()).current();
    if (context.gate().isOwed()) {
      // Not even EIO could be sent before; the sink still has the request that it is for.
      context.gate().errorIfUnanswered(Errno.EIO);
    }
    buffers(context).begin(req);
    context.begin(operation);
    context.arguments.ino = ino;
    buffers(context).readHeader(context.arguments);
    return context;
  }

  /** As begin, for what makes a name. */
  static RequestContext creating(long req, Operation operation, long parent, long name, int mode) {
    RequestContext context = begin(req, operation, parent);
    buffers(context).readName(name, context.arguments.name);
    masked(req, context, mode);
    return context;
  }

  /** Mode and umask of what is made. */
  static void masked(long req, RequestContext context, int mode) {
    context.arguments.mode = mode;
    context.arguments.umask = CallerMemory.umask(LibfuseCalls.requestContext(req));
  }

  /** Data that came along. */
  static void withData(RequestContext context, long address, long size) {
    buffers(context).requireReceived(address, size);
    context.arguments.dataAddress = address;
    context.arguments.dataLength = (int) size;
  }

  /** Flags of a write. */
  static void writeFlags(RequestContext context) {
    int flags = buffers(context).argument32(fuse_write_in.write_flags$offset());
    context.arguments.killsPrivileges = (flags & KernelH.FUSE_WRITE_KILL_SUIDGID()) != 0;
    context.arguments.fromPageCache = (flags & KernelH.FUSE_WRITE_CACHE()) != 0;
  }

  /** Flags of an open, create or tmpfile, beside those of open(2). */
  static void openFlags(RequestContext context) {
    Arguments a = context.arguments;
    long at =
        a.operation == Operation.OPEN
            ? fuse_open_in.open_flags$offset()
            : fuse_create_in.open_flags$offset();
    int flags = buffers(context).argument32(at);
    a.killsPrivileges = (flags & KernelH.FUSE_OPEN_KILL_SUIDGID()) != 0;
  }

  /** Flags of a release. */
  static void releaseFlags(RequestContext context) {
    int flags = buffers(context).argument32(fuse_release_in.release_flags$offset());
    context.arguments.dropsLocks = (flags & KernelH.FUSE_RELEASE_FLOCK_UNLOCK()) != 0;
  }

  /** Flags of a setxattr in the longer form, beside those of setxattr(2). */
  static void setxattrFlags(RequestContext context) {
    int flags = buffers(context).argument32(fuse_setxattr_in.setxattr_flags$offset());
    context.arguments.killsPrivileges = (flags & KernelH.FUSE_SETXATTR_ACL_KILL_SGID()) != 0;
  }

  /** What a poll waits for. */
  static void pollEvents(RequestContext context) {
    context.arguments.pollEvents = buffers(context).argument32(fuse_poll_in.events$offset());
  }

  /** The native memory of a context of this transport. */
  static LibfuseBuffers buffers(RequestContext context) {
    return (LibfuseBuffers) context.buffers();
  }
}
