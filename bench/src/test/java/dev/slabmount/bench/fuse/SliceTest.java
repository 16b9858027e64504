package dev.slabmount.bench.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.bench.report.MeasuringException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from the client's line. */
class SliceTest {

  @Test
  void shouldReadEachFieldAndShareTheServersTimeOut() throws MeasuringException {
    Slice slice = Slice.parse("2000 0.5 10.25 20 40.5 999\n", Duration.ofMillis(7));
    assertEquals(4000, slice.rate());
    assertEquals(10.25, slice.medianMicros());
    assertEquals(40.5, slice.p99Micros());
    assertEquals(3.5, slice.serverMicros());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1 2 3", "1 2 3 4 5 6 7", "many 0.5 1 2 3 4"})
  void shouldRefuseAnotherLine(String said) {
    MeasuringException refused =
        assertThrows(MeasuringException.class, () -> Slice.parse(said, Duration.ZERO));
    assertTrue(refused.getMessage().contains("load printed '" + said), refused.getMessage());
  }

  @Test
  void shouldFindResidentMemoryAmongTheOtherLines() throws MeasuringException {
    assertEquals(75, Resident.parse("VmHWM:\t  90000 kB\nVmRSS:\t   76800 kB\nRssAnon:\t 1 kB\n"));
    assertThrows(MeasuringException.class, () -> Resident.parse("VmHWM:\t  90000 kB\n"));
  }
}
