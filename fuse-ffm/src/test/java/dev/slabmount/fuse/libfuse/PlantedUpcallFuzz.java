package dev.slabmount.fuse.libfuse;

import java.util.List;

/** {@link UpcallFuzz} on an end that believes 8 bytes that nobody sent, which has to be found. */
public final class PlantedUpcallFuzz {
  private static final int OVER_READ = 8;

  private static final ArgumentFedEnd END = UpcallFuzz.end(OVER_READ);

  private PlantedUpcallFuzz() {}

  /** Something to begin with. */
  public static List<byte[]> seeds() {
    return List.of(new byte[60]);
  }

  /** As {@link UpcallFuzz#words}. */
  public static List<String> words() {
    return UpcallFuzz.words();
  }

  /** Called by Jazzer under this name. */
  public static void fuzzerTestOneInput(byte[] input) throws Throwable {
    END.feed(input);
  }
}
