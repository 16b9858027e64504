package dev.slabmount.fuse.libfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Upcalls with arguments of any kind; see {@link ArgumentFedEnd} for what holds. */
@Timeout(60)
class RandomUpcallsTest {
  private static final int CALLS = 100_000;
  private static final int LONGEST = 400;

  private final long seed = Long.getLong("slabmount.test.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private byte[] next(List<byte[]> sensible) {
    if (random.nextBoolean()) {
      byte[] bytes = new byte[random.nextInt(LONGEST)];
      random.nextBytes(bytes);
      return bytes;
    }
    byte[] bytes = sensible.get(random.nextInt(sensible.size())).clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  private void feed(ArgumentFedEnd end, int calls) {
    List<byte[]> sensible = UpcallArguments.sensible(end.functions());
    for (int i = 0; i < calls; i++) {
      byte[] bytes = next(sensible);
      try {
        end.feed(bytes);
      } catch (Throwable e) {
        throw new AssertionError(
            "seed " + seed + ", call " + i + ": " + HexFormat.of().formatHex(bytes), e);
      }
    }
  }

  @Test
  void shouldSurviveWhateverAnUpcallIsGiven() throws Throwable {
    UpcallThread.run(() -> {
      try (ArgumentFedEnd end = new ArgumentFedEnd()) {
        feed(end, CALLS);
        assertTrue(end.calls() > CALLS / 10, "many get through: " + end.calls());
      }
    });
  }

  @Test
  void shouldCarryOutWhatMakesSense() throws Throwable {
    UpcallThread.run(() -> {
      try (ArgumentFedEnd end = new ArgumentFedEnd()) {
        for (byte[] bytes : UpcallArguments.sensible(end.functions())) {
          end.feed(bytes);
        }
        assertEquals(end.functions().size(), end.calls());
      }
    });
  }

  @Test
  void shouldFindABufferThatIsReadTooFar() throws Throwable {
    UpcallThread.run(() -> {
      try (ArgumentFedEnd end = new ArgumentFedEnd(8)) {
        AssertionError found = assertThrows(AssertionError.class, () -> feed(end, CALLS));
        assertTrue(found.getCause().getMessage().contains("left-overs"), found.toString());
      }
    });
  }
}
