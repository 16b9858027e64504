package dev.slabmount.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DispatcherTest {
  private static final byte[] NAME = {'n', (byte) 0xFF, 'm'};
  private static final byte[] SECOND = {'s', (byte) 0x80};
  private static final int LISTING_BYTES = 160;

  private final LookupCounts counts = new LookupCounts();
  private final RequestGuard guard = new RequestGuard();
  private final ContextPool pool =
      new ContextPool(FakeBuffers::new, 1, counts, new ReplyCounters());
  private final FakeWorker worker = new FakeWorker(pool);
  private final List<String> calls = new ArrayList<>();
  private Object[] lastArguments = {};

  /** Writes every call down and answers requests with ok. */
  private FileSystem recording() {
    return (FileSystem)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {FileSystem.class},
            (proxy, method, arguments) -> {
              lastArguments = arguments;
              calls.add(
                  method.getName()
                      + Stream.of(arguments)
                          .filter(a -> !(a instanceof Request))
                          .map(DispatcherTest::show)
                          .collect(Collectors.joining(" ", "(", ")")));
              if (arguments[0] instanceof Request request) {
                request.reply().ok();
              }
              return null;
            });
  }

  private static String show(Object argument) {
    return switch (argument) {
      case Name name -> Arrays.equals(name.toByteArray(), NAME) ? "NAME" : "SECOND";
      case AttributeChanges changes -> "valid" + changes.valid();
      case FileLock lock -> "lock" + lock.start();
      case DirectoryBuffer listing -> "listing";
      default -> argument.toString();
    };
  }

  private RequestContext request(Operation operation) {
    RequestContext context = worker.begin(operation);
    Arguments a = context.arguments;
    a.unique = 101;
    a.uid = 102;
    a.gid = 103;
    a.pid = 104;
    a.umask = 105;
    a.openFlags = 106;
    a.lockOwner = 107;
    a.ino = 11;
    a.fh = 12;
    a.offset = 13;
    a.length = LISTING_BYTES;
    a.toIno = 15;
    a.toFh = 16;
    a.toOffset = 17;
    a.flags = 18;
    a.mode = 19;
    a.number = 20;
    a.dataAddress = 108;
    a.dataLength = 21;
    a.name.set(NAME);
    a.secondName.set(SECOND);
    a.changes.valid(22);
    a.lock.start(23);
    return context;
  }

  /** What each operation must become, written down from the interface and not from the code. */
  private static Map<Operation, String> expectedCalls() {
    Map<Operation, String> expected = new EnumMap<>(Operation.class);
    expected.put(Operation.LOOKUP, "lookup(11 NAME)");
    expected.put(Operation.GETATTR, "getattr(11 12)");
    expected.put(Operation.SETATTR, "setattr(11 12 valid22)");
    expected.put(Operation.READLINK, "readlink(11)");
    expected.put(Operation.MKNOD, "mknod(11 NAME 19 20)");
    expected.put(Operation.MKDIR, "mkdir(11 NAME 19)");
    expected.put(Operation.UNLINK, "unlink(11 NAME)");
    expected.put(Operation.RMDIR, "rmdir(11 NAME)");
    expected.put(Operation.SYMLINK, "symlink(11 NAME SECOND)");
    expected.put(Operation.RENAME, "rename(11 NAME 15 SECOND 18)");
    expected.put(Operation.LINK, "link(11 15 NAME)");
    expected.put(Operation.OPEN, "open(11 18)");
    expected.put(Operation.READ, "read(11 12 13 160)");
    expected.put(Operation.WRITE, "write(11 12 13 21)");
    expected.put(Operation.FLUSH, "flush(11 12)");
    expected.put(Operation.RELEASE, "release(11 12)");
    expected.put(Operation.FSYNC, "fsync(11 12 true)");
    expected.put(Operation.OPENDIR, "opendir(11 18)");
    expected.put(Operation.READDIR, "readdir(11 12 13 listing)");
    expected.put(Operation.READDIRPLUS, "readdirplus(11 12 13 listing)");
    expected.put(Operation.RELEASEDIR, "releasedir(11 12)");
    expected.put(Operation.FSYNCDIR, "fsyncdir(11 12 true)");
    expected.put(Operation.STATFS, "statfs(11)");
    expected.put(Operation.SETXATTR, "setxattr(11 NAME 18)");
    expected.put(Operation.GETXATTR, "getxattr(11 NAME 160)");
    expected.put(Operation.LISTXATTR, "listxattr(11 160)");
    expected.put(Operation.REMOVEXATTR, "removexattr(11 NAME)");
    expected.put(Operation.ACCESS, "access(11 18)");
    expected.put(Operation.CREATE, "create(11 NAME 19 18)");
    expected.put(Operation.GETLK, "getlk(11 12 lock23)");
    expected.put(Operation.SETLK, "setlk(11 12 lock23 true)");
    expected.put(Operation.FLOCK, "flock(11 12 18)");
    expected.put(Operation.BMAP, "bmap(11 160 20)");
    expected.put(Operation.IOCTL, "ioctl(11 12 19 20 18 160)");
    expected.put(Operation.POLL, "poll(11 12 20)");
    expected.put(Operation.FALLOCATE, "fallocate(11 12 13 160 19)");
    expected.put(Operation.COPY_FILE_RANGE, "copyFileRange(11 12 13 15 16 17 160 18)");
    expected.put(Operation.LSEEK, "lseek(11 12 13 18)");
    expected.put(Operation.TMPFILE, "tmpfile(11 19 18)");
    expected.put(Operation.STATX, "statx(11 12 18 20)");
    return expected;
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldPassEveryArgumentToItsPlace(Operation operation) {
    String expected = expectedCalls().get(operation);
    assertNotNull(expected, "an operation without a line in this test");
    RequestContext context = request(operation);

    new Dispatcher(recording(), counts, guard).dispatch(context);

    assertEquals(List.of(expected), calls);
    assertEquals(List.of("error 0"), FakeWorker.sent(context));
    assertSame(context, lastArguments[0]);
    assertEquals(operation.method(), expected.substring(0, expected.indexOf('(')));
    assertEquals(0, guard.uncaughtCount());
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"FSYNC", "FSYNCDIR", "SETLK"})
  void shouldTurnZeroFlagsIntoFalse(Operation operation) {
    RequestContext context = request(operation);
    context.arguments.flags = 0;
    new Dispatcher(recording(), counts, guard).dispatch(context);
    assertTrue(calls.getFirst().endsWith("false)"), calls.getFirst());
  }

  @Test
  void shouldShowWhoAsksAndWhatCameAlong() {
    RequestContext context = request(Operation.WRITE);
    assertEquals(101, context.unique());
    assertEquals(102, context.uid());
    assertEquals(103, context.gid());
    assertEquals(104, context.pid());
    assertEquals(105, context.umask());
    assertEquals(106, context.openFlags());
    assertEquals(107, context.lockOwner());
    assertEquals(108, context.dataAddress());
    assertEquals(21, context.dataLength());
    assertEquals(21, context.data().byteSize());
  }

  @Test
  void shouldForgetThePreviousRequest() {
    RequestContext context = request(Operation.WRITE);
    context.entry().ino(1).attributes().ino(1);
    context.attributes().ino(1);
    context.openedFile().fh(1).directIo(true);
    context.figures().blocks(1);
    context.slices().add(1, 1);
    context.reply().ok();

    worker.begin(Operation.GETATTR);

    assertEquals(0, context.unique());
    assertEquals(0, context.uid() + context.gid() + context.pid() + context.umask());
    assertEquals(0, context.openFlags());
    assertEquals(0, context.lockOwner());
    assertEquals(0, context.dataAddress());
    assertEquals(0, context.dataLength());
    assertEquals(FileSystem.NO_HANDLE, context.arguments.fh);
    assertEquals(FileSystem.NO_HANDLE, context.arguments.toFh);
    assertEquals(0, context.entry().ino() + context.entry().attributes().ino());
    assertEquals(0, context.attributes().ino());
    assertEquals(0, context.openedFile().fh());
    assertFalse(context.openedFile().directIo());
    assertEquals(0, context.figures().blocks());
    assertEquals(0, context.slices().count());
  }

  /** Each kind of listing takes its own kind of entry, and refuses the other with an exception. */
  @Test
  void shouldGiveEachOperationItsKindOfListing() {
    FileSystem filling =
        new FileSystem() {
          @Override
          public void readdir(Request r, long ino, long fh, long offset, DirectoryBuffer buffer) {
            r.reply().written(buffer.add(NAME, 0, NAME.length, 1, 0, 1) ? 1 : 0);
          }

          @Override
          public void readdirplus(
              Request r, long ino, long fh, long offset, DirectoryBuffer buffer) {
            r.reply().written(buffer.addPlus(NAME, 0, NAME.length, r.entry(), 1) ? 2 : 0);
          }
        };
    Dispatcher dispatcher = new Dispatcher(filling, counts, guard);
    RequestContext plain = request(Operation.READDIR);
    dispatcher.dispatch(plain);
    RequestContext plus = request(Operation.READDIRPLUS);
    plus.arguments.length = 4096;
    dispatcher.dispatch(plus);
    assertEquals(List.of("written 1", "written 2"), FakeWorker.sent(plus));
  }

  @Test
  void shouldBoundAListingByWhatTheKernelAskedFor() {
    FileSystem filling =
        new FileSystem() {
          @Override
          public void readdir(Request r, long ino, long fh, long offset, DirectoryBuffer buffer) {
            int entries = 0;
            while (buffer.add(NAME, 0, NAME.length, 1, 0, 1)) {
              entries++;
            }
            r.reply().written(entries);
          }
        };
    RequestContext context = request(Operation.READDIR);
    new Dispatcher(filling, counts, guard).dispatch(context);
    assertEquals(List.of("written " + LISTING_BYTES / 32), FakeWorker.sent(context));
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"READ", "READDIR", "READDIRPLUS", "GETXATTR", "LISTXATTR", "BMAP", "IOCTL"})
  void shouldAnswerEioForAnAbsurdLength(Operation operation) {
    RequestContext context = request(operation);
    context.arguments.length = 1L << 33;
    new Dispatcher(recording(), counts, guard).dispatch(context);
    assertEquals(List.of("error 5"), FakeWorker.sent(context));
    assertEquals(List.of(), calls);
  }

  @Test
  void shouldTakeForgetsAsNoRequests() {
    RequestContext context = request(Operation.FORGET);
    new Dispatcher(recording(), counts, guard).dispatch(context);
    assertEquals(List.of("error 5"), FakeWorker.sent(context));
    counts.add(11, 3);
    new Dispatcher(recording(), counts, guard).forget(11, 2);
    assertEquals(List.of("forget(11 2)"), calls);
    assertEquals(1, counts.count(11));
  }

  /** The kernel says each of these once. */
  @Test
  void shouldTellTheFilesystemEvenIfTheLogHasNoMemory() {
    RequestLog log =
        new RequestLog(line -> {
          throw new OutOfMemoryError("on purpose");
        });
    Dispatcher logged =
        new Dispatcher(recording(), counts, guard, FeatureChoice.NONE, new Observation(null, log));
    counts.add(11, 2);
    logged.forget(11, 2);
    logged.retrieved(11, 5, 6, MemorySegment.NULL);
    assertEquals(0, counts.count(11));
    assertEquals("forget(11 2)", calls.getFirst());
    assertTrue(calls.getLast().startsWith("retrieveReply(11 5 6 "), calls.toString());
    assertEquals(2, guard.uncaughtCount());
  }

  @Test
  void shouldTakeWhatTheKernelHasCachedAsNoRequest() {
    RequestContext context = request(Operation.RETRIEVE_REPLY);
    new Dispatcher(recording(), counts, guard).dispatch(context);
    assertEquals(List.of("error 5"), FakeWorker.sent(context));
    new Dispatcher(recording(), counts, guard).retrieved(11, 12, 13, MemorySegment.NULL);
    assertEquals(List.of("retrieveReply(11 12 13 " + MemorySegment.NULL + ")"), calls);
  }

  @Test
  void shouldServeEveryMethodOfTheInterface() {
    Set<String> methods =
        Arrays.stream(FileSystem.class.getDeclaredMethods())
            .map(method -> method.getName())
            .collect(Collectors.toSet());
    assertTrue(methods.remove("init"));
    assertTrue(methods.remove("destroy"));
    Set<String> served =
        Arrays.stream(Operation.values()).map(Operation::method).collect(Collectors.toSet());
    assertEquals(methods, served);
    assertEquals(42, Operation.values().length);
  }

  /** Every default answers exactly once, with the error its Javadoc names. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldAnswerWhatIsNotImplemented(Operation operation) {
    RequestContext context = request(operation);
    new Dispatcher(new FileSystem() {}, counts, guard).dispatch(context);
    String expected = operation == Operation.IOCTL ? "error 25" : "error 38";
    assertEquals(List.of(expected), FakeWorker.sent(context));
    assertEquals(0, guard.uncaughtCount() + guard.unansweredCount());
  }

  private abstract static class Inherited implements FileSystem {
    @Override
    public void copyFileRange(
        Request request,
        long ino,
        long fh,
        long offset,
        long toIno,
        long toFh,
        long toOffset,
        long length,
        int flags) {
      request.reply().written(0);
    }
  }

  private interface Mixin extends FileSystem {
    @Override
    default void statfs(Request request, long ino) {
      request.reply().figures(request.figures());
    }
  }

  private static final class Some extends Inherited implements Mixin {
    @Override
    public void lookup(Request request, long parent, Name name) {
      request.reply().error(2);
    }

    /** Only looks like an operation. */
    void read(String somethingElse) {
      assertNotNull(somethingElse);
    }
  }

  @Test
  void shouldOfferWhatIsOverriddenAnywhereAndForgets() {
    Some some = new Some();
    some.read("and is none");
    assertEquals(EnumSet.of(Operation.FORGET), Operation.offeredBy(new FileSystem() {}));
    assertEquals(
        EnumSet.of(Operation.FORGET, Operation.LOOKUP, Operation.STATFS, Operation.COPY_FILE_RANGE),
        Operation.offeredBy(some));
    assertEquals(EnumSet.allOf(Operation.class), Operation.offeredBy(recording()));
  }
}
