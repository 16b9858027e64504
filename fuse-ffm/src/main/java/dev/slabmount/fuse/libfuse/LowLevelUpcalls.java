package dev.slabmount.fuse.libfuse;

import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.dispatch.Arguments;
import dev.slabmount.fuse.dispatch.ContextOwner;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.nativebindings.LibfuseCalls;

/**
 * The functions of {@code fuse_lowlevel_ops}, as libfuse calls them: each fills in the {@link
 * Arguments} and hands over to the {@link Dispatcher}. Parameters have C's order and width;
 * addresses come as longs, so that no segment is made for them.
 *
 * <p>Called on worker threads, inside {@code fuse_session_process_buf}. Nothing may be thrown past
 * libfuse: {@link UpcallTable} wraps every method so that what the unpacking throws ends in {@link
 * #escaped}.
 */
final class LowLevelUpcalls {
  private final Dispatcher dispatcher;
  private final LibfuseConnection connection;

  LowLevelUpcalls(Dispatcher dispatcher, LibfuseConnection connection) {
    this.dispatcher = dispatcher;
    this.connection = connection;
  }

  // The parameters of the operations below are those of fuse_lowlevel.h.

  void init(long userdata, long conn) {
    connection.begin(conn);
    connection.negotiate(dispatcher);
    connection.agreed();
  }

  void forget(long req, long ino, long count) {
    try {
      dispatcher.forget(ino, count);
    } finally {
      LibfuseCalls.replyNone(req);
    }
  }

  void forgetMulti(long req, long count, long forgets) {
    try {
      // libfuse passes the kernel's own array and count.
      LibfuseBuffers received =
          UpcallRequest.buffers(((ContextOwner) Thread.currentThread()).current());
      received.requireReceived(forgets, Math.multiplyExact(count, CallerMemory.FORGET_SIZE));
      for (long i = 0; i < count; i++) {
        dispatcher.forget(CallerMemory.forgetIno(forgets, i), CallerMemory.forgetCount(forgets, i));
      }
    } catch (RuntimeException | Error thrown) {
      dispatcher.guard().threwOutsideRequests("forget_multi", thrown);
    } finally {
      LibfuseCalls.replyNone(req);
    }
  }

  void lookup(long req, long parent, long name) {
    named(req, Operation.LOOKUP, parent, name);
  }

  void getattr(long req, long ino, long fi) {
    handled(req, Operation.GETATTR, ino, fi);
  }

  void setattr(long req, long ino, long stat, int valid, long fi) {
    RequestContext context = UpcallRequest.begin(req, Operation.SETATTR, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    CallerMemory.readChanges(stat, valid, context.arguments.changes);
    dispatcher.dispatch(context);
  }

  void readlink(long req, long ino) {
    dispatcher.dispatch(UpcallRequest.begin(req, Operation.READLINK, ino));
  }

  void mknod(long req, long parent, long name, int mode, long device) {
    RequestContext context = UpcallRequest.creating(req, Operation.MKNOD, parent, name, mode);
    context.arguments.number = device;
    dispatcher.dispatch(context);
  }

  void mkdir(long req, long parent, long name, int mode) {
    dispatcher.dispatch(UpcallRequest.creating(req, Operation.MKDIR, parent, name, mode));
  }

  void unlink(long req, long parent, long name) {
    named(req, Operation.UNLINK, parent, name);
  }

  void rmdir(long req, long parent, long name) {
    named(req, Operation.RMDIR, parent, name);
  }

  void symlink(long req, long target, long parent, long name) {
    RequestContext context = UpcallRequest.creating(req, Operation.SYMLINK, parent, name, 0);
    UpcallRequest.buffers(context).readName(target, context.arguments.secondName);
    dispatcher.dispatch(context);
  }

  void rename(long req, long parent, long name, long newParent, long newName, int flags) {
    RequestContext context = UpcallRequest.begin(req, Operation.RENAME, parent);
    UpcallRequest.buffers(context).readName(name, context.arguments.name);
    UpcallRequest.buffers(context).readName(newName, context.arguments.secondName);
    context.arguments.toIno = newParent;
    context.arguments.flags = flags;
    dispatcher.dispatch(context);
  }

  void link(long req, long ino, long newParent, long newName) {
    RequestContext context = UpcallRequest.begin(req, Operation.LINK, ino);
    UpcallRequest.buffers(context).readName(newName, context.arguments.name);
    context.arguments.toIno = newParent;
    dispatcher.dispatch(context);
  }

  void open(long req, long ino, long fi) {
    opening(req, Operation.OPEN, ino, fi);
  }

  void opendir(long req, long ino, long fi) {
    opening(req, Operation.OPENDIR, ino, fi);
  }

  void read(long req, long ino, long size, long offset, long fi) {
    ranged(req, Operation.READ, ino, size, offset, fi);
  }

  void readdir(long req, long ino, long size, long offset, long fi) {
    ranged(req, Operation.READDIR, ino, size, offset, fi);
  }

  void readdirplus(long req, long ino, long size, long offset, long fi) {
    ranged(req, Operation.READDIRPLUS, ino, size, offset, fi);
  }

  void write(long req, long ino, long data, long size, long offset, long fi) {
    RequestContext context = UpcallRequest.begin(req, Operation.WRITE, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    UpcallRequest.withData(context, data, size);
    UpcallRequest.writeFlags(context);
    context.arguments.offset = offset;
    dispatcher.dispatch(context);
  }

  void flush(long req, long ino, long fi) {
    handled(req, Operation.FLUSH, ino, fi);
  }

  void release(long req, long ino, long fi) {
    RequestContext context = UpcallRequest.begin(req, Operation.RELEASE, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    UpcallRequest.releaseFlags(context);
    dispatcher.dispatch(context);
  }

  void releasedir(long req, long ino, long fi) {
    handled(req, Operation.RELEASEDIR, ino, fi);
  }

  void fsync(long req, long ino, int dataOnly, long fi) {
    flagged(req, Operation.FSYNC, ino, fi, dataOnly);
  }

  void fsyncdir(long req, long ino, int dataOnly, long fi) {
    flagged(req, Operation.FSYNCDIR, ino, fi, dataOnly);
  }

  void statfs(long req, long ino) {
    dispatcher.dispatch(UpcallRequest.begin(req, Operation.STATFS, ino));
  }

  void setxattr(long req, long ino, long name, long value, long size, int flags) {
    RequestContext context = UpcallRequest.begin(req, Operation.SETXATTR, ino);
    UpcallRequest.buffers(context).readName(name, context.arguments.name);
    UpcallRequest.withData(context, value, size);
    context.arguments.flags = flags;
    if (connection.hasAgreed(Feature.SETXATTR_EXT)) {
      UpcallRequest.setxattrFlags(context);
    }
    dispatcher.dispatch(context);
  }

  void getxattr(long req, long ino, long name, long size) {
    RequestContext context = UpcallRequest.begin(req, Operation.GETXATTR, ino);
    UpcallRequest.buffers(context).readName(name, context.arguments.name);
    context.arguments.length = size;
    dispatcher.dispatch(context);
  }

  void listxattr(long req, long ino, long size) {
    RequestContext context = UpcallRequest.begin(req, Operation.LISTXATTR, ino);
    context.arguments.length = size;
    dispatcher.dispatch(context);
  }

  void removexattr(long req, long ino, long name) {
    named(req, Operation.REMOVEXATTR, ino, name);
  }

  void access(long req, long ino, int mask) {
    RequestContext context = UpcallRequest.begin(req, Operation.ACCESS, ino);
    context.arguments.flags = mask;
    dispatcher.dispatch(context);
  }

  void create(long req, long parent, long name, int mode, long fi) {
    RequestContext context = UpcallRequest.creating(req, Operation.CREATE, parent, name, mode);
    context.arguments.flags = CallerMemory.openFlags(fi);
    UpcallRequest.openFlags(context);
    dispatcher.dispatch(context);
  }

  void tmpfile(long req, long parent, int mode, long fi) {
    RequestContext context = UpcallRequest.begin(req, Operation.TMPFILE, parent);
    UpcallRequest.masked(req, context, mode);
    context.arguments.flags = CallerMemory.openFlags(fi);
    UpcallRequest.openFlags(context);
    dispatcher.dispatch(context);
  }

  void statx(long req, long ino, int flags, int mask, long fi) {
    RequestContext context = UpcallRequest.begin(req, Operation.STATX, ino);
    context.arguments.fh = CallerMemory.handle(fi);
    context.arguments.flags = flags;
    context.arguments.number = Integer.toUnsignedLong(mask);
    dispatcher.dispatch(context);
  }

  /** libfuse gives the data as a {@code struct fuse_bufvec} of one piece. */
  void retrieveReply(long req, long cookie, long ino, long offset, long vector) {
    try {
      LibfuseBuffers received =
          UpcallRequest.buffers(((ContextOwner) Thread.currentThread()).current());
      long address = CallerMemory.firstAddress(vector);
      int length = Math.toIntExact(CallerMemory.firstLength(vector));
      dispatcher.retrieved(ino, cookie, offset, received.received(address, length));
    } catch (RuntimeException | Error thrown) {
      dispatcher.guard().threwOutsideRequests("retrieve_reply", thrown);
    } finally {
      LibfuseCalls.replyNone(req);
    }
  }

  void getlk(long req, long ino, long fi, long lock) {
    locking(req, Operation.GETLK, ino, fi, lock, 0);
  }

  void setlk(long req, long ino, long fi, long lock, int wait) {
    locking(req, Operation.SETLK, ino, fi, lock, wait);
  }

  void flock(long req, long ino, long fi, int operation) {
    flagged(req, Operation.FLOCK, ino, fi, operation);
  }

  void bmap(long req, long ino, long blockSize, long index) {
    RequestContext context = UpcallRequest.begin(req, Operation.BMAP, ino);
    context.arguments.length = blockSize;
    context.arguments.number = index;
    dispatcher.dispatch(context);
  }

  void ioctl(
      long req,
      long ino,
      int command,
      long argument,
      long fi,
      int flags,
      long data,
      long size,
      long outputSize) {
    RequestContext context = UpcallRequest.begin(req, Operation.IOCTL, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    UpcallRequest.withData(context, data, size);
    context.arguments.mode = command;
    context.arguments.number = argument;
    context.arguments.flags = flags;
    context.arguments.length = outputSize;
    dispatcher.dispatch(context);
  }

  void poll(long req, long ino, long fi, long pollHandle) {
    RequestContext context = UpcallRequest.begin(req, Operation.POLL, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    UpcallRequest.pollEvents(context);
    context.arguments.number = pollHandle;
    dispatcher.dispatch(context);
  }

  void fallocate(long req, long ino, int mode, long offset, long length, long fi) {
    RequestContext context = UpcallRequest.begin(req, Operation.FALLOCATE, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    context.arguments.mode = mode;
    context.arguments.offset = offset;
    context.arguments.length = length;
    dispatcher.dispatch(context);
  }

  void copyFileRange(
      long req,
      long ino,
      long offset,
      long fi,
      long toIno,
      long toOffset,
      long toFi,
      long length,
      int flags) {
    RequestContext context = UpcallRequest.begin(req, Operation.COPY_FILE_RANGE, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    Arguments a = context.arguments;
    a.offset = offset;
    a.toIno = toIno;
    a.toFh = CallerMemory.handle(toFi);
    a.toOffset = toOffset;
    a.length = length;
    a.flags = flags;
    dispatcher.dispatch(context);
  }

  void lseek(long req, long ino, long offset, int whence, long fi) {
    RequestContext context = UpcallRequest.begin(req, Operation.LSEEK, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    context.arguments.offset = offset;
    context.arguments.flags = whence;
    dispatcher.dispatch(context);
  }

  /** What an upcall threw before the dispatcher's own guard was in place. Does not throw. */
  void escaped(Throwable thrown) {
    if (Thread.currentThread() instanceof ContextOwner worker) {
      dispatcher.guard().threw(worker.current(), thrown);
    } else {
      dispatcher.guard().threwOutsideRequests("an upcall outside the workers", thrown);
    }
  }

  /** What {@link #init} threw: the mount fails with it. Does not throw. */
  void initEscaped(Throwable thrown) {
    connection.failed(thrown);
  }

  private void named(long req, Operation operation, long ino, long name) {
    RequestContext context = UpcallRequest.begin(req, operation, ino);
    UpcallRequest.buffers(context).readName(name, context.arguments.name);
    dispatcher.dispatch(context);
  }

  private void handled(long req, Operation operation, long ino, long fi) {
    RequestContext context = UpcallRequest.begin(req, operation, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    dispatcher.dispatch(context);
  }

  private void opening(long req, Operation operation, long ino, long fi) {
    RequestContext context = UpcallRequest.begin(req, operation, ino);
    context.arguments.flags = CallerMemory.openFlags(fi);
    context.arguments.openFlags = context.arguments.flags;
    if (operation == Operation.OPEN) {
      UpcallRequest.openFlags(context);
    }
    dispatcher.dispatch(context);
  }

  private void ranged(long req, Operation operation, long ino, long size, long offset, long fi) {
    RequestContext context = UpcallRequest.begin(req, operation, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    context.arguments.length = size;
    context.arguments.offset = offset;
    dispatcher.dispatch(context);
  }

  private void flagged(long req, Operation operation, long ino, long fi, int flags) {
    RequestContext context = UpcallRequest.begin(req, operation, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    context.arguments.flags = flags;
    dispatcher.dispatch(context);
  }

  private void locking(long req, Operation operation, long ino, long fi, long lock, int wait) {
    RequestContext context = UpcallRequest.begin(req, operation, ino);
    CallerMemory.readFileInfo(fi, context.arguments);
    CallerMemory.readLock(lock, context.arguments.lock);
    context.arguments.lock.owner(context.arguments.lockOwner);
    context.arguments.flags = wait;
    dispatcher.dispatch(context);
  }
}
