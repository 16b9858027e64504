package dev.slabmount.fuse.mount;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.EndReason;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.TransportKind;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Mounts {@link TestFs} in a JVM of its own. Says {@code mounted}; with a second argument it then
 * reads a file through the mount, says what it read and ends, else it serves until it is ended.
 * With {@code --slow} as second argument, mounting takes a second, after {@code mounting} was said;
 * with {@code --hoard}, reading the file {@code oom} fills the heap; with {@code --loops}, {@code
 * --locked} or {@code --reads}, reading the file {@code hangs} never returns.
 */
public final class Server {
  private Server() {}

  /** Runs in the child. */
  public static void main(String[] arguments) throws Exception {
    Path point = Path.of(arguments[0]);
    String kind = arguments.length > 1 ? arguments[1] : "";
    TestFs fs =
        switch (kind) {
          case "--slow" -> new SlowFs();
          case "--hoard" -> new HoardingFs();
          case "--loops", "--locked", "--reads" -> new HangingFs(kind);
          default -> new WantingFs();
        };
    try (FuseMount mount =
        FuseMount.of(fs)
            .transport(TransportKind.valueOf(System.getProperty("transport")))
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(1))
            .mount()) {
      System.out.println("mounted");
      if (!kind.isEmpty() && !kind.startsWith("--")) {
        System.out.print(Shell.run("cat", point.resolve(kind).toString()).out());
      } else {
        EndReason reason = mount.awaitEnd();
        System.out.println(reason);
      }
    }
  }

  /** Wants what not every libfuse can pass on. */
  private static final class WantingFs extends TestFs {
    @Override
    public void init(Connection connection) {
      connection.enable(Feature.HANDLE_KILLPRIV_V2);
      connection.disable(Feature.ASYNC_DIO, "nobody reads directly");
    }
  }

  /** Takes all memory, and lets the failure to get more out. */
  private static final class HoardingFs extends TestFs {
    private static final int PIECE = 1 << 16;

    @Override
    public void read(Request request, long ino, long fh, long offset, int length) {
      if (ino == ino("oom")) {
        List<byte[]> hoard = new ArrayList<>();
        while (hoard.add(new byte[PIECE])) {
          // Until it fails.
        }
      }
      super.read(request, ino, fh, offset, length);
    }
  }

  /** Hangs in the file {@code hangs}, in a way that no interrupt ends. */
  private static final class HangingFs extends TestFs {
    private static volatile long spins;

    private final String how;
    private final Object lock = new Object();

    HangingFs(String how) {
      this.how = how;
      if (how.equals("--locked")) {
        Thread owner = new Thread(this::own, "owner");
        owner.setDaemon(true);
        owner.start();
      }
    }

    private void own() {
      synchronized (lock) {
        while (spins >= 0) {
          LockSupport.park();
        }
      }
    }

    private static void spin() {
      for (long i = 0; i >= 0; i++) {
        spins = i;
      }
    }

    @Override
    public void read(Request request, long ino, long fh, long offset, int length) {
      if (ino == ino("hangs")) {
        switch (how) {
          case "--loops" -> spin();
          case "--locked" -> {
            synchronized (lock) {
              request.reply().error(Errno.EPERM);
            }
          }
          default -> readAPipe();
        }
      }
      super.read(request, ino, fh, offset, length);
    }

    /** A native call that blocks for ever: nobody writes to the pipe. */
    private static void readAPipe() {
      Linker linker = Linker.nativeLinker();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment ends = arena.allocate(ValueLayout.JAVA_INT, 2);
        MemorySegment pipe = linker.defaultLookup().findOrThrow("pipe");
        MemorySegment read = linker.defaultLookup().findOrThrow("read");
        int made =
            (int)
                linker
                    .downcallHandle(
                        pipe, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                    .invokeExact(ends);
        long got =
            (long)
                linker
                    .downcallHandle(
                        read,
                        FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG))
                    .invokeExact(ends.get(ValueLayout.JAVA_INT, 0), ends, 1L);
        throw new IllegalStateException("read " + got + " from a pipe, " + made);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final class SlowFs extends TestFs {
    @Override
    public void init(Connection connection) {
      System.out.println("mounting");
      try {
        if (destroyed.await(1, TimeUnit.SECONDS)) {
          throw new IllegalStateException("destroyed before it was mounted");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Starts it; {@code prefix} is a command that runs the rest of its line. */
  static Process start(TransportKind transport, List<String> prefix, String... arguments)
      throws IOException {
    return startFrom(classPath(), transport, prefix, arguments);
  }

  /** As {@link #start(TransportKind, List, String...)}, from another place. */
  static Process startFrom(
      String classPath, TransportKind transport, List<String> prefix, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-ea",
            "-Dtransport=" + transport,
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx64m",
            "-cp",
            classPath,
            Server.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** The class path of this test for other JVMs. */
  public static String classPath() {
    return String.join(
        File.pathSeparator,
        Path.of("target", "test-classes").toAbsolutePath().toString(),
        System.getProperty("jdk.module.path", ""),
        System.getProperty("java.class.path"));
  }
}
