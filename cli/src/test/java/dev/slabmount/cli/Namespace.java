package dev.slabmount.cli;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A mount namespace of its own for a command, in which files of the machine can be hidden. */
final class Namespace {
  private Namespace() {}

  /** Whether this user may make one and mount in it. */
  static boolean isPossible() {
    try {
      final Process process =
          new ProcessBuilder(command("mount --bind /tmp /tmp"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (final IOException e) {
      return false;
    } catch (final InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs a script in it; what follows on the command line are the script's arguments. */
  static String[] command(final String script) {
    return new String[] {"unshare", "--mount", "sh", "-c", script, "sh"};
  }
}
