package dev.slabmount.nativebindings;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;

/**
 * What {@code HandBoundSignaturesTest} runs in a JVM of its own, with a library whose functions
 * note that they were called: calls every method of {@link LibfuseCalls} and prints which one came.
 */
public final class CallsMain {
  private CallsMain() {}

  /** Prints one "method function" per line. */
  public static void main(final String[] args) throws Throwable {
    Libfuse3.load();
    final MethodHandle lastCalled =
        Linker.nativeLinker()
            .downcallHandle(
                Libfuse3.symbol("last_called"), FunctionDescriptor.of(ValueLayout.ADDRESS));
    for (final Method call : LibfuseCalls.class.getDeclaredMethods()) {
      if (Modifier.isPublic(call.getModifiers())) {
        final Object[] zeros = new Object[call.getParameterCount()];
        for (int i = 0; i < zeros.length; i++) {
          zeros[i] = zero(call.getParameterTypes()[i]);
        }
        call.invoke(null, zeros);
        final MemorySegment name = (MemorySegment) lastCalled.invokeExact();
        System.out.println(call.getName() + " " + name.reinterpret(Long.MAX_VALUE).getString(0));
      }
    }
  }

  private static Object zero(final Class<?> type) {
    if (type == int.class) {
      return 0;
    }
    return type == long.class ? (Object) 0L : (Object) 0.0;
  }
}
