package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.snapshot.SnapshotProgress;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

  @Test
  void shouldShowBytesDoneAndHowFast() {
    assertEquals(
        "[##########----------]  50 % of 2.0 GiB, 120 of 500 files, 256.0 MiB/s",
        ProgressBar.storing(120, 500, 1L << 30, 2L << 30, 4));
  }

  @Test
  void shouldShowNoSpeedInTheFirstSecond() {
    assertEquals(
        "[--------------------]   0 % of 10 B, 0 of 1 files",
        ProgressBar.storing(0, 1, 0, 10, 0.9));
  }

  @Test
  void shouldGoByFilesWhenAllAreEmpty() {
    assertEquals(
        "[##########----------]  50 % of 0 B, 1 of 2 files", ProgressBar.storing(1, 2, 0, 0, 0));
    assertEquals(
        "[--------------------]   0 % of 0 B, 0 of 0 files", ProgressBar.storing(0, 0, 0, 0, 0));
  }

  @Test
  void shouldStayInsideTheBarWhenFilesGrow() {
    assertEquals(
        "[####################] 100 % of 10 B, 1 of 1 files", ProgressBar.storing(1, 1, 20, 10, 0));
    assertEquals(
        "[--------------------]   0 % of 10 B, 0 of 1 files", ProgressBar.storing(0, 1, -5, 10, 0));
  }

  @Test
  void shouldFitOnALine() {
    final String line =
        ProgressBar.storing(9_999_999, 9_999_999, Long.MAX_VALUE, Long.MAX_VALUE, 1);
    assertTrue(line.length() < 100, line);
  }

  @Test
  void shouldStartByLookingAround() {
    assertEquals("looking around: 0 entries", ProgressBar.line(new SnapshotProgress(), 0));
  }
}
