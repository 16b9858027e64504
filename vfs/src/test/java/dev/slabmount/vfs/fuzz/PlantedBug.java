package dev.slabmount.vfs.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A target with a bug, to see that fuzzing finds one. */
public final class PlantedBug {

  private PlantedBug() {}

  /** Does not have the bug. */
  public static List<byte[]> seeds() {
    return List.of("{\"size\":10}".getBytes(StandardCharsets.UTF_8));
  }

  /** Pieces of inputs. */
  public static List<String> words() {
    return List.of("-1", "{", "}", "0");
  }

  /** Called by Jazzer under this name. */
  public static void fuzzerTestOneInput(final byte[] input) {
    final String text = new String(input, StandardCharsets.ISO_8859_1);
    if (text.startsWith("{\"size\":-")) {
      throw new IllegalStateException("the planted bug");
    }
  }
}
