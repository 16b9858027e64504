package dev.slabmount.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Starts the same command again as a daemon and waits until it serves.
 *
 * <pre>
 *   slabmount mount … --daemon          setsid bin/slabmount mount … --daemon, SLABMOUNT_DAEMON set
 *     start ─────────────────────────────▶ a session of its own, in /, stderr appended to the log
 *     wait for "mounted …" on its stdout ◀ when the mount answers; or for the end of file
 *     print where the log is, end          serve until unmounted
 * </pre>
 *
 * A JVM cannot fork, hence the new process; a session of its own is what lets it outlive the
 * terminal and a Ctrl-C in the script that started it.
 */
final class Daemon {
  /** In the environment of the process that shall serve. */
  private static final String SERVER_VARIABLE = "SLABMOUNT_DAEMON";

  /** Set by {@code bin/slabmount} to its own path. */
  private static final String LAUNCHER_PROPERTY = "slabmount.launcher";

  /** A server without users ends at once; one whose store hangs within 17 s. */
  private static final long END_SECONDS = 30;

  /** A name of a file has 255 bytes at most (NAME_MAX of linux/limits.h), {@code .log} included. */
  private static final int LOG_NAME_BYTES_MAX = 200;

  private Daemon() {}

  /** Whether this process is the daemon, so that it has to do the work itself. */
  static boolean isServer() {
    return System.getenv(SERVER_VARIABLE) != null;
  }

  /** Where a daemon's messages go unless the user says: a file named after the mountpoint. */
  static Path defaultLog(final Path mountpoint) {
    final String point = mountpoint.toAbsolutePath().normalize().toString().substring(1);
    String name = point.replace('/', '-');
    if (name.getBytes(StandardCharsets.UTF_8).length > LOG_NAME_BYTES_MAX) {
      // The end says most; a character takes three bytes at most, a pair of surrogates four.
      int cut = name.length() - LOG_NAME_BYTES_MAX / 4;
      cut += Character.isLowSurrogate(name.charAt(cut)) ? 1 : 0;
      final UUID whole = UUID.nameUUIDFromBytes(point.getBytes(StandardCharsets.UTF_8));
      name = name.substring(cut) + "-" + whole;
    }
    return UserFolders.ofThisUser().state().resolve(name + ".log");
  }

  /**
   * Starts the daemon and returns when it serves. What it warned of until then is in its log, and
   * said on stderr here as well.
   *
   * @return its process
   * @throws CommandFailure with the daemon's own line and code if it could not serve
   */
  static Process start(final ParseResult parsed, final Path log)
      throws CommandFailure, InterruptedException {
    final String launcher = System.getProperty(LAUNCHER_PROPERTY);
    if (launcher == null) {
      throw new CommandFailure(
          ExitCode.PREREQUISITE, "--daemon needs to be started by bin/slabmount");
    }
    final List<String> command = new ArrayList<>(List.of("setsid", launcher));
    command.addAll(arguments(parsed));
    final DaemonLog messages = new DaemonLog(log);
    try {
      messages.open();
      final ProcessBuilder builder = new ProcessBuilder(command).directory(new File("/"));
      builder.environment().put(SERVER_VARIABLE, "1");
      builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
      builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
      return startAndAwait(builder, messages);
    } catch (final IOException e) {
      messages.discard();
      throw new CommandFailure(
          ExitCode.OUTPUT,
          "cannot start a daemon that logs to "
              + log
              + ": "
              + FailureReport.reason(e)
              + "; --log-file names another log",
          e);
    }
  }

  /** A signal from now on means that the mount is not wanted, even while the process is made. */
  private static Process startAndAwait(final ProcessBuilder builder, final DaemonLog messages)
      throws IOException, CommandFailure, InterruptedException {
    final CompletableFuture<Process> started = new CompletableFuture<>();
    final Thread cancel = new Thread(() -> end(started), "cancel-daemon");
    Runtime.getRuntime().addShutdownHook(cancel);
    try {
      started.complete(builder.start());
      return awaitServing(started.join(), messages);
    } finally {
      started.cancel(false); // if nothing was started, for a signal's thread that waits for it
      ExitGate.remove(cancel);
    }
  }

  private static void end(final CompletableFuture<Process> started) {
    try {
      started.join().destroy();
    } catch (final CancellationException _) {
      // There is no daemon, and the command says why.
    }
  }

  private static Process awaitServing(final Process server, final DaemonLog messages)
      throws IOException, CommandFailure, InterruptedException {
    @Nullable String ready;
    try (BufferedReader status = server.inputReader()) {
      do { // A JVM prints its own messages there too.
        ready = status.readLine();
      } while (ready != null && !ready.startsWith(MountSession.READY));
    }
    if (ready == null) {
      final int code = server.waitFor();
      throw new CommandFailure(ExitCode.of(code), messages.takeFailure());
    }
    for (final String warning : messages.addedWarnings()) {
      System.err.println(FailureReport.oneLine(warning));
    }
    return server;
  }

  /** Ends a daemon that serves already, which unmounts, and waits for that. */
  static void end(final Process server) throws InterruptedException {
    server.destroy();
    if (!server.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      server.destroyForcibly();
    }
  }

  /**
   * The command's name and arguments as they were given, but for paths, which become absolute. What
   * stood before the command's name was parsed by its parent, and stands there again.
   */
  static List<String> arguments(final ParseResult parsed) {
    final List<String> arguments = new ArrayList<>();
    final CommandSpec parent = parsed.commandSpec().parent();
    if (parent != null) {
      arguments.addAll(arguments(parent.commandLine().getParseResult()));
      arguments.add(parsed.commandSpec().name());
    }
    for (final OptionSpec option : parsed.matchedOptionsSet()) {
      for (final String value : option.stringValues()) {
        final boolean flag = option.arity().max() == 0;
        arguments.add(
            flag ? option.longestName() : option.longestName() + "=" + absolute(option, value));
      }
    }
    parsed
        .matchedPositionalsSet()
        .forEach(positional ->
            positional.stringValues().forEach(value -> arguments.add(absolute(positional, value))));
    return arguments;
  }

  private static String absolute(final ArgSpec argument, final String value) {
    return argument.type() == Path.class ? Path.of(value).toAbsolutePath().toString() : value;
  }
}
