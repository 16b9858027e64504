package dev.slabmount.fuse.dev;

import java.util.List;

/** {@link WireFuzz} on an end that believes 8 bytes that nobody sent, which has to be found. */
public final class PlantedWireFuzz {
  private static final int OVER_READ = 8;

  private static final ByteFedEnd END = new ByteFedEnd(OVER_READ);

  private PlantedWireFuzz() {}

  /** Something to begin with. */
  public static List<byte[]> seeds() {
    return List.of(new byte[8]);
  }

  /** As {@link WireFuzz#words}. */
  public static List<String> words() {
    return WireFuzz.words();
  }

  /** Called by Jazzer under this name. */
  public static void fuzzerTestOneInput(byte[] input) {
    END.feed(WireFuzz.request(input));
  }
}
