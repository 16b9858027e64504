package dev.slabmount.bench.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.TransportKind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which lines a load gets, and what each of them says of these slices. */
class LoadReportTest {
  private static final String C = "C, one thread";
  private static final Load LOAD =
      Load.timed("row", "read", 1, Goals.of(1.0, 0.9).andToJfuse(3, 2).andTime(0.95, 1.05));

  @TempDir private Path temp;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Report report = new Report(new PrintStream(bytes, true, StandardCharsets.UTF_8));
  private final Results results = new Results(List.of(LOAD));

  private Lineup lineup() throws MeasuringException {
    Workplace place = new Workplace(temp, List.of(), List.of(), "bench-fuse");
    return new Lineup(place, Setting.unpinned());
  }

  /** A second of so many operations, each with so much of the server's time. */
  private void showed(String name, long operations, double serverMicros) {
    results.record(LOAD, name, new Slice(operations, 1, 5, 9, serverMicros));
  }

  private List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void shouldJudgeRateProcessorTimeAndThePeer() throws Exception {
    for (int i = 0; i < Rounds.ALL; i++) {
      showed(C, 1000, 4);
      showed("dev", 1100, 4);
      showed(Lineup.JFUSE, 500, 8);
      showed(Lineup.JNR, 250, 8);
    }
    try (Lineup lineup = lineup()) {
      new LoadReport(report, results, LOAD, C, lineup).report(List.of(TransportKind.DEV));
    }
    List<String> lines = lines();
    assertEquals(5, lines.size(), lines.toString());
    assertTrue(lines.get(0).matches("row +dev +1\\.10 x .*goal >= 1\\.00 x.* PASS"), lines.get(0));
    assertTrue(
        lines.get(1).matches("row-server-cpu +dev +1\\.00 x .*<= 0\\.95.* SHORT"), lines.get(1));
    assertTrue(
        lines.get(2).matches("row-against-jfuse +dev +2\\.20 x .*3\\.00.* SHORT"), lines.get(2));
    assertTrue(lines.get(3).startsWith("# row jFUSE: 0.50 x"), lines.get(3));
    assertTrue(lines.get(4).startsWith("# row jnr-fuse: 0.25 x"), lines.get(4));
  }

  @Test
  void shouldJudgeNothingByFewerPairsThanAll() throws Exception {
    for (int i = 1; i < Rounds.ALL; i++) {
      showed(C, 1000, 4);
      showed("dev", 9000, 1);
      showed(Lineup.JFUSE, 500, 8);
      showed(Lineup.JNR, 250, 8);
    }
    try (Lineup lineup = lineup()) {
      new LoadReport(report, results, LOAD, C, lineup).report(List.of(TransportKind.DEV));
    }
    String why = " dev could not be measured: the time was over after 8 of 9 rounds";
    assertEquals(
        List.of("row" + why, "row-server-cpu" + why, "row-against-jfuse" + why),
        lines().subList(0, 3));
    assertFalse(report.isComplete());
  }

  @Test
  void shouldSayWhyAPeerIsNotThereAndJudgeNothingByIt() throws Exception {
    for (int i = 0; i < Rounds.ALL; i++) {
      showed(C, 1000, 4);
      showed("libfuse", 1000, 4);
    }
    try (Lineup lineup = lineup()) {
      lineup.drop(Lineup.JFUSE, new MeasuringException("no libfuse3.so.3\nand more"));
      lineup.drop(Lineup.JNR, new MeasuringException("no libfuse.so.2"));
      new LoadReport(report, results, LOAD, C, lineup).report(List.of(TransportKind.LIBFUSE));
    }
    List<String> lines = lines();
    assertEquals(3, lines.size(), lines.toString());
    assertTrue(lines.get(0).endsWith("PASS") && lines.get(1).endsWith("PASS"), lines.toString());
    assertEquals(
        "row-against-jfuse libfuse could not be measured: jFUSE does not run here: no"
            + " libfuse3.so.3",
        lines.get(2));
    assertFalse(report.isComplete());
  }
}
