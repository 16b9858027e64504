package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FetchRoomTest {
  private static final int PAGE = 4096;

  @Test
  void shouldNotLetLoadsAheadPassThoseThatWait() throws Exception {
    final FetchRoom room = new FetchRoom(256 << 10, PAGE); // Small blocks may hold 64 KiB of it.
    room.enter(15 * PAGE);
    assertTrue(room.tryEnter(PAGE));
    assertFalse(room.tryEnter(PAGE), "there is no more");
    room.leave(PAGE);
    final Thread waiting =
        Thread.ofPlatform()
            .start(() -> {
              try {
                room.enter(2 * PAGE);
              } catch (final InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            });
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertFalse(room.tryEnter(PAGE), "it is for who waits");
    room.leave(15 * PAGE);
    assertTrue(waiting.join(Duration.ofSeconds(20)));
    assertTrue(room.tryEnter(PAGE));
  }
}
