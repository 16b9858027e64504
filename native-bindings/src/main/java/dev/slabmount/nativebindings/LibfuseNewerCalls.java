package dev.slabmount.nativebindings;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The libfuse calls that the oldest release we accept does not have. Each can be asked for before
 * it is made; made all the same, it answers {@code -ENOSYS}.
 *
 * <p>{@link Libfuse3#load} must have succeeded before this class is first used. Pointers are raw
 * addresses. No call allocates; all may block. <b>Any thread.</b> Source: libfuse's {@code
 * include/fuse_lowlevel.h} and {@code lib/fuse_versionscript} at the release that brought the call.
 */
@SuppressWarnings("restricted") // Linker
public final class LibfuseNewerCalls {
  private static final int NEGATIVE_ENOSYS = -38; // asm-generic/errno.h
  private static final int EXPIRE_ONLY = 1; // FUSE_LL_EXPIRE_ONLY of releases that take flags

  private static final @Nullable MethodHandle NOTIFY_EXPIRE_ENTRY =
      bind(
          "fuse_lowlevel_notify_expire_entry",
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT);
  private static final @Nullable MethodHandle NOTIFY_INCREMENT_EPOCH =
      bind("fuse_lowlevel_notify_increment_epoch", JAVA_LONG);
  private static final @Nullable MethodHandle REPLY_STATX =
      bind("fuse_reply_statx", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_DOUBLE);

  private LibfuseNewerCalls() {}

  /** Whether the loaded release has {@link #notifyExpireEntry}: 3.13 and later do. */
  public static boolean canExpireEntries() {
    return NOTIFY_EXPIRE_ENTRY != null;
  }

  /**
   * Makes the kernel ask again for a name. Up to 3.15 the function takes flags as its last
   * argument, later releases have dropped it: it is always passed, which a function that does not
   * know of it cannot notice, because the argument lies in a register of its own on both
   * processors.
   *
   * <p>{@code int fuse_lowlevel_notify_expire_entry(struct fuse_session *se, fuse_ino_t parent,
   * const char *name, size_t namelen[, enum fuse_expire_flags flags])}.
   */
  public static int notifyExpireEntry(
      final long session, final long parent, final long name, final long nameLength) {
    final MethodHandle call = NOTIFY_EXPIRE_ENTRY;
    if (call == null) {
      return NEGATIVE_ENOSYS;
    }
    try {
      return (int) call.invokeExact(session, parent, name, nameLength, EXPIRE_ONLY);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * Makes the kernel ask again for every name; 3.18 and later, which answer {@code -ENOSYS} if the
   * kernel has no such thing.
   *
   * <p>{@code int fuse_lowlevel_notify_increment_epoch(struct fuse_session *se)}.
   */
  public static int notifyIncrementEpoch(final long session) {
    final MethodHandle call = NOTIFY_INCREMENT_EPOCH;
    if (call == null) {
      return NEGATIVE_ENOSYS;
    }
    try {
      return (int) call.invokeExact(session);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  /**
   * Answers a statx, which only releases ask for that have this call: 3.18 and later.
   *
   * <p>{@code int fuse_reply_statx(fuse_req_t req, int flags, struct statx *statx, double
   * attr_timeout)}.
   */
  public static int replyStatx(final long request, final long statx, final double timeoutSeconds) {
    final MethodHandle call = REPLY_STATX;
    if (call == null) {
      return NEGATIVE_ENOSYS;
    }
    try {
      return (int) call.invokeExact(request, 0, statx, timeoutSeconds);
    } catch (Throwable e) {
      throw Calls.unexpected(e);
    }
  }

  private static @Nullable MethodHandle bind(final String name, final MemoryLayout... parameters) {
    return Optional.of(name)
        .flatMap(SymbolLookup.loaderLookup()::find)
        .map(address ->
            Linker.nativeLinker()
                .downcallHandle(address, FunctionDescriptor.of(JAVA_INT, parameters)))
        .orElse(null);
  }
}
