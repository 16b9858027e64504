package dev.slabmount.bench.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command line refuses before anything is measured: one line, exit code 2. */
class FuseBenchTest {

  @ParameterizedTest
  @CsvSource({
    "1, --only, typo, finds none of",
    "1, --only, (, is no regular expression",
    "1, --transport, carrier-pigeon, is libfuse or dev",
    "1, --fast, yes, unknown option",
    "soon, --only, stat, not 'soon'"
  })
  void shouldRefuseInOneLine(String seconds, String option, String value, String why) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream complaints = new ByteArrayOutputStream();
    int code =
        FuseBench.run(
            new String[] {".", seconds, option, value},
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(complaints, true, StandardCharsets.UTF_8));
    assertEquals(2, code);
    assertEquals("", out.toString(StandardCharsets.UTF_8));
    String said = complaints.toString(StandardCharsets.UTF_8);
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.startsWith("bench-fuse: ") && said.contains(why), said);
  }
}
