package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests of every kind with bytes changed, lost, added; see {@link ByteFedEnd} for what holds.
 */
@Timeout(60)
class RandomRequestsTest {
  private static final int REQUESTS = 200_000;
  private static final int HEADER = 40;
  private static final long[] INTERESTING = {
    0,
    1,
    5,
    4096,
    1 << 20,
    (1 << 20) + 1,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    -1,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    0x8000_0000L,
    0xFFFF_FFFFL
  };

  private final long seed = Long.getLong("slabmount.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private byte[] changed(byte[] original) {
    byte[] bytes = original.clone();
    switch (random.nextInt(4)) {
      case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(300));
      default -> {
        // As long as it was.
      }
    }
    for (int changes = random.nextInt(4); changes > 0 && bytes.length >= 8; changes--) {
      if (random.nextBoolean()) {
        int from = Math.min(bytes.length - 1, random.nextInt(4) == 0 ? 0 : HEADER);
        bytes[random.nextInt(from, bytes.length)] = (byte) random.nextInt();
      } else {
        int at = random.nextInt(bytes.length / 8) * 8;
        WireMessage.of(bytes).putLong(at, INTERESTING[random.nextInt(INTERESTING.length)]);
      }
    }
    if (bytes.length >= 16 && random.nextInt(8) != 0) {
      WireMessage.of(bytes).putInt(0, bytes.length);
    }
    return bytes;
  }

  @Test
  void shouldSurviveWhateverTheKernelSends() {
    List<byte[]> sensible = SensibleRequests.all();
    try (ByteFedEnd end = new ByteFedEnd()) {
      for (int i = 0; i < REQUESTS; i++) {
        byte[] bytes = changed(sensible.get(random.nextInt(sensible.size())));
        try {
          end.feed(bytes);
        } catch (Throwable e) {
          throw new AssertionError(
              "seed " + seed + ", request " + i + ": " + HexFormat.of().formatHex(bytes), e);
        }
      }
      assertTrue(end.calls() > REQUESTS / 10, "many get through: " + end.calls());
    }
  }

  @Test
  void shouldCarryOutWhatMakesSense() {
    try (ByteFedEnd end = new ByteFedEnd()) {
      long operations = 0;
      for (byte[] bytes : SensibleRequests.all()) {
        end.feed(bytes);
        WireOpcode opcode = WireOpcode.of(WireMessage.of(bytes).getInt(4));
        operations += opcode.operation() != null || opcode == WireOpcode.FORGET ? 1 : 0;
      }
      assertEquals(operations + 3, end.calls(), "and three forgets of a batch");
    }
  }

  @Test
  void shouldFindABufferThatIsReadTooFar() {
    List<byte[]> sensible = SensibleRequests.all();
    try (ByteFedEnd end = new ByteFedEnd(8)) {
      AssertionError found =
          assertThrows(
              AssertionError.class,
              () -> {
                for (int i = 0; i < REQUESTS; i++) {
                  end.feed(changed(sensible.get(random.nextInt(sensible.size()))));
                }
              });
      assertTrue(found.getMessage().contains("left-overs"), found.toString());
    }
  }
}
