package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.MeasuringException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts the calls of futex and sched_yield that a process makes: with {@code perf stat} on the
 * kernel's trace points, which slows nothing down, or where that is not allowed with {@code strace
 * -f -c}.
 */
enum SystemCalls {
  /** Needs root or a low {@code kernel.perf_event_paranoid}, and tracefs. */
  PERF(
      Pattern.compile("^(\\d+),,syscalls:sys_enter_(futex|sched_yield)\\b", Pattern.MULTILINE),
      "perf stat on the trace points of both calls"),

  /** Needs ptrace. */
  STRACE(
      Pattern.compile(
          "^ *[\\d.]+ +[\\d.]+ +\\d+ +(\\d+) +(?:\\d+ +)?(futex|sched_yield)$", Pattern.MULTILINE),
      "strace -f -c, which slows both calls down");

  private static final long MARGIN_SECONDS = 20;

  private final Pattern line;
  private final String means;

  SystemCalls(Pattern line, String means) {
    this.line = line;
    this.means = means;
  }

  /** What it counts with, in words. */
  String means() {
    return means;
  }

  /**
   * The first that works here.
   *
   * @throws MeasuringException if none does
   */
  static SystemCalls choose() throws MeasuringException {
    MeasuringException last = new MeasuringException("none was tried");
    for (SystemCalls calls : values()) {
      try {
        calls.count(ProcessHandle.current().pid(), 1);
        return calls;
      } catch (MeasuringException e) {
        last = e;
      }
    }
    throw new MeasuringException(
        "neither perf nor strace can count calls of the system here; run as root", last);
  }

  /** Calls that all present threads of a process make in so many seconds. */
  long count(long pid, int seconds) throws MeasuringException {
    String said = run(command(pid, seconds), seconds);
    return counted(said);
  }

  /** Adds up what the tool printed. */
  long counted(String said) throws MeasuringException {
    Matcher found = line.matcher(said);
    long calls = 0;
    boolean any = false;
    while (found.find()) {
      calls += Long.parseLong(found.group(1));
      any = true;
    }
    // strace prints no line for what never came, and perf has one for both always.
    if (!any && (this == PERF || !said.contains("detached"))) {
      throw new MeasuringException("cannot read: " + said.strip().replace('\n', ' '));
    }
    return calls;
  }

  private List<String> command(long pid, int seconds) {
    String process = String.valueOf(pid);
    String time = String.valueOf(seconds);
    return switch (this) {
      case PERF ->
          List.of(
              "perf",
              "stat",
              "-x,",
              "-e",
              "syscalls:sys_enter_futex,syscalls:sys_enter_sched_yield",
              "-p",
              process,
              "--",
              "sleep",
              time);
      case STRACE ->
          List.of(
              "timeout",
              "--signal=INT",
              time,
              "strace",
              "-f",
              "-c",
              "-e",
              "trace=futex,sched_yield",
              "-p",
              process);
    };
  }

  private static String run(List<String> words, int seconds) throws MeasuringException {
    Process process = null;
    try {
      ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
      builder.environment().put("LC_ALL", "C");
      process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(seconds + MARGIN_SECONDS, TimeUnit.SECONDS)) {
        throw new MeasuringException(words.getFirst() + " does not end");
      }
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new MeasuringException("cannot run " + words.getFirst(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeasuringException("interrupted", e);
    } finally {
      if (process != null) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
  }
}
