package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a mount says of itself. */
class MountReportTest {

  @Test
  void shouldHaveEveryFigureInTheDocuments() throws IOException {
    final String document = Files.readString(Path.of("../docs/CLI.md"));
    final List<String> missing = new ArrayList<>();
    for (final RecordComponent object : MountReport.class.getRecordComponents()) {
      final RecordComponent[] figures = recordOf(object).getRecordComponents();
      assertTrue(figures.length > 0, object.getName());
      for (final RecordComponent figure : figures) {
        if (!document.contains("`" + figure.getName() + "`")) {
          missing.add(object.getName() + "." + figure.getName());
        }
      }
    }
    assertEquals(List.of(), missing, "not named under 'stats' in docs/CLI.md");
  }

  /** What an object of the report is, or each of a list of them. */
  private static Class<?> recordOf(final RecordComponent object) {
    return object.getGenericType() instanceof ParameterizedType list
        ? (Class<?>) list.getActualTypeArguments()[0]
        : object.getType();
  }

  @ParameterizedTest
  @CsvSource({
    "PT0.9S, 0 s",
    "PT59S, 59 s",
    "PT60S, 1 min 0 s",
    "PT3H4M5S, 3 h 4 min",
    "PT49H, 2 d 1 h"
  })
  void shouldSayHowLongInTwoUnits(final Duration duration, final String said) {
    assertEquals(said, MountReport.spoken(duration));
  }
}
