package dev.slabmount.fuse.libfuse;

import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LowlevelOperation;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Locale;
import java.util.Set;

/**
 * Builds a {@code struct fuse_lowlevel_ops} whose functions are the methods of {@link
 * LowLevelUpcalls} with the same name. An operation that is not offered stays a null pointer, for
 * which libfuse answers by itself.
 *
 * <p>Every function is wrapped in a catch of everything: a throwable that left an upcall would end
 * the JVM.
 */
@SuppressWarnings("restricted") // upcall stubs
final class UpcallTable {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private UpcallTable() {}

  /** Builds the struct in {@code arena}, which must live as long as the session. */
  static MemorySegment build(
      LowLevelUpcalls upcalls, Set<Operation> offered, LibfuseAbi abi, Arena arena) {
    MemorySegment operations = arena.allocate(LibfuseAbi.LARGEST_OPERATIONS_BYTES, 8);
    for (LowlevelOperation function : LowlevelOperation.values()) {
      if (abi.has(function) && isOffered(function, offered)) {
        operations.set(ValueLayout.ADDRESS, function.offset(), stub(upcalls, function, arena));
      }
    }
    return operations;
  }

  private static boolean isOffered(LowlevelOperation function, Set<Operation> offered) {
    return switch (function) {
      case INIT, FORGET_MULTI -> true;
      // The end of the session is known without libfuse; and write takes plain memory, which is all
      // that write_buf gets from a session that does not splice.
      case DESTROY, WRITE_BUF -> false;
      default -> offered.contains(Operation.valueOf(function.name()));
    };
  }

  private static MemorySegment stub(
      LowLevelUpcalls upcalls, LowlevelOperation function, Arena arena) {
    try {
      MethodType type = function.descriptor().toMethodType();
      MethodHandle target =
          LOOKUP.findVirtual(LowLevelUpcalls.class, methodName(function), type).bindTo(upcalls);
      String catcher = function == LowlevelOperation.INIT ? "initEscaped" : "escaped";
      MethodHandle handler =
          LOOKUP
              .findVirtual(
                  LowLevelUpcalls.class,
                  catcher,
                  MethodType.methodType(void.class, Throwable.class))
              .bindTo(upcalls);
      MethodHandle guarded = MethodHandles.catchException(target, Throwable.class, handler);
      return Linker.nativeLinker().upcallStub(guarded, function.descriptor(), arena);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no method serves " + function, e);
    }
  }

  /** {@code COPY_FILE_RANGE} to {@code copyFileRange}. */
  private static String methodName(LowlevelOperation function) {
    StringBuilder name = new StringBuilder();
    for (String word : function.name().toLowerCase(Locale.ROOT).split("_", -1)) {
      name.append(
          name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return name.toString();
  }
}
