package dev.slabmount.fuse.libfuse;

import dev.slabmount.nativebindings.Libc;
import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * What libfuse would print on the terminal: a line of the log instead, and the reason in an
 * exception where a call failed.
 *
 * <p>libfuse has one log function for the whole process, so it is set once and stays. Any thread.
 */
@SuppressWarnings("restricted") // an upcall stub, and C strings of unknown length
final class LibfuseLog {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse.libfuse");
  private static final int TEXT_BYTES = 1024;
  private static final ThreadLocal<@Nullable StringBuilder> CAPTURE = new ThreadLocal<>();
  private static boolean installed;

  private LibfuseLog() {}

  /** Takes libfuse's log over. libfuse must be loaded. */
  static synchronized void install() {
    if (installed) {
      return;
    }
    FunctionDescriptor descriptor =
        FunctionDescriptor.ofVoid(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      MethodHandle log =
          MethodHandles.catchException(
              lookup.findStatic(LibfuseLog.class, "log", descriptor.toMethodType()),
              Throwable.class,
              lookup.findStatic(
                  LibfuseLog.class, "lost", MethodType.methodType(void.class, Throwable.class)));
      LibfuseH.fuse_set_log_func(Linker.nativeLinker().upcallStub(log, descriptor, Arena.global()));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    installed = true;
  }

  /** Collects what libfuse says on this thread from now on, instead of logging it. */
  static void beginCapture() {
    CAPTURE.set(new StringBuilder());
  }

  /** Stops collecting and returns what was said, in one line; empty if nothing was. */
  static String endCapture() {
    StringBuilder captured = CAPTURE.get();
    CAPTURE.remove();
    return captured == null ? "" : captured.toString().strip().replace("\n", "; ");
  }

  static void log(int level, long format, long arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(TEXT_BYTES);
      Libc.vsnprintf(Libc.allocateErrno(arena), text.address(), TEXT_BYTES, format, arguments);
      String said = text.getString(0); // libfuse may say one line in several calls.
      StringBuilder captured = CAPTURE.get();
      if (captured != null) {
        captured.append(said);
      } else {
        LOG.log(severity(level), said.strip());
      }
    }
  }

  /** A line could not be logged; there is nowhere left to say so. */
  static void lost(Throwable thrown) {
    StringBuilder captured = CAPTURE.get();
    if (captured != null) {
      captured.append("a message of libfuse was lost: ").append(thrown).append('\n');
    }
  }

  /** libfuse's levels are syslog's: 0 emergency to 7 debug. */
  private static Level severity(int level) {
    return switch (level) {
      case 0, 1, 2, 3 -> Level.ERROR;
      case 4 -> Level.WARNING;
      case 5, 6 -> Level.INFO;
      default -> Level.DEBUG;
    };
  }
}
