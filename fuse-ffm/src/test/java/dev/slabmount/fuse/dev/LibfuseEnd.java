package dev.slabmount.fuse.dev;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.dispatch.ContextOwner;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import dev.slabmount.fuse.dispatch.Observation;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.libfuse.LibfuseTransport;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The installed libfuse with bytes of ours instead of a kernel's: its session reads from a socket,
 * which it takes for {@code /dev/fuse} because it is "mounted" on {@code /dev/fd/N} (source:
 * fuse_session_mount in {@code lib/fuse_lowlevel.c}). Takes well-formed requests only: libfuse
 * trusts the kernel's lengths.
 */
@SuppressWarnings("restricted") // calls of libc
final class LibfuseEnd implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int LONGEST = 1 << 16;
  private static final int MAX_DETACHED = 8;

  private static final MethodHandle SOCKETPAIR =
      libc("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle SEND =
      libc("send", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RECV =
      libc("recv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle CLOSE = libc("close", JAVA_INT, JAVA_INT);

  final RequestGuard guard = new RequestGuard();
  final LookupCounts counts = new LookupCounts();
  final ReplyCounters replies = new ReplyCounters();
  final LibfuseTransport transport;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(LONGEST, 8);
  private final ExecutorService worker = Executors.newSingleThreadExecutor(Worker::new);
  private final int kernel;

  /** The thread that requests are served on: libfuse's callbacks look for its context. */
  private static final class Worker extends Thread implements ContextOwner {
    private RequestContext current;

    Worker(Runnable work) {
      super(work, "fuse-test");
      setDaemon(true);
    }

    @Override
    public RequestContext current() {
      return current;
    }

    @Override
    public void adopt(RequestContext fresh) {
      current = fresh;
    }
  }

  LibfuseEnd(FileSystem fileSystem, FeatureChoice features) throws IOException {
    transport =
        new LibfuseTransport(
            fileSystem,
            new Dispatcher(fileSystem, counts, guard, features, Observation.NONE),
            counts,
            replies,
            MAX_DETACHED);
    MemorySegment pair = arena.allocate(8, 4);
    assertEquals(0, (int) call(SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET, 0, pair.address()));
    kernel = pair.get(JAVA_INT, 0);
    transport.mount(Path.of("/dev/fd/" + pair.get(JAVA_INT, 4)), List.of("fsname=test"));
    onWorker(() -> {
      Worker owner = (Worker) Thread.currentThread();
      owner.adopt(transport.contexts().create(owner));
      return 0;
    });
  }

  private static MethodHandle libc(String name, MemoryLayout result, MemoryLayout... parameters) {
    Linker linker = Linker.nativeLinker();
    return linker
        .downcallHandle(
            linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, parameters))
        .asSpreader(Object[].class, parameters.length);
  }

  private static Object call(MethodHandle function, Object... arguments) {
    try {
      return function.invoke(arguments);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private <T> T onWorker(Callable<T> work) {
    try {
      return worker.submit(work).get();
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Serves these bytes; returns what was sent to the kernel until they were served. */
  List<byte[]> feed(byte[] bytes) {
    MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, bytes.length);
    long sent = (long) call(SEND, kernel, buffer.address(), (long) bytes.length, 0);
    assertEquals(bytes.length, sent);
    onWorker(() -> {
      RequestContext context = ((Worker) Thread.currentThread()).current();
      assertEquals(bytes.length, transport.receive(context));
      transport.process(context);
      return 0;
    });
    List<byte[]> answers = new ArrayList<>();
    while (true) {
      long length = (long) call(RECV, kernel, buffer.address(), (long) LONGEST, MSG_DONTWAIT);
      if (length <= 0) {
        return answers;
      }
      answers.add(buffer.asSlice(0, length).toArray(JAVA_BYTE));
    }
  }

  /** Serves these bytes, which must have exactly one answer, and returns that. */
  byte[] only(byte[] bytes) {
    List<byte[]> answers = feed(bytes);
    assertEquals(1, answers.size(), "answers");
    return answers.getFirst();
  }

  /** Has init over with a kernel that offers everything. */
  LibfuseEnd begun() {
    assertEquals(0, WireMessage.errno(only(WireMessage.init(7, 45, TestEnd.ALL_FLAGS))));
    return this;
  }

  @Override
  public void close() {
    worker.shutdown();
    transport.close();
    call(CLOSE, kernel);
    arena.close();
  }
}
