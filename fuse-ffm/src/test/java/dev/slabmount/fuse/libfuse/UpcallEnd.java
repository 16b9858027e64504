package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.dev.WireMessage;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import dev.slabmount.fuse.dispatch.Observation;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.nativebindings.Libfuse3;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LibfuseCalls;
import dev.slabmount.nativebindings.LowlevelOperation;
import dev.slabmount.nativebindings.libfuse3.fuse_buf;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The upcalls of the transport, called with any arguments: a session of the real libfuse with a
 * socket where the kernel would be. libfuse is given a sensible request, a STATFS, whose upcall is
 * ours; with the {@code fuse_req_t} that it gets, it calls the function that is to be tried, out of
 * the table that the transport would give libfuse, as C does. The answer goes through {@code
 * fuse_reply_*} to the socket.
 *
 * <p>Used on one {@link UpcallThread}.
 */
@SuppressWarnings("restricted") // stubs, and calls of them
final class UpcallEnd implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MAX_DETACHED = 8;
  private static final int LARGEST_ANSWER = 1 << 17;
  private static final int STATFS = 17;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SOCKETPAIR =
      bind("socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle RECV =
      bind("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CLOSE =
      bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  final RequestGuard guard = new RequestGuard();
  final LookupCounts counts = new LookupCounts();
  final ReplyCounters replies = new ReplyCounters();
  final ContextPool contexts;

  private final Arena arena = Arena.ofShared();
  private final UpcallThread thread = UpcallThread.here();
  private final Map<LowlevelOperation, MethodHandle> functions =
      new EnumMap<>(LowlevelOperation.class);
  private final LibfuseSession session;
  private final int kernel;
  private final MemorySegment answer = arena.allocate(LARGEST_ANSWER, 8);
  private final MemorySegment carrier = arena.allocate(LibfuseAbi.LARGEST_BUF_BYTES, 8);
  private final MemorySegment carried;
  private RequestContext current;
  private MethodHandle function;
  private Object[] arguments = {};
  private LongConsumer instead;

  UpcallEnd(FileSystem fileSystem) throws Throwable {
    Libfuse3 libfuse = LibfuseSession.load();
    LibfuseAbi abi = libfuse.abi();
    Dispatcher dispatcher =
        new Dispatcher(fileSystem, counts, guard, FeatureChoice.NONE, Observation.NONE);
    contexts =
        new ContextPool(
            () -> new LibfuseBuffers(abi, arena), MAX_DETACHED, counts, replies, Observation.NONE);
    current = contexts.create(thread);
    LibfuseConnection connection =
        new LibfuseConnection(
            libfuse.version(), EnumSet.allOf(Operation.class), new LibfuseNotifier(true), 4096);
    LowLevelUpcalls upcalls = new LowLevelUpcalls(dispatcher, connection);
    MemorySegment table = UpcallTable.build(upcalls, EnumSet.allOf(Operation.class), abi, arena);
    for (LowlevelOperation each : LowlevelOperation.values()) {
      MemorySegment stub = table.get(ADDRESS, each.offset());
      if (stub.address() != 0) {
        FunctionDescriptor descriptor = each.descriptor();
        functions.put(
            each,
            LINKER
                .downcallHandle(stub, descriptor)
                .asSpreader(Object[].class, descriptor.argumentLayouts().size())
                .asType(MethodType.methodType(void.class, Object[].class)));
      }
    }
    int[] sockets = socketPair();
    kernel = sockets[0];
    session =
        LibfuseSession.mount(
            libfuse, carrying(), Path.of("/dev/fd/" + sockets[1]), List.of("fsname=test"));
    carried = arena.allocate(256, 8);
    begin();
  }

  private static MethodHandle bind(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }

  private int[] socketPair() throws Throwable {
    MemorySegment pair = arena.allocate(JAVA_INT, 2);
    assertEquals(0, (int) SOCKETPAIR.invokeExact(AF_UNIX, SOCK_SEQPACKET, 0, pair));
    return pair.toArray(JAVA_INT);
  }

  /** The operations of the session: one that calls what is to be tried. */
  private MemorySegment carrying() throws ReflectiveOperationException {
    MemorySegment operations = arena.allocate(LibfuseAbi.LARGEST_OPERATIONS_BYTES, 8);
    FunctionDescriptor descriptor = LowlevelOperation.STATFS.descriptor();
    MethodHandle target = MethodHandles.lookup().bind(this, "carry", descriptor.toMethodType());
    operations.set(
        ADDRESS, LowlevelOperation.STATFS.offset(), LINKER.upcallStub(target, descriptor, arena));
    return operations;
  }

  /** The upcall of STATFS. */
  void carry(long req, long ino) {
    if (instead != null) {
      instead.accept(req);
      return;
    }
    try {
      Object[] all = new Object[arguments.length + 1];
      all[0] = req;
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      function.invokeExact(all);
    } catch (Throwable e) {
      throw new IllegalStateException("a call that C could not have made", e);
    }
  }

  private void begin() throws Throwable {
    process(WireMessage.init(7, 31, 0));
    assertEquals(1, answers().size(), "answers to INIT");
  }

  private void process(byte[] message) {
    MemorySegment.copy(message, 0, carried, JAVA_BYTE, 0, message.length);
    carrier.set(JAVA_LONG, fuse_buf.size$offset(), message.length);
    carrier.set(JAVA_LONG, fuse_buf.mem$offset(), carried.address());
    LibfuseCalls.sessionProcess(session.address(), carrier.address());
  }

  /** Whether this release of libfuse has the function. */
  boolean has(LowlevelOperation each) {
    return functions.containsKey(each);
  }

  /** The worker has received what lies there, and that is all that it has received. */
  void received(long address, long length) {
    LibfuseBuffers buffers = (LibfuseBuffers) current.buffers();
    MemorySegment buf =
        MemorySegment.ofAddress(buffers.bufAddress()).reinterpret(LibfuseAbi.LARGEST_BUF_BYTES);
    buf.set(JAVA_LONG, fuse_buf.size$offset(), length);
    buf.set(JAVA_LONG, fuse_buf.mem$offset(), address);
    buffers.afterReceive();
  }

  /**
   * Calls a function as libfuse does, for a request with this number, and returns what is answered
   * until it returns.
   *
   * @param rest its arguments, longs and ints, without the request
   */
  List<byte[]> call(LowlevelOperation each, long unique, Object... rest) throws Throwable {
    function = functions.get(each);
    arguments = rest;
    return passOn(unique);
  }

  /** As call, but this is what is done with the {@code fuse_req_t}; it may throw nothing. */
  List<byte[]> call(long unique, LongConsumer upcall) throws Throwable {
    instead = upcall;
    try {
      return passOn(unique);
    } finally {
      instead = null;
    }
  }

  private List<byte[]> passOn(long unique) throws Throwable {
    thread.adopt(current);
    process(WireMessage.request(STATFS, unique, 5).build());
    current = thread.current();
    return answers();
  }

  /** What was answered since this was last asked. */
  List<byte[]> answers() throws Throwable {
    List<byte[]> all = new ArrayList<>(1);
    while (true) {
      long length =
          (long) RECV.invokeExact(kernel, answer.address(), (long) LARGEST_ANSWER, MSG_DONTWAIT);
      if (length <= 0) {
        return all;
      }
      all.add(answer.asSlice(0, length).toArray(JAVA_BYTE));
    }
  }

  /** The mount has ended: libfuse is gone, and with it all that it has allocated. */
  @Override
  public void close() {
    session.close();
    try {
      assertEquals(0, (int) CLOSE.invokeExact(kernel));
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    arena.close();
  }
}
