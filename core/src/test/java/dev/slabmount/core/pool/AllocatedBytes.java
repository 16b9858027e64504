package dev.slabmount.core.pool;

import java.lang.reflect.Method;

/**
 * How many bytes of heap the calling thread has allocated so far.
 *
 * <p>Asks com.sun.management.ThreadMXBean by reflection, because this module does not read the
 * module of that class and need not do so for a test. Asking allocates a few bytes itself.
 */
final class AllocatedBytes {
  private final Object threads;
  private final Method ofCurrentThread;

  AllocatedBytes() throws ReflectiveOperationException {
    threads =
        Class.forName("java.lang.management.ManagementFactory")
            .getMethod("getThreadMXBean")
            .invoke(null);
    ofCurrentThread =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getCurrentThreadAllocatedBytes");
  }

  long soFar() {
    try {
      return (long) ofCurrentThread.invoke(threads);
    } catch (final ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
