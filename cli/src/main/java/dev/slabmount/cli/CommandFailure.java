package dev.slabmount.cli;

import java.io.Serial;

/**
 * A command that cannot go on: how it ends, and the one line that its user reads. The line says
 * what failed, on what, why, and what to do about it; it starts in lower case, because the command
 * puts {@code slabmount: } before it.
 */
public final class CommandFailure extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  /** Creates a failure whose message says it all. */
  public CommandFailure(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Creates a failure whose cause is of interest with {@code --debug}. */
  public CommandFailure(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** How the command ends. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
