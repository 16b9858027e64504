package dev.slabmount.nativebindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.nativebindings.libfuse3.LibfuseH;
import dev.slabmount.nativebindings.libfuse3.fuse_lowlevel_ops;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is bound by hand has the types that jextract read in the headers, pointers as long. */
@Timeout(120)
class HandBoundSignaturesTest {
  @TempDir Path folder;

  /** The libfuse function behind each method of {@link LibfuseCalls} whose name does not say. */
  private static String functionOf(final String method) {
    return switch (method) {
      case "requestContext" -> "fuse_req_ctx";
      case "requestInterrupted" -> "fuse_req_interrupted";
      case "sessionReceive" -> "fuse_session_receive_buf";
      case "sessionProcess" -> "fuse_session_process_buf";
      default -> "fuse_" + method.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    };
  }

  /** The handle behind each method. */
  private static String constantOf(final String method) {
    return method.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
  }

  @BeforeAll
  static void load() throws Exception {
    assertTrue(Libfuse3.load().path().isAbsolute());
  }

  @Test
  void shouldCallWithTheTypesOfTheHeaders() throws Exception {
    final List<Method> calls =
        Arrays.stream(LibfuseCalls.class.getDeclaredMethods())
            .filter(method -> Modifier.isPublic(method.getModifiers()))
            .toList();
    assertTrue(calls.size() >= 20, calls.toString());
    for (final Method call : calls) {
      final FunctionDescriptor generated =
          (FunctionDescriptor)
              LibfuseH.class.getMethod(functionOf(call.getName()) + "$descriptor").invoke(null);
      final MethodType type = MethodType.methodType(call.getReturnType(), call.getParameterTypes());
      assertEquals(withLongs(generated).toMethodType(), type, call.getName());
      final Field handle = LibfuseCalls.class.getDeclaredField(constantOf(call.getName()));
      handle.setAccessible(true);
      assertEquals(type, ((MethodHandle) handle.get(null)).type(), handle.getName());
    }
  }

  @Test
  void shouldCallTheFunctionThatEachMethodIsNamedAfter() throws Exception {
    final Path fake = ChildJvm.fakeLibfuse(folder, 314, "3.14.0", "-DCALLS");
    final List<String> calls =
        ChildJvm.module(folder, CallsMain.class, Map.of(), "-Dslabmount.libfuse3=" + fake)
            .lines()
            .toList();
    assertTrue(calls.size() >= 20, calls.toString());
    for (final String call : calls) {
      final String method = call.substring(0, call.indexOf(' '));
      assertEquals(method + " " + functionOf(method), call);
    }
  }

  @Test
  void shouldBeCalledWithTheTypesOfTheHeaders() throws Exception {
    for (final LowlevelOperation operation : LowlevelOperation.values()) {
      if (operation.compareTo(LowlevelOperation.LSEEK) <= 0) {
        final Class<?> generated =
            Class.forName(
                fuse_lowlevel_ops.class.getName()
                    + "$"
                    + operation.name().toLowerCase(Locale.ROOT));
        assertEquals(
            withLongs((FunctionDescriptor) generated.getMethod("descriptor").invoke(null)),
            operation.descriptor(),
            operation.name());
      }
    }
  }

  private static FunctionDescriptor withLongs(final FunctionDescriptor descriptor) {
    final MemoryLayout[] parameters =
        descriptor.argumentLayouts().stream()
            .map(HandBoundSignaturesTest::withLong)
            .toArray(MemoryLayout[]::new);
    return descriptor
        .returnLayout()
        .map(result -> FunctionDescriptor.of(withLong(result), parameters))
        .orElseGet(() -> FunctionDescriptor.ofVoid(parameters));
  }

  private static MemoryLayout withLong(final MemoryLayout layout) {
    return layout instanceof AddressLayout ? ValueLayout.JAVA_LONG : layout.withoutName();
  }
}
