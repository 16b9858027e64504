package dev.slabmount.core.stress;

import java.lang.Thread.State;
import java.util.Map;

/** Something does not go on. The message has the stacks of all threads. */
final class HungException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HungException(final String what) {
    super("hung: " + what + dump());
  }

  private static String dump() {
    final StringBuilder dump = new StringBuilder();
    for (final Map.Entry<Thread, StackTraceElement[]> entry :
        Thread.getAllStackTraces().entrySet()) {
      final Thread thread = entry.getKey();
      final State state = thread.getState();
      dump.append("\n\"").append(thread.getName()).append("\" ").append(state);
      for (final StackTraceElement element : entry.getValue()) {
        dump.append("\n    at ").append(element);
      }
    }
    return dump.toString();
  }
}
