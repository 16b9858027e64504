package dev.slabmount.bench.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.bench.report.MeasuringException;
import org.junit.jupiter.api.Test;

/** What the tools print, and what is made of it. */
class SystemCallsTest {

  @Test
  void shouldAddUpWhatPerfCounted() throws Exception {
    String said =
        """
        1204,,syscalls:sys_enter_futex,1001222333,100.00,,
        31,,syscalls:sys_enter_sched_yield,1001222333,100.00,,
        """;
    assertEquals(1235, SystemCalls.PERF.counted(said));
  }

  @Test
  void shouldNotTakeARefusalOfPerfForNothing() {
    String said = "event syntax error: 'syscalls:sys_enter_futex'\n can't access trace events\n";
    assertThrows(MeasuringException.class, () -> SystemCalls.PERF.counted(said));
    String unsupported = "<not supported>,,syscalls:sys_enter_futex,0,100.00,,\n";
    assertThrows(MeasuringException.class, () -> SystemCalls.PERF.counted(unsupported));
  }

  @Test
  void shouldAddUpWhatStraceCounted() throws Exception {
    String said =
        """
        strace: Process 4242 attached with 25 threads
        strace: Process 4242 detached
        % time     seconds  usecs/call     calls    errors syscall
        ------ ----------- ----------- --------- --------- ----------------
         99.99    0.012000           3      3456        12 futex
          0.01    0.000001           1         7           sched_yield
        ------ ----------- ----------- --------- --------- ----------------
        100.00    0.012001           3      3463        12 total
        """;
    assertEquals(3463, SystemCalls.STRACE.counted(said));
  }

  @Test
  void shouldBelieveStraceThatNothingCame() throws Exception {
    assertEquals(0, SystemCalls.STRACE.counted("strace: Process 4242 detached\n"));
  }

  @Test
  void shouldNotTakeARefusalOfStraceForNothing() {
    String said = "strace: attach: ptrace(PTRACE_SEIZE, 4242): Operation not permitted\n";
    assertThrows(MeasuringException.class, () -> SystemCalls.STRACE.counted(said));
  }
}
