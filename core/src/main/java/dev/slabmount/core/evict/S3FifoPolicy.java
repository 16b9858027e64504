package dev.slabmount.core.evict;

/**
 * S3-FIFO: three queues, so that blocks that are read once pass through quickly.
 *
 * <p>A new block enters the <em>small</em> queue, which holds about a tenth of the memory. If it
 * was used again by the time it comes to the front, it goes on to the <em>main</em> queue;
 * otherwise it is dropped and its key's hash remembered in the <em>ghost</em> queue. A block whose
 * hash is still remembered when it comes back enters the main queue at once. The main queue works
 * like CLOCK.
 *
 * <p>J. Yang, Y. Zhang, Z. Qiu, Y. Yue, R. Vinayak, "FIFO queues are all you need for cache
 * eviction", SOSP 2023. Differences: one bit of use and not a counter to three, because the bit is
 * set for free inside the atomic operation that pins; sizes are counted in bytes of slot capacity.
 */
public final class S3FifoPolicy implements EvictionPolicy {
  private static final int SMALL = 1;
  private static final int MAIN = 2;
  private static final int PARKED = 3;

  /** The small queue's share of the memory: one part in this many, as in the paper. */
  private static final int SMALL_SHARE = 10;

  private final ResidentSlots slots;
  private final SlotQueue small;
  private final SlotQueue main;
  private final ParkedSlots parked;
  private final DroppedKeys ghost = new DroppedKeys();

  /** A policy over these slots with nothing in its care. */
  public S3FifoPolicy(final ResidentSlots slots) {
    this.slots = slots;
    small = new SlotQueue(slots, SMALL);
    main = new SlotQueue(slots, MAIN);
    parked = new ParkedSlots(slots, PARKED);
  }

  @Override
  public void admit(final int slot) {
    if (slots.queue(slot) == NOWHERE) {
      final long dropped = ghost.take(slots.keyHash(slot)); // Bytes dropped since.
      final boolean isGhost = dropped != DroppedKeys.UNKNOWN && dropped < bytes();
      (isGhost ? main : small).add(slot);
    }
  }

  @Override
  public void remove(final int slot) {
    switch (slots.queue(slot)) {
      case SMALL -> small.cutOut(slot);
      case MAIN -> main.cutOut(slot);
      case PARKED -> parked.release(slot);
      default -> {} // In no queue.
    }
  }

  @Override
  public void flushed(final int slot) {
    if (parked.release(slot)) {
      main.add(slot);
    }
  }

  @Override
  public int victim() {
    for (int looks = 0; looks < LOOKS_MAX && count() > 0; looks++) {
      final SlotQueue queue = nextQueue(looks >= LOOKS_MAX / 2);
      final int slot = queue.take();
      if (!slots.isLive(slot)) {
        continue; // Removed from the pool and kept by a pin: whoever drops that frees it.
      }
      if (slots.needsFlush(slot)) {
        parked.park(slot);
      } else if (slots.testAndClearVisited(slot)) {
        main.add(slot);
      } else if (slots.isPinned(slot)) {
        queue.add(slot);
      } else {
        if (queue == small) {
          ghost.add(slots.keyHash(slot), slots.capacity(slot), count());
        }
        return slot;
      }
    }
    return NO_VICTIM;
  }

  /** Whose turn it is; the other's if a search is half over. */
  private SlotQueue nextQueue(final boolean other) {
    final boolean fromSmall = (small.bytes() * SMALL_SHARE >= bytes()) != other;
    return main.count() == 0 || (fromSmall && small.count() > 0) ? small : main;
  }

  @Override
  public void restore(final int slot) {
    if (slots.queue(slot) == NOWHERE) {
      main.add(slot); // It was pinned just now: used again.
    }
  }

  @Override
  public int oldestParked() {
    return parked.oldest();
  }

  @Override
  public int count() {
    return small.count() + main.count();
  }

  private long bytes() {
    return small.bytes() + main.bytes();
  }
}
