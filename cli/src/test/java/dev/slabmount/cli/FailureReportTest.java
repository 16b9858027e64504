package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs the whole command line with a subcommand that fails as told. */
class FailureReportTest {
  private final StringWriter err = new StringWriter();

  @Command(name = "fail")
  private record Failing(Exception failure) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      throw failure;
    }
  }

  @Test
  void shouldPrintOneLineAndReturnTheCodeOfAFailure() {
    final var failure = new CommandFailure(ExitCode.INPUT, "cannot read a\nb\tc: no");
    assertEquals(ExitCode.INPUT.code(), run(failure, "fail"));
    assertEquals("slabmount: cannot read a b?c: no\n", err.toString());
  }

  @Test
  void shouldPrintTheStackTraceOfAFailureWithDebug() {
    assertEquals(8, run(new CommandFailure(ExitCode.BUSY, "busy"), "fail", "--debug"));
    assertTrue(
        err.toString().startsWith("slabmount: busy\ndev.slabmount.cli.CommandFailure"),
        err.toString());
  }

  @Test
  void shouldCallAMistakeOfOursByItsName() {
    assertEquals(1, run(new IllegalStateException("odd"), "fail"));
    assertEquals(
        "slabmount: unexpected: java.lang.IllegalStateException: odd; this is a mistake in"
            + " slabmount, run again with --debug\n",
        err.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "--nonsense", "nonsense", "doctor --nonsense", "unmount", "unmount a b"})
  void shouldAnswerWrongUsageInOneLine(final String arguments) {
    final String[] args = arguments.isEmpty() ? new String[0] : arguments.split(" ", -1);
    assertEquals(ExitCode.USAGE.code(), run(new Exception("not called"), args));
    assertTrue(
        err.toString().matches("slabmount: [a-z][^\\n]*; see 'slabmount[^\\n]* --help'\\n"),
        err.toString());
  }

  @Test
  void shouldSayWhyAFileCannotBeUsed() {
    assertEquals("it does not exist", FailureReport.reason(new NoSuchFileException("/a")));
    assertEquals(
        "its name is not UTF-8, and such cannot be used; rename it",
        FailureReport.reason(new NoSuchFileException("/a\uFFFDb")));
    assertEquals("permission denied", FailureReport.reason(new AccessDeniedException("/a")));
    assertEquals(
        "input/output error",
        FailureReport.reason(new FileSystemException("/a", null, "Input/output error")));
  }

  @Test
  void shouldTellThreadsFromHeap() {
    assertEquals(
        "cannot start another thread; lower --jobs or --threads, or raise the limit of processes"
            + " (ulimit -u, pids.max of the control group)",
        Slabmount.outOf(
            "unable to create native thread: possibly out of memory or process/resource limits"
                + " reached"));
    assertEquals(
        "out of heap memory: Java heap space; try SLABMOUNT_JAVA_OPTS=-Xmx4g",
        Slabmount.outOf("Java heap space"));
  }

  private int run(final Exception failure, final String... args) {
    final CommandLine command = Slabmount.commandLine();
    command.addSubcommand(new CommandLine(new Failing(failure)));
    command.setExecutionExceptionHandler(new FailureReport());
    command.setErr(new PrintWriter(err, true));
    return command.execute(args);
  }
}
