package dev.slabmount.nativebindings;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/**
 * The libfuse calls that are made for every request, with pointers as raw addresses. The generated
 * code binds the same functions with {@code MemorySegment}s; a segment of a shared arena costs an
 * acquire that all threads contend for, and one made from an address costs an object, on every
 * call. A test holds these signatures against the generated ones.
 *
 * <p>{@link Libfuse3#load} must have succeeded before this class is first used. Replies return 0 or
 * a negated errno (the request is used up either way); they copy what they are given, so the memory
 * may be reused when they return. No call allocates; all may block. <b>Any thread</b>; one request
 * is answered by one thread, once.
 */
@SuppressWarnings("restricted") // Linker
public final class LibfuseCalls {
  private static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle REPLY_ERR =
      bind("fuse_reply_err", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle REPLY_NONE = bindVoid("fuse_reply_none", JAVA_LONG);
  private static final MethodHandle REPLY_ENTRY =
      bind("fuse_reply_entry", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_CREATE =
      bind("fuse_reply_create", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_ATTR =
      bind("fuse_reply_attr", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_DOUBLE);
  private static final MethodHandle REPLY_READLINK =
      bind("fuse_reply_readlink", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_OPEN =
      bind("fuse_reply_open", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_WRITE =
      bind("fuse_reply_write", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_BUF =
      bind("fuse_reply_buf", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_IOV =
      bind("fuse_reply_iov", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle REPLY_STATFS =
      bind("fuse_reply_statfs", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_XATTR =
      bind("fuse_reply_xattr", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_LOCK =
      bind("fuse_reply_lock", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_IOCTL =
      bind("fuse_reply_ioctl", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REPLY_POLL =
      bind("fuse_reply_poll", JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle REPLY_LSEEK =
      bind("fuse_reply_lseek", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REQUEST_CONTEXT = bind("fuse_req_ctx", JAVA_LONG, JAVA_LONG);
  private static final MethodHandle REQUEST_INTERRUPTED =
      bind("fuse_req_interrupted", JAVA_INT, JAVA_LONG);
  private static final MethodHandle SESSION_RECEIVE =
      bind("fuse_session_receive_buf", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle SESSION_PROCESS =
      bindVoid("fuse_session_process_buf", JAVA_LONG, JAVA_LONG);

  private LibfuseCalls() {}

  /**
   * Answers with an error number, or 0 for success. Any request but forget.
   *
   * <p>{@code int fuse_reply_err(fuse_req_t req, int err)}.
   */
  public static int replyErr(final long request, final int errno) {
    try {
      return (int) REPLY_ERR.invokeExact(request, errno);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * Ends a forget, which has no answer.
   *
   * <p>{@code void fuse_reply_none(fuse_req_t req)}.
   */
  public static void replyNone(final long request) {
    try {
      REPLY_NONE.invokeExact(request);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_entry(fuse_req_t req, const struct fuse_entry_param *e)}. */
  public static int replyEntry(final long request, final long entry) {
    try {
      return (int) REPLY_ENTRY.invokeExact(request, entry);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * {@code int fuse_reply_create(fuse_req_t req, const struct fuse_entry_param *e, const struct
   * fuse_file_info *fi)}.
   */
  public static int replyCreate(final long request, final long entry, final long fileInfo) {
    try {
      return (int) REPLY_CREATE.invokeExact(request, entry, fileInfo);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_attr(fuse_req_t req, const struct stat *attr, double attr_timeout)}. */
  public static int replyAttr(final long request, final long stat, final double timeoutSeconds) {
    try {
      return (int) REPLY_ATTR.invokeExact(request, stat, timeoutSeconds);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_readlink(fuse_req_t req, const char *link)}. */
  public static int replyReadlink(final long request, final long target) {
    try {
      return (int) REPLY_READLINK.invokeExact(request, target);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_open(fuse_req_t req, const struct fuse_file_info *fi)}. */
  public static int replyOpen(final long request, final long fileInfo) {
    try {
      return (int) REPLY_OPEN.invokeExact(request, fileInfo);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_write(fuse_req_t req, size_t count)}. */
  public static int replyWrite(final long request, final long count) {
    try {
      return (int) REPLY_WRITE.invokeExact(request, count);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_buf(fuse_req_t req, const char *buf, size_t size)}. */
  public static int replyBuf(final long request, final long buffer, final long length) {
    try {
      return (int) REPLY_BUF.invokeExact(request, buffer, length);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_iov(fuse_req_t req, const struct iovec *iov, int count)}. */
  public static int replyIov(final long request, final long iov, final int iovCount) {
    try {
      return (int) REPLY_IOV.invokeExact(request, iov, iovCount);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_statfs(fuse_req_t req, const struct statvfs *stbuf)}. */
  public static int replyStatfs(final long request, final long statvfs) {
    try {
      return (int) REPLY_STATFS.invokeExact(request, statvfs);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_xattr(fuse_req_t req, size_t count)}. */
  public static int replyXattr(final long request, final long length) {
    try {
      return (int) REPLY_XATTR.invokeExact(request, length);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_lock(fuse_req_t req, const struct flock *lock)}. */
  public static int replyLock(final long request, final long flock) {
    try {
      return (int) REPLY_LOCK.invokeExact(request, flock);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_ioctl(fuse_req_t req, int result, const void *buf, size_t size)}. */
  public static int replyIoctl(
      final long request, final int result, final long buffer, final long length) {
    try {
      return (int) REPLY_IOCTL.invokeExact(request, result, buffer, length);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_poll(fuse_req_t req, unsigned revents)}. */
  public static int replyPoll(final long request, final int events) {
    try {
      return (int) REPLY_POLL.invokeExact(request, events);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /** {@code int fuse_reply_lseek(fuse_req_t req, off_t off)}. */
  public static int replyLseek(final long request, final long offset) {
    try {
      return (int) REPLY_LSEEK.invokeExact(request, offset);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * The address of the caller's {@code fuse_ctx}, valid until the request is answered.
   *
   * <p>{@code const struct fuse_ctx *fuse_req_ctx(fuse_req_t req)}.
   */
  public static long requestContext(final long request) {
    try {
      return (long) REQUEST_CONTEXT.invokeExact(request);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * 1 if the caller was interrupted, otherwise 0.
   *
   * <p>{@code int fuse_req_interrupted(fuse_req_t req)}.
   */
  public static int requestInterrupted(final long request) {
    try {
      return (int) REQUEST_INTERRUPTED.invokeExact(request);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * Blocks for the next request and returns its length; 0 once the session ended; a negated errno
   * on failure, {@code -EINTR} to try again.
   *
   * <p>{@code int fuse_session_receive_buf(struct fuse_session *se, struct fuse_buf *buf)}.
   */
  public static int sessionReceive(final long session, final long buf) {
    try {
      return (int) SESSION_RECEIVE.invokeExact(session, buf);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * Decodes one request and calls its operation on this thread.
   *
   * <p>{@code void fuse_session_process_buf(struct fuse_session *se, const struct fuse_buf *buf)}.
   */
  public static void sessionProcess(final long session, final long buf) {
    try {
      SESSION_PROCESS.invokeExact(session, buf);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  private static MethodHandle bind(
      final String name, final MemoryLayout result, final MemoryLayout... parameters) {
    return LINKER.downcallHandle(Libfuse3.symbol(name), FunctionDescriptor.of(result, parameters));
  }

  private static MethodHandle bindVoid(final String name, final MemoryLayout... parameters) {
    return LINKER.downcallHandle(Libfuse3.symbol(name), FunctionDescriptor.ofVoid(parameters));
  }
}
