package dev.slabmount.fuse.libfuse;

import dev.slabmount.fuse.dispatch.ContextOwner;
import dev.slabmount.fuse.dispatch.RequestContext;
import java.lang.reflect.Method;
import java.util.Arrays;

/** A thread that upcalls take for a worker, because they look for the context of theirs. */
public final class UpcallThread extends Thread implements ContextOwner {
  private final Task task;
  private RequestContext current;
  private Throwable thrown;

  private UpcallThread(Task task) {
    super(null, null, "upcall-thread", 0, false);
    this.task = task;
  }

  /** What is done on it. */
  public interface Task {
    /** Does it. */
    void run() throws Throwable;
  }

  /** Does something on such a thread, and throws what it throws. */
  public static void run(Task task) throws Throwable {
    UpcallThread thread = new UpcallThread(task);
    thread.start();
    thread.join();
    if (thread.thrown != null) {
      throw thread.thrown;
    }
  }

  /** The current thread, which has to be one. */
  static UpcallThread here() {
    return (UpcallThread) Thread.currentThread();
  }

  @Override
  public void run() {
    try {
      task.run();
    } catch (Throwable e) {
      thrown = e;
    }
  }

  @Override
  public RequestContext current() {
    return current;
  }

  @Override
  public void adopt(RequestContext fresh) {
    current = fresh;
  }

  /** Runs another program on such a thread: its class, then its arguments. */
  public static void main(String[] arguments) throws Throwable {
    Method main = Class.forName(arguments[0]).getMethod("main", String[].class);
    String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
    run(() -> main.invoke(null, (Object) rest));
  }
}
