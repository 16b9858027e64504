package dev.slabmount.bench.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/perf/fuse.md says of the figures, and that each gets all its rounds. */
class TableTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "perf", "fuse.md");
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  /** The names in code type; one that begins with a hyphen continues the first of its list. */
  private static List<String> names(String text) {
    List<String> names = new ArrayList<>();
    Matcher matcher = NAME.matcher(text);
    while (matcher.find()) {
      String name = matcher.group(1);
      if (name.startsWith("-") && !names.isEmpty()) {
        String first = names.getFirst();
        name = first.substring(0, first.lastIndexOf('-')) + name;
      }
      names.add(name);
    }
    return names;
  }

  @Test
  void shouldNameTheFiguresThatOnlyKnows() throws IOException {
    Matcher list =
        Pattern.compile("(?s)`--only` knows(.*?)\\.").matcher(Files.readString(DOCUMENT));
    assertTrue(list.find(), "no list of what --only knows");
    assertEquals(Table.all().stream().map(Figure::name).toList(), names(list.group(1)));
  }

  @Test
  void shouldHaveARowForEachLine() throws IOException {
    List<String> named =
        Files.readAllLines(DOCUMENT).stream()
            .dropWhile(line -> !line.equals("## The rows"))
            .skip(1)
            .takeWhile(line -> !line.startsWith("## "))
            .filter(line -> line.startsWith("| `"))
            .flatMap(line -> names(line.split(" \\| ", -1)[0]).stream())
            .sorted()
            .toList();
    List<String> printed =
        Table.all().stream().flatMap(figure -> figure.rows().stream()).sorted().toList();
    assertEquals(printed, named);
  }

  /** A share that has room for nothing, of a run that has plenty. */
  @Test
  void shouldGetAllRoundsAtTheCostOfTheFiguresToCome() throws Exception {
    Contest contest = new Contest().add("a", () -> 1);
    Rounds.run(contest, Allowance.share(Duration.ofMinutes(1), 0, 1));
    assertEquals(Rounds.ALL, contest.rateRatio("a", "a").pairs());
    Contest late = new Contest().add("a", () -> 1);
    Rounds.run(late, Allowance.share(Duration.ZERO, 1, 1));
    assertEquals(1, late.rateRatio("a", "a").pairs());
  }
}
