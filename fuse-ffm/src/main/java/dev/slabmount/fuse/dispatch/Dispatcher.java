package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.inode.LookupCounts;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Calls the filesystem for one request after another, under the {@link RequestGuard}: the one place
 * where arguments meet methods, for every transport.
 *
 * <p>Thread-safe: it holds no state of its own. Allocates nothing.
 */
public final class Dispatcher {
  private final FileSystem fileSystem;
  private final LookupCounts counts;
  private final RequestGuard guard;
  private final FeatureChoice features;
  private final Observation observation;
  private final @Nullable RequestLog log;

  /** Creates a dispatcher for a filesystem that chooses kernel features by itself. */
  public Dispatcher(FileSystem fileSystem, LookupCounts counts, RequestGuard guard) {
    this(fileSystem, counts, guard, FeatureChoice.NONE, Observation.NONE);
  }

  /** Creates a dispatcher. */
  public Dispatcher(
      FileSystem fileSystem,
      LookupCounts counts,
      RequestGuard guard,
      FeatureChoice features,
      Observation observation) {
    this.observation = observation;
    log = observation.log();
    this.features = features;
    this.fileSystem = fileSystem;
    this.counts = counts;
    this.guard = guard;
  }

  /** Serves the request whose arguments are filled in. Does not throw, whatever happens. */
  public void dispatch(RequestContext context) {
    try {
      if (log != null) {
        log.request(context.arguments);
      }
      call(context, context.arguments);
      guard.returned(context);
    } catch (Throwable thrown) {
      guard.threw(context, thrown);
    }
  }

  /**
   * The kernel gives lookup counts back; their number is unsigned, and what does not fit into a
   * long is more than there can be. The kernel does not say it again, so the filesystem hears of it
   * whatever happens to the log. Does not throw.
   */
  public void forget(long ino, long count) {
    long given = count < 0 ? Long.MAX_VALUE : count;
    try {
      try {
        counts.remove(ino, given);
        if (log != null) {
          log.forget(ino, count);
        }
      } finally {
        fileSystem.forget(ino, given);
      }
    } catch (Throwable thrown) {
      guard.threwOutsideRequests("forget", thrown);
    }
  }

  /** The kernel sends what it has cached, once, as it forgets. Does not throw. */
  public void retrieved(long ino, long cookie, long offset, MemorySegment data) {
    try {
      try {
        if (log != null) {
          log.retrieved(ino, cookie, offset, data.byteSize());
        }
      } finally {
        fileSystem.retrieveReply(ino, cookie, offset, data);
      }
    } catch (Throwable thrown) {
      guard.threwOutsideRequests("retrieveReply", thrown);
    }
  }

  /** The mount begins. What the filesystem throws here ends the mount. */
  public void init(Connection connection) {
    fileSystem.init(connection);
  }

  /** The mount has ended. Does not throw. */
  public void destroy() {
    try {
      counts.clear();
      fileSystem.destroy();
    } catch (Throwable thrown) {
      guard.threwOutsideRequests("destroy", thrown);
    }
  }

  /** Who watches the requests. */
  public Observation observation() {
    return observation;
  }

  /** What is decided about kernel features besides what the filesystem chooses. */
  public FeatureChoice features() {
    return features;
  }

  /** The guard of this mount. */
  public RequestGuard guard() {
    return guard;
  }

  private void call(RequestContext r, Arguments a) {
    FileSystem fs = fileSystem;
    switch (a.operation) {
      case LOOKUP -> fs.lookup(r, a.ino, a.name);
      case FORGET, RETRIEVE_REPLY -> throw new IllegalStateException(a.operation + " is none");
      case GETATTR -> fs.getattr(r, a.ino, a.fh);
      case SETATTR -> fs.setattr(r, a.ino, a.fh, a.changes);
      case READLINK -> fs.readlink(r, a.ino);
      case MKNOD -> fs.mknod(r, a.ino, a.name, a.mode, (int) a.number);
      case MKDIR -> fs.mkdir(r, a.ino, a.name, a.mode);
      case UNLINK -> fs.unlink(r, a.ino, a.name);
      case RMDIR -> fs.rmdir(r, a.ino, a.name);
      case SYMLINK -> fs.symlink(r, a.ino, a.name, a.secondName);
      case RENAME -> fs.rename(r, a.ino, a.name, a.toIno, a.secondName, a.flags);
      case LINK -> fs.link(r, a.ino, a.toIno, a.name);
      case OPEN -> fs.open(r, a.ino, a.flags);
      case READ -> fs.read(r, a.ino, a.fh, a.offset, Math.toIntExact(a.length));
      case WRITE -> fs.write(r, a.ino, a.fh, a.offset, a.dataLength);
      case FLUSH -> fs.flush(r, a.ino, a.fh);
      case RELEASE -> fs.release(r, a.ino, a.fh);
      case FSYNC -> fs.fsync(r, a.ino, a.fh, a.flags != 0);
      case OPENDIR -> fs.opendir(r, a.ino, a.flags);
      case READDIR -> fs.readdir(r, a.ino, a.fh, a.offset, listing(r, a, false));
      case READDIRPLUS -> fs.readdirplus(r, a.ino, a.fh, a.offset, listing(r, a, true));
      case RELEASEDIR -> fs.releasedir(r, a.ino, a.fh);
      case FSYNCDIR -> fs.fsyncdir(r, a.ino, a.fh, a.flags != 0);
      case STATFS -> fs.statfs(r, a.ino);
      case SETXATTR -> fs.setxattr(r, a.ino, a.name, a.flags);
      case GETXATTR -> fs.getxattr(r, a.ino, a.name, Math.toIntExact(a.length));
      case LISTXATTR -> fs.listxattr(r, a.ino, Math.toIntExact(a.length));
      case REMOVEXATTR -> fs.removexattr(r, a.ino, a.name);
      case ACCESS -> fs.access(r, a.ino, a.flags);
      case CREATE -> fs.create(r, a.ino, a.name, a.mode, a.flags);
      case GETLK -> fs.getlk(r, a.ino, a.fh, a.lock);
      case SETLK -> fs.setlk(r, a.ino, a.fh, a.lock, a.flags != 0);
      case FLOCK -> fs.flock(r, a.ino, a.fh, a.flags);
      case BMAP -> fs.bmap(r, a.ino, Math.toIntExact(a.length), a.number);
      case IOCTL -> fs.ioctl(r, a.ino, a.fh, a.mode, a.number, a.flags, Math.toIntExact(a.length));
      case POLL -> fs.poll(r, a.ino, a.fh, a.number);
      case FALLOCATE -> fs.fallocate(r, a.ino, a.fh, a.offset, a.length, a.mode);
      case COPY_FILE_RANGE ->
          fs.copyFileRange(
              r, a.ino, a.fh, a.offset, a.toIno, a.toFh, a.toOffset, a.length, a.flags);
      case LSEEK -> fs.lseek(r, a.ino, a.fh, a.offset, a.flags);
      case TMPFILE -> fs.tmpfile(r, a.ino, a.mode, a.flags);
      case STATX -> fs.statx(r, a.ino, a.fh, a.flags, (int) a.number);
    }
  }

  private static DirectoryBuffer listing(
      RequestContext request, Arguments a, boolean withAttributes) {
    return request.buffers().directory().begin(Math.toIntExact(a.length), withAttributes);
  }
}
