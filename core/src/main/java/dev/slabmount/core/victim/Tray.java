package dev.slabmount.core.victim;

import dev.slabmount.core.slab.ShortLock;
import dev.slabmount.core.victim.Victims.Victim;
import java.util.Arrays;

/** Proposals that nobody has taken up yet; under its lock, but for looks at the count. */
final class Tray {
  /** Most proposals that it holds. */
  static final int SIZE = 8;

  final ShortLock lock = new ShortLock();
  final Victim[] proposals = new Victim[SIZE];
  volatile int count;

  Tray() {
    Arrays.setAll(proposals, i -> new Victim());
  }

  /** Takes the last one out; false if there is none. */
  boolean take(final Victim into) {
    final int left = count - 1;
    if (left < 0) {
      return false;
    }
    final Victim victim = proposals[left];
    into.slot = victim.slot;
    into.generation = victim.generation;
    into.hash = victim.hash;
    count = left;
    return true;
  }
}
