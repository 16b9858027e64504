package dev.slabmount.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets a signal end the process with the exit code of the command instead of 128 + signal.
 *
 * <p>A signal makes the JVM run its shutdown hooks while the main thread goes on; but {@code
 * System.exit} in the main thread then waits for the hooks. So the hook that ends the work waits
 * here for the main thread to say how it went, and halts with that.
 *
 * <p>Thread-safe.
 */
final class ExitGate {
  private static final long DEADLINE_SECONDS = 60;
  private static final CompletableFuture<Integer> CODE = new CompletableFuture<>();

  private ExitGate() {}

  /** The main thread's last word before it calls {@code System.exit}. */
  static void commandEnded(final int exitCode) {
    CODE.complete(exitCode);
  }

  /**
   * Registers what a signal makes the command do, so that its main thread comes to an end.
   *
   * @return to be removed when there is nothing to end any more
   */
  static Thread onSignal(final Runnable endTheWork) {
    final Thread hook =
        new Thread(
            () -> {
              endTheWork.run();
              Runtime.getRuntime().halt(awaitCode());
            },
            "slabmount-signal");
    Runtime.getRuntime().addShutdownHook(hook);
    return hook;
  }

  /** Takes back what {@link #onSignal} registered; harmless once a signal has come. */
  static void remove(final Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (final IllegalStateException _) {
      // A signal came: the hook is running and will halt.
    }
  }

  private static int awaitCode() {
    try {
      return CODE.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (final TimeoutException | ExecutionException e) {
      System.err.println(FailureReport.PREFIX + "the command did not end after its mount did");
      return ExitCode.ABORTED.code();
    } catch (final InterruptedException _) {
      return ExitCode.ABORTED.code();
    }
  }
}
