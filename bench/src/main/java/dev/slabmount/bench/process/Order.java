package dev.slabmount.bench.process;

import dev.slabmount.bench.report.Figures;
import dev.slabmount.fuse.TransportKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What the command line of a bench that mounts asks for: {@code FOLDER SECONDS [--only REGEX]
 * [--transport NAME]}.
 *
 * @param folder where it works; it is there
 * @param time to be used, about
 * @param figures all of them, or those whose name the expression finds
 * @param transports both, or the one that is named
 */
public record Order(
    Path folder, Duration time, Figures<Workplace> figures, List<TransportKind> transports) {

  /**
   * Reads the arguments.
   *
   * @param all the figures that can be asked for
   * @throws IllegalArgumentException if they mean nothing; its message says what they should be
   */
  public static Order of(String[] arguments, Figures<Workplace> all) {
    if (arguments.length < 2 || arguments.length % 2 != 0) {
      throw new IllegalArgumentException(
          "usage: FOLDER SECONDS [--only REGEX] [--transport libfuse|dev]");
    }
    Path folder = Path.of(arguments[0]);
    Duration time = Duration.ofSeconds(seconds(arguments[1]));
    Figures<Workplace> figures = all;
    List<TransportKind> transports = List.of(TransportKind.values());
    for (int i = 2; i < arguments.length; i += 2) {
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--only" -> figures = all.only(value);
        case "--transport" -> transports = List.of(transport(value));
        default ->
            throw new IllegalArgumentException(
                "unknown option '" + arguments[i] + "'; there are --only and --transport");
      }
    }
    return new Order(folder, time, figures, transports);
  }

  private static long seconds(String word) {
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("SECONDS is a number, not '" + word + "'", e);
    }
  }

  private static TransportKind transport(String name) {
    for (TransportKind transport : TransportKind.values()) {
      if (Workplace.option(transport).equals(name.toLowerCase(Locale.ROOT))) {
        return transport;
      }
    }
    throw new IllegalArgumentException("--transport is libfuse or dev, not '" + name + "'");
  }
}
