package dev.slabmount.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Turns whatever ended a command into one line on stderr and an exit code; with {@code --debug} the
 * stack trace follows.
 */
final class FailureReport implements IExecutionExceptionHandler, IParameterExceptionHandler {
  /** What every line of a failure begins with. */
  static final String PREFIX = "slabmount: ";

  private static final String DEBUG = "--debug";

  /** What Java makes of bytes in an argument that are not UTF-8; no file is found by it. */
  private static final char NOT_UTF_8 = '\uFFFD';

  @Override
  public int handleExecutionException(
      Exception exception, CommandLine command, @Nullable ParseResult parsed) {
    boolean debug = parsed != null && parsed.originalArgs().contains(DEBUG);
    if (exception instanceof CommandFailure failure) {
      print(command.getErr(), failure.getMessage(), debug ? failure : null);
      return failure.exitCode().code();
    }
    return unexpected(command, exception, debug);
  }

  /** Reports what should never happen. */
  int unexpected(CommandLine command, Throwable failure, boolean debug) {
    String hint = debug ? "" : "; this is a mistake in slabmount, run again with --debug";
    print(command.getErr(), "unexpected: " + failure + hint, debug ? failure : null);
    return ExitCode.UNEXPECTED.code();
  }

  @Override
  public int handleParseException(ParameterException exception, String[] args) {
    CommandLine command = exception.getCommandLine();
    String message = String.valueOf(exception.getMessage());
    String lowered = message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    String name = command.getCommandSpec().qualifiedName();
    print(command.getErr(), lowered + "; see '" + name + " --help'", null);
    return ExitCode.USAGE.code();
  }

  /** Prints one line, whatever the message contains, and the stack trace if there is one. */
  private static void print(
      PrintWriter err, @Nullable String message, @Nullable Throwable stackTraceOf) {
    err.println(PREFIX + oneLine(String.valueOf(message)));
    if (stackTraceOf != null) {
      stackTraceOf.printStackTrace(err);
    }
    err.flush();
  }

  /**
   * Why something failed, in words: the JDK's file exceptions carry the reason beside the file's
   * name, and some of them only in their class.
   */
  static String reason(IOException e) {
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() != null && missing.getFile().indexOf(NOT_UTF_8) >= 0
          ? "its name is not UTF-8, and such cannot be used; rename it"
          : "it does not exist";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileSystemException failure && failure.getReason() != null) {
      return failure.getReason().substring(0, 1).toLowerCase(Locale.ROOT)
          + failure.getReason().substring(1);
    }
    return String.valueOf(e.getMessage());
  }

  /** A text without line breaks and other control characters, which a file's name may hold. */
  static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{Cntrl}", "?");
  }
}
