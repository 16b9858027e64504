package dev.slabmount.vfs.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VerifiedObjectsTest {

  private final VerifiedObjects verified = new VerifiedObjects();

  @Test
  void shouldAgreeWithAMap() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final Map<ContentHash, ObjectVersion> model = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      // Few bits differ, so that entries meet in one stripe and in one run of the table.
      final ContentHash hash = new ContentHash(random.nextInt(64), random.nextInt(512));
      final ObjectVersion version = version(random.nextInt(3) + 1);
      assertEquals(
          version.equals(model.get(hash)), verified.contains(hash, version), "seed " + seed);
      if (random.nextInt(4) == 0) {
        verified.remember(hash, version);
        model.put(hash, version);
      }
    }
    assertEquals(model.size(), verified.count(), "seed " + seed);
  }

  @Test
  void shouldKeepOnlyTheLastVersion() {
    final ContentHash hash = new ContentHash(1, 2);
    verified.remember(hash, version(1));
    verified.remember(hash, version(2));
    assertFalse(verified.contains(hash, version(1)));
    assertTrue(verified.contains(hash, version(2)));
    assertEquals(1, verified.count());
  }

  @Test
  void shouldTellObjectsApartByEitherHalf() {
    verified.remember(new ContentHash(0, 0), version(1));
    assertTrue(verified.contains(new ContentHash(0, 0), version(1)));
    assertFalse(verified.contains(new ContentHash(16, 0), version(1)));
    assertFalse(verified.contains(new ContentHash(0, 16), version(1)));
  }

  private static ObjectVersion version(final int number) {
    return new ObjectVersion(0, number, 0, true);
  }
}
