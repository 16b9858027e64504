package dev.slabmount.fuse;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Makes the loggers of the binding throw as long as it is open. By reflection, because the module
 * under test does not read {@code java.logging}.
 */
public final class FailingLog implements AutoCloseable {
  private final Object logger;
  private final Method setFilter;
  private final AtomicInteger lines = new AtomicInteger();

  /** Every line that would be logged throws what {@code thrown} says. */
  public FailingLog(Supplier<Throwable> thrown) throws ReflectiveOperationException {
    Class<?> loggerClass = Class.forName("java.util.logging.Logger");
    Class<?> filterClass = Class.forName("java.util.logging.Filter");
    logger = loggerClass.getMethod("getLogger", String.class).invoke(null, "dev.slabmount.fuse");
    setFilter = loggerClass.getMethod("setFilter", filterClass);
    setFilter.invoke(
        logger,
        Proxy.newProxyInstance(
            FailingLog.class.getClassLoader(),
            new Class<?>[] {filterClass},
            (proxy, method, arguments) -> {
              lines.incrementAndGet();
              throw thrown.get();
            }));
  }

  /** How many lines were lost. */
  public int lines() {
    return lines.get();
  }

  @Override
  public void close() throws ReflectiveOperationException {
    setFilter.invoke(logger, (Object) null);
  }
}
