package dev.slabmount.bench.pool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a process has mapped, by {@code proc_pid_smaps(5)}. Immutable.
 *
 * @param all in the order of their addresses
 */
record Mappings(List<Mapping> all) {
  private static final String RESIDENT = "Rss:";

  /**
   * One mapping.
   *
   * @param from first address
   * @param to address behind the last one
   * @param anonymous whether no file and no name belongs to it
   * @param residentBytes of memory that it takes
   */
  record Mapping(long from, long to, boolean anonymous, long residentBytes) {
    /** Whether the address is in it. */
    boolean has(long address) {
      return from <= address && address < to;
    }

    private boolean isNewBeside(Mappings earlier) {
      long covered = 0;
      for (Mapping old : earlier.all) {
        covered += Math.max(0, Math.min(to, old.to) - Math.max(from, old.from));
      }
      return covered < to - from;
    }
  }

  /** Those of a process, now. */
  static Mappings of(long pid) throws IOException {
    return parse(Files.readAllLines(Path.of("/proc", String.valueOf(pid), "smaps")));
  }

  /** Reads the lines of the file. */
  static Mappings parse(List<String> lines) {
    List<Mapping> all = new ArrayList<>();
    long from = 0;
    long to = 0;
    boolean anonymous = false;
    for (String line : lines) {
      if (line.startsWith(RESIDENT)) {
        String kilobytes = line.substring(RESIDENT.length()).strip().split(" ", -1)[0];
        all.add(new Mapping(from, to, anonymous, Long.parseLong(kilobytes) << 10));
      } else if (isHead(line)) {
        int dash = line.indexOf('-');
        from = HexFormat.fromHexDigitsToLong(line.substring(0, dash));
        to = HexFormat.fromHexDigitsToLong(line.substring(dash + 1, line.indexOf(' ')));
        anonymous = line.strip().split(" +", -1).length == 5;
      }
    }
    return new Mappings(List.copyOf(all));
  }

  private static boolean isHead(String line) {
    int dash = line.indexOf('-');
    return dash > 0
        && dash <= 16
        && Character.digit(line.charAt(0), 16) >= 0
        && line.indexOf(':') > dash;
  }

  /** The anonymous ones that are not, or not wholly, among earlier ones. */
  Mappings since(Mappings earlier) {
    return new Mappings(
        all.stream().filter(mapping -> mapping.anonymous && mapping.isNewBeside(earlier)).toList());
  }

  /** Those that have a byte in common with one of the others. */
  Mappings touching(Mappings others) {
    return new Mappings(
        all.stream()
            .filter(mapping ->
                others.all.stream()
                    .anyMatch(other -> mapping.from < other.to && other.from < mapping.to))
            .toList());
  }

  /** Memory that all of them take. */
  long residentBytes() {
    return all.stream().mapToLong(Mapping::residentBytes).sum();
  }

  /** Memory that those take in which this address is not. */
  long residentBytesWithout(long address) {
    return all.stream()
        .filter(mapping -> !mapping.has(address))
        .mapToLong(Mapping::residentBytes)
        .sum();
  }
}
