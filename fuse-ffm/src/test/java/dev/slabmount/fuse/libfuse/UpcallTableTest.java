package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LibfuseVersion;
import dev.slabmount.nativebindings.LowlevelOperation;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpcallTableTest {
  private static final Set<LowlevelOperation> NEVER_OFFERED =
      EnumSet.of(LowlevelOperation.DESTROY, LowlevelOperation.WRITE_BUF);
  private static final Set<LowlevelOperation> ALWAYS_OFFERED =
      EnumSet.of(LowlevelOperation.INIT, LowlevelOperation.FORGET_MULTI);

  private final Arena arena = Arena.ofShared();
  private final RequestGuard guard = new RequestGuard();
  private final LibfuseConnection connection =
      new LibfuseConnection(
          new LibfuseVersion(3, 14, 0), Set.of(), new LibfuseNotifier(false), 4096);
  private final LowLevelUpcalls upcalls =
      new LowLevelUpcalls(
          new Dispatcher(new FileSystem() {}, new LookupCounts(), guard), connection);

  @AfterEach
  void tearDown() {
    arena.close();
  }

  private static LibfuseAbi abi(int minor) {
    return LibfuseAbi.of(new LibfuseVersion(3, minor, 0)).orElseThrow();
  }

  private Set<LowlevelOperation> filled(Set<Operation> offered, LibfuseAbi abi) {
    MemorySegment table = UpcallTable.build(upcalls, offered, abi, arena);
    assertTrue(table.byteSize() >= abi.operationsBytes());
    return Stream.of(LowlevelOperation.values())
        .filter(function -> table.get(JAVA_LONG, function.offset()) != 0)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(LowlevelOperation.class)));
  }

  /**
   * Of every release: a function of the library is served, or on the list of those that are not.
   */
  @ParameterizedTest
  @ValueSource(ints = {10, 11, 14, 16, 17, 18})
  void shouldServeEveryFunctionOfTheLibraryOrListItAsNotOffered(int minor) {
    LibfuseAbi abi = abi(minor);
    Set<LowlevelOperation> expected = EnumSet.allOf(LowlevelOperation.class);
    expected.removeIf(function -> !abi.has(function));
    expected.removeAll(NEVER_OFFERED);
    assertEquals(expected, filled(EnumSet.allOf(Operation.class), abi));
  }

  /** What a filesystem does not implement is left to libfuse, by a null pointer. */
  @ParameterizedTest
  @EnumSource
  void shouldLeaveOutWhatIsNotOffered(Operation operation) {
    Set<LowlevelOperation> expected = EnumSet.copyOf(ALWAYS_OFFERED);
    expected.add(LowlevelOperation.valueOf(operation.name()));
    assertEquals(expected, filled(EnumSet.of(operation), abi(18)));
  }

  @Test
  void shouldKnowEveryOperationByTheNameOfTheLibrary() {
    for (Operation operation : Operation.values()) {
      assertNotEquals(null, LowlevelOperation.valueOf(operation.name()));
    }
    assertEquals(
        LowlevelOperation.values().length,
        Operation.values().length + NEVER_OFFERED.size() + ALWAYS_OFFERED.size());
  }

  /**
   * Calls a function the way libfuse does, on a thread that is no worker: the cast to a worker
   * throws inside the upcall. If that got out, the JVM would end here.
   */
  @Test
  void shouldLetNothingOutOfAnUpcall() throws Throwable {
    MemorySegment table =
        UpcallTable.build(upcalls, EnumSet.allOf(Operation.class), abi(14), arena);
    MethodHandle lookup =
        Linker.nativeLinker()
            .downcallHandle(
                MemorySegment.ofAddress(table.get(JAVA_LONG, LowlevelOperation.LOOKUP.offset())),
                FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    lookup.invoke(1L, 2L, 3L);
    assertEquals(1, guard.uncaughtCount());
  }

  @Test
  void shouldFailTheMountWithWhatInitThrows() throws Throwable {
    LowLevelUpcalls failing =
        new LowLevelUpcalls(
            new Dispatcher(
                new FileSystem() {
                  @Override
                  public void init(dev.slabmount.fuse.Connection agreed) {
                    throw new IllegalStateException("on purpose");
                  }
                },
                new LookupCounts(),
                guard),
            connection);
    MemorySegment table =
        UpcallTable.build(failing, EnumSet.noneOf(Operation.class), abi(14), arena);
    MemorySegment info = arena.allocate(LibfuseAbi.CONN_INFO_BYTES, 8);
    Linker.nativeLinker()
        .downcallHandle(
            MemorySegment.ofAddress(table.get(JAVA_LONG, LowlevelOperation.INIT.offset())),
            FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG))
        .invoke(0L, info.address());
    assertTrue(connection.whenAgreed().isCompletedExceptionally());
    assertEquals("on purpose", connection.whenAgreed().exceptionNow().getMessage());
  }
}
