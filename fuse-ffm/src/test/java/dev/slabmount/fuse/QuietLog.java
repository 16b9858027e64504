package dev.slabmount.fuse;

import java.lang.reflect.Method;

/**
 * Keeps the loggers of the binding quiet as long as it is open, where thousands of stack traces
 * would say nothing. By reflection, because the module under test does not read {@code
 * java.logging}.
 */
public final class QuietLog implements AutoCloseable {
  private final Object logger;
  private final Method setLevel;

  /** Quiet from now on. */
  public QuietLog() throws ReflectiveOperationException {
    Class<?> loggerClass = Class.forName("java.util.logging.Logger");
    Class<?> levelClass = Class.forName("java.util.logging.Level");
    logger = loggerClass.getMethod("getLogger", String.class).invoke(null, "dev.slabmount.fuse");
    setLevel = loggerClass.getMethod("setLevel", levelClass);
    setLevel.invoke(logger, levelClass.getField("OFF").get(null));
  }

  @Override
  public void close() throws ReflectiveOperationException {
    setLevel.invoke(logger, (Object) null);
  }
}
