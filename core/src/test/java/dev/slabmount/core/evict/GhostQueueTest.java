package dev.slabmount.core.evict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GhostQueueTest {
  private final GhostQueue ghost = new GhostQueue();

  @Test
  void shouldForgetTheOldestBeyondItsLimit() {
    for (long key = 0; key < 100; key++) {
      ghost.add(key, 40);
    }
    assertEquals(40, ghost.count());
    assertFalse(ghost.remove(59));
    assertTrue(ghost.remove(60));
    assertFalse(ghost.remove(60), "only once");
    assertTrue(ghost.remove(99));
  }

  @Test
  void shouldShrinkWhenItsLimitDoes() {
    for (long key = 0; key < 100; key++) {
      ghost.add(key, 100);
    }
    ghost.add(100, 3);
    assertEquals(3, ghost.count());
    ghost.add(101, 0);
    assertEquals(1, ghost.count());
    assertTrue(ghost.remove(101));
  }

  @Test
  void shouldCountAKeyThatWasAddedAgainFromItsLastTime() {
    ghost.add(1, 3);
    ghost.add(2, 3);
    ghost.add(1, 3);
    ghost.add(3, 3); // Pushes out the first 1, which the second has replaced.
    assertTrue(ghost.remove(1));
    assertTrue(ghost.remove(2));
    assertTrue(ghost.remove(3));
  }
}
