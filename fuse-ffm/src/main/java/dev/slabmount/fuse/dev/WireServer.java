package dev.slabmount.fuse.dev;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.dispatch.Arguments;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.Interrupts;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.dispatch.RequestLog;
import dev.slabmount.nativebindings.kernel.fuse_batch_forget_in;
import dev.slabmount.nativebindings.kernel.fuse_forget_one;
import dev.slabmount.nativebindings.kernel.fuse_in_header;
import dev.slabmount.nativebindings.kernel.fuse_notify_retrieve_in;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Serves what was received into a context's {@link DevBuffers}: checks the header, sorts requests
 * from what is none, has the arguments decoded and calls the {@link Dispatcher}. Throws nothing,
 * whatever the bytes are, but OutOfMemoryError while nothing is done yet; answers every request at
 * most once.
 *
 * <pre>
 *   fuse_in_header:  len u32 | opcode u32 | unique u64 | nodeid u64 | uid u32 | gid u32 | pid u32 | 4
 * </pre>
 *
 * <p>Thread-safe: what is not final is a flag. A request that is answered at once allocates
 * nothing.
 */
final class WireServer {
  private static final int HEADER = (int) fuse_in_header.sizeof();
  private static final long LEN = fuse_in_header.len$offset();
  private static final long OPCODE = fuse_in_header.opcode$offset();
  private static final long UNIQUE = fuse_in_header.unique$offset();
  private static final long NODEID = fuse_in_header.nodeid$offset();
  private static final long UID = fuse_in_header.uid$offset();
  private static final long GID = fuse_in_header.gid$offset();
  private static final long PID = fuse_in_header.pid$offset();
  private static final long FORGET_SIZE = fuse_forget_one.sizeof();

  private final Dispatcher dispatcher;
  private final DevConnection connection;
  private final Set<Operation> offered;
  private final Iterable<DevBuffers> allBuffers;
  private final Interrupts interrupts;
  private final long onlyUser;
  private final @Nullable RequestLog log;

  /**
   * Creates a server.
   *
   * @param offered the operations that the filesystem overrides
   * @param allBuffers the buffers of all requests, of which one may be interrupted
   * @param interrupts what detached requests want to hear
   * @param onlyUser who may use the mount besides root; -1: everybody whom the kernel lets
   */
  WireServer(
      Dispatcher dispatcher,
      DevConnection connection,
      Set<Operation> offered,
      Iterable<DevBuffers> allBuffers,
      Interrupts interrupts,
      long onlyUser) {
    this.dispatcher = dispatcher;
    this.connection = connection;
    this.offered = offered;
    this.allBuffers = allBuffers;
    this.interrupts = interrupts;
    this.onlyUser = onlyUser;
    log = dispatcher.observation().log();
  }

  /**
   * Serves a request. Does not throw, except OutOfMemoryError before anything is done with the
   * request: nothing is owed then that the guard could answer, so this must be called again.
   */
  void serve(RequestContext context) {
    try {
      sort(context, (DevBuffers) context.buffers());
    } catch (OutOfMemoryError beforeItWasBegun) {
      throw beforeItWasBegun;
    } catch (Throwable thrown) {
      dispatcher.guard().threw(context, thrown);
    }
  }

  private void sort(RequestContext context, DevBuffers in) {
    if (in.length() < HEADER) {
      return; // not even the number of a request to answer
    }
    long unique = in.int64(UNIQUE);
    if (unique == 0) {
      return; // an answer to number 0 is a notification, and no request has it
    }
    if (context.gate().isOwed()) {
      // Not even EIO could be sent before; it has to go out under the previous request's number.
      context.gate().errorIfUnanswered(Errno.EIO);
    }
    in.wireSink().begin(unique);
    WireOpcode opcode = WireOpcode.of(in.int32(OPCODE));
    if (opcode == null) {
      refuse(in, Errno.ENOSYS);
      return;
    }
    if (in.int32(LEN) != in.length() || in.length() - HEADER < opcode.argumentBytes()) {
      refuse(opcode, in, Errno.EIO);
      return;
    }
    boolean isRequest = opcode.operation() != null;
    if (isRequest && !connection.hasBegun()) {
      refuse(opcode, in, Errno.EIO);
    } else if (isRequest && onlyUser >= 0 && isForbidden(opcode, in)) {
      refuse(opcode, in, Errno.EACCES);
    } else {
      carryOut(opcode, context, in);
    }
  }

  /** What is begun here is never begun again: does not throw. */
  private void carryOut(WireOpcode opcode, RequestContext context, DevBuffers in) {
    try {
      Operation operation = opcode.operation();
      if (operation == null) {
        other(opcode, in);
      } else {
        request(opcode, operation, context, in);
      }
    } catch (Throwable thrown) {
      dispatcher.guard().threw(context, thrown);
    }
  }

  private void request(
      WireOpcode opcode, Operation operation, RequestContext context, DevBuffers in) {
    context.begin(operation); // First: from here on, whatever is thrown is answered.
    in.serving(in.int64(UNIQUE));
    Arguments a = context.arguments;
    a.unique = in.int64(UNIQUE);
    a.ino = in.int64(NODEID);
    a.uid = in.int32(UID);
    a.gid = in.int32(GID);
    a.pid = in.int32(PID);
    if (!decode(opcode, in, a)) {
      context.gate().errorIfUnanswered(Errno.EINVAL);
    } else if (isAnsweredHere(operation) && !offered.contains(operation)) {
      answerHere(operation, context);
    } else {
      dispatcher.dispatch(context);
    }
  }

  private boolean decode(WireOpcode opcode, DevBuffers in, Arguments a) {
    if (opcode == WireOpcode.SETXATTR && connection.hasAgreed(Feature.SETXATTR_EXT)) {
      return WireDecoder.decodeLongSetxattr(in, a);
    }
    return WireDecoder.decode(opcode, in, a);
  }

  private void refuse(WireOpcode opcode, DevBuffers in, int errno) {
    if (!opcode.isUnanswered()) {
      refuse(in, errno);
    }
  }

  /** Throws only if nothing was sent. */
  private void refuse(DevBuffers in, int errno) {
    in.wireSink().error(errno);
    try {
      if (log != null) {
        log.refused(in.int64(UNIQUE), in.int32(OPCODE), errno);
      }
    } catch (Throwable whileLogging) {
      dispatcher.guard().threwOutsideRequests("the log of requests", whileLogging);
    }
  }

  /**
   * The option {@code allow_root} lets the kernel pass everybody and leaves the rest to us. What is
   * done with a file that is open already is not asked again, as in libfuse.
   */
  private boolean isForbidden(WireOpcode opcode, DevBuffers in) {
    long uid = Integer.toUnsignedLong(in.int32(UID));
    return uid != 0
        && uid != onlyUser
        && switch (opcode) {
          case READ, WRITE, FSYNC, RELEASE, READDIR, READDIRPLUS, FSYNCDIR, RELEASEDIR -> false;
          default -> true;
        };
  }

  /** Operations that libfuse answers for a filesystem that does not offer them. */
  private static boolean isAnsweredHere(Operation operation) {
    return switch (operation) {
      case OPEN, OPENDIR, RELEASE, RELEASEDIR, STATFS -> true;
      default -> false;
    };
  }

  private void answerHere(Operation operation, RequestContext context) {
    switch (operation) {
      case OPEN -> answerOpen(context, Feature.NO_OPEN_SUPPORT);
      case OPENDIR -> answerOpen(context, Feature.NO_OPENDIR_SUPPORT);
      case STATFS -> context.reply().figures(context.figures().ioSize(512).nameLengthMax(255));
      default -> context.reply().ok();
    }
  }

  private void answerOpen(RequestContext context, Feature neverAgain) {
    if (connection.hasAgreed(neverAgain)) {
      context.reply().error(Errno.ENOSYS);
    } else {
      context.reply().opened(context.openedFile());
    }
  }

  /** What the filesystem is not asked. */
  private void other(WireOpcode opcode, DevBuffers in) {
    switch (opcode) {
      case FORGET -> dispatcher.forget(in.int64(NODEID), in.int64(HEADER));
      case BATCH_FORGET -> forgetBatch(in);
      case INTERRUPT -> interrupt(in);
      case INIT -> connection.begin(in, dispatcher);
      case DESTROY -> in.wireSink().error(0);
      case NOTIFY_REPLY -> retrieved(in);
      default -> throw new IllegalStateException("an operation: " + opcode);
    }
  }

  /** The number of a NOTIFY_REPLY is that of our question; what nobody asked for is dropped. */
  private void retrieved(DevBuffers in) {
    Long cookie = connection.retrievals().answered(in.int64(UNIQUE));
    long from = HEADER + fuse_notify_retrieve_in.sizeof();
    int size = in.int32(HEADER + fuse_notify_retrieve_in.size$offset());
    if (cookie == null || size < 0 || size > in.length() - from) {
      return;
    }
    dispatcher.retrieved(
        in.int64(NODEID),
        cookie,
        in.int64(HEADER + fuse_notify_retrieve_in.offset$offset()),
        in.received(in.address(from), size));
  }

  private void forgetBatch(DevBuffers in) {
    long count = Integer.toUnsignedLong(in.int32(HEADER + fuse_batch_forget_in.count$offset()));
    long first = HEADER + fuse_batch_forget_in.sizeof();
    if (count > (in.length() - first) / FORGET_SIZE) {
      return;
    }
    for (long at = first; at < first + count * FORGET_SIZE; at += FORGET_SIZE) {
      dispatcher.forget(
          in.int64(at + fuse_forget_one.nodeid$offset()),
          in.int64(at + fuse_forget_one.nlookup$offset()));
    }
  }

  /**
   * Marks the request that is interrupted. If nobody serves it, it is answered already, or another
   * worker has just received it and not said so yet: EAGAIN lets the kernel send the interrupt once
   * more if the request is still open, and fail this answer if it is not ("Interrupting filesystem
   * operations" in Linux's {@code Documentation/filesystems/fuse.rst}).
   */
  private void interrupt(DevBuffers in) {
    long unique = in.int64(HEADER);
    if (log != null) {
      log.interrupted(unique);
    }
    boolean found = false;
    for (DevBuffers each : allBuffers) {
      found |= each.interruptIfServing(unique);
    }
    if (found) {
      interrupts.arrived(unique);
    } else {
      in.wireSink().error(Errno.EAGAIN);
    }
  }
}
