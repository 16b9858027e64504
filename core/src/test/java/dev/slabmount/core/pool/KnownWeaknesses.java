package dev.slabmount.core.pool;

import org.junit.jupiter.api.Nested;

/**
 * Weaknesses that pools of this kind are known to have had, one named test each. The names say what
 * must hold instead; what went wrong, and the bug that each test was seen to catch, is in
 * docs/TESTING.md.
 *
 * <ul>
 *   <li>{@link WritingWeaknesses}: W1 to W4, W12 to W14, W17 to W19, R7
 *   <li>{@link KeyWeaknesses}: W7 to W11, R1, R2
 *   <li>{@link RoomWeaknesses}: W5, W6, W15, W16, R3 to R5
 * </ul>
 *
 * <p>R6 is about hits of several threads that write no common cache line; a pool with one lock
 * cannot have that, so its test belongs to the sharded pool alone.
 */
public abstract class KnownWeaknesses implements PoolKind {
  /** For subclasses. */
  protected KnownWeaknesses() {}

  @Nested
  class Writing extends WritingWeaknesses {
    Writing() {
      super(KnownWeaknesses.this);
    }
  }

  @Nested
  class Keys extends KeyWeaknesses {
    Keys() {
      super(KnownWeaknesses.this);
    }
  }

  @Nested
  class Room extends RoomWeaknesses {
    Room() {
      super(KnownWeaknesses.this);
    }
  }
}
