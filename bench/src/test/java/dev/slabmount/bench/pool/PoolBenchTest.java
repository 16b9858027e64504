package dev.slabmount.bench.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command line refuses before anything is measured: one line, exit code 2. */
class PoolBenchTest {

  @ParameterizedTest
  @CsvSource({
    "--only, typo, finds none of",
    "--only, (, is no regular expression",
    "--transport, dev, usage"
  })
  void shouldRefuseInOneLine(String option, String value, String why) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream complaints = new ByteArrayOutputStream();
    int code =
        PoolBench.run(
            new String[] {"1", option, value},
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(complaints, true, StandardCharsets.UTF_8));
    assertEquals(2, code);
    assertEquals("", out.toString(StandardCharsets.UTF_8));
    String said = complaints.toString(StandardCharsets.UTF_8);
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.startsWith("bench-pool: ") && said.contains(why), said);
  }
}
