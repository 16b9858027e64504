package dev.slabmount.fuse.dev;

import java.util.List;

/**
 * A target for fuzzing: any bytes as what the kernel sends. An input is a request as it lies in the
 * buffer; its length is put into its header unless its first byte is odd, because a wrong one ends
 * everything at once. What holds is said by {@link ByteFedEnd}.
 */
public final class WireFuzz {
  private static final int LEN_BYTES = 4;

  private static final ByteFedEnd END = new ByteFedEnd();

  private WireFuzz() {}

  /** Requests that make sense. */
  public static List<byte[]> seeds() {
    return SensibleRequests.all();
  }

  /** Numbers and names that have a meaning somewhere. */
  public static List<String> words() {
    return List.of(
        "first",
        "second\0",
        "\0",
        "\u0001\0\0\0\0\0\0\0",
        "\0\0\u0010\0",
        "\u007f\u007f\u007f\u007f");
  }

  /** Called by Jazzer under this name. */
  public static void fuzzerTestOneInput(byte[] input) {
    END.feed(request(input));
  }

  /** The request that an input stands for. */
  static byte[] request(byte[] input) {
    if (input.length < LEN_BYTES || (input[0] & 1) != 0) {
      return input;
    }
    byte[] request = input.clone();
    WireMessage.of(request).putInt(0, request.length);
    return request;
  }
}
