package dev.slabmount.fuse.libfuse;

import java.util.List;

/**
 * A target for fuzzing: any arguments of any upcall. What an input stands for is said by {@link
 * UpcallArguments}, what holds by {@link ArgumentFedEnd}. Has to be run by {@link
 * UpcallThread#main}.
 */
public final class UpcallFuzz {
  private static final ArgumentFedEnd END = end(0);

  private UpcallFuzz() {}

  static ArgumentFedEnd end(int overRead) {
    try {
      return new ArgumentFedEnd(overRead);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Calls that make sense. */
  public static List<byte[]> seeds() {
    return UpcallArguments.sensible(END.functions());
  }

  /** Nothing has a meaning of its own. */
  public static List<String> words() {
    return List.of("\0", "\u007f\u007f\u007f\u007f");
  }

  /** Called by Jazzer under this name. */
  public static void fuzzerTestOneInput(byte[] input) throws Throwable {
    END.feed(input);
  }
}
