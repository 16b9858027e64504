package dev.slabmount.core.evict;

/**
 * Queues that blocks pass through, one bit of use, and a boundary that moves: the default.
 *
 * <pre>
 *   new ---> arrivals ---> probation --used--> main ---+
 *    |       (bit down)        |                |  ^---/  used: bit down, round again
 *    |                         v not used       v not used
 *    |                      dropped           dropped
 *    \--dropped lately, and the next of main was not used--> main
 * </pre>
 *
 * <p>It began as {@linkplain S3FifoPolicy S3-FIFO}: a new block passes through a small share of the
 * memory and stays only if it was used there, so that a scan does not push out what is used again.
 * Four things differ.
 *
 * <ul>
 *   <li><b>Arrivals.</b> Uses in the first quarter of the small share do not count: a block that is
 *       read in eight pieces was used once, not eight times.
 *   <li><b>Room flows.</b> While nothing has to go, blocks that fill the small share up spill over
 *       into the rest, and later ones of their size have to prove themselves against them. So a
 *       loop over more than fits keeps hitting what fits. Blocks of another size push them out in
 *       the order in which they came: the memory is wanted for something else now.
 *   <li><b>A contest.</b> A block that comes back soon after it was dropped joins the main queue
 *       only if the block next in line there was not used; otherwise that one's bit pays for it.
 *   <li><b>The boundary moves</b> to where both sides gain alike. A block that comes back right
 *       after the small share dropped it would have been kept by a larger one; a block that comes
 *       back right after the main queue dropped it, by a larger main queue. Each moves the boundary
 *       a little.
 * </ul>
 *
 * <p>A read-ahead that nobody has used yet when its probation ends goes on to the main queue once.
 * Blocks that were flushed start again on probation: whoever wrote them is no reader.
 *
 * <p>{@link #victim} looks at no more than {@value EvictionPolicy#LOOKS_MAX} blocks, and if it
 * finds only such as were used, takes the first of them. Heap: at most 16 bytes per block.
 */
public final class AdaptiveFifoPolicy implements EvictionPolicy {
  private static final int ARRIVALS = 1;
  private static final int PROBATION = 2;
  private static final int MAIN = 3;
  private static final int SPILLED = 4;
  private static final int PARKED = 5;

  /** The small share of the memory at first, at least and at most. */
  private static final double SHARE_FIRST = 0.10;

  private static final double SHARE_MIN = 0.05;
  private static final double SHARE_MAX = 0.60;

  /** The part of the small share in which uses do not count. */
  private static final double ARRIVALS_PART = 0.25;

  /** How far the small share may be overdrawn before blocks flow on without having been used. */
  private static final double OVERDRAFT = 1.1;

  /** And by how many blocks: where few fit at all, they go in the order in which they came. */
  private static final long OVERDRAFT_BLOCKS = 16;

  /** What comes back within this part of the memory says where the boundary should be. */
  private static final double NEAR = 0.10;

  /** How much of a block that came back the boundary moves: the small share grows or shrinks. */
  private static final double GROWTH = 0.25;

  private static final double SHRINKAGE = 0.375;

  /** Keys dropped by the main queue matter only while they are near; see {@link #NEAR}. */
  private static final int MAIN_KEYS_PART = 10;

  /** Most blocks that one admission moves from queue to queue. */
  private static final int MOVES_MAX = 8;

  private final ResidentSlots slots;
  private final SlotQueue arrivals;
  private final SlotQueue probation;
  private final SlotQueue main;

  /** Blocks that flowed on and may never have been used; counted with the main queue. */
  private final SlotQueue spilled;

  private final ParkedSlots parked;
  private final DroppedKeys droppedSmall = new DroppedKeys();
  private final DroppedKeys droppedMain = new DroppedKeys();
  private double share = SHARE_FIRST;

  /** A policy over these slots with nothing in its care. */
  public AdaptiveFifoPolicy(final ResidentSlots slots) {
    this.slots = slots;
    arrivals = new SlotQueue(slots, ARRIVALS);
    probation = new SlotQueue(slots, PROBATION);
    main = new SlotQueue(slots, MAIN);
    spilled = new SlotQueue(slots, SPILLED);
    parked = new ParkedSlots(slots, PARKED);
  }

  @Override
  public void admit(final int slot) {
    if (slots.queue(slot) != NOWHERE) {
      return;
    }
    if (isBack(slot) && mainMakesWay()) {
      main.add(slot);
    } else {
      arrivals.add(slot);
    }
    flow(slots.capacity(slot));
  }

  /** Whether the block was dropped from the small share lately; moves the boundary. */
  private boolean isBack(final int slot) {
    final long hash = slots.keyHash(slot);
    final double total = bytes() + slots.capacity(slot);
    final double step = slots.capacity(slot) / total;
    final long bySmall = droppedSmall.take(hash);
    final boolean back = bySmall != DroppedKeys.UNKNOWN && bySmall < total;
    if (back) {
      if (bySmall < NEAR * total) {
        share = Math.min(SHARE_MAX, share + GROWTH * step);
      }
    } else {
      final long byMain = droppedMain.take(hash);
      if (byMain != DroppedKeys.UNKNOWN && byMain < NEAR * total) {
        share = Math.max(SHARE_MIN, share - SHRINKAGE * step);
      }
    }
    return back;
  }

  /** Whether the block next in line in the main queue was not used; else that costs it its bit. */
  private boolean mainMakesWay() {
    final SlotQueue queue = spilled.count() > 0 ? spilled : main;
    final boolean used = queue.count() > 0 && slots.testAndClearVisited(queue.front());
    if (used) {
      main.add(queue.take());
    }
    return !used;
  }

  /** Moves blocks on that fill their queues up. */
  private void flow(final int blockBytes) {
    for (int moves = MOVES_MAX; moves > 0 && arrivals.bytes() > ARRIVALS_PART * small(); moves--) {
      final int slot = arrivals.take();
      slots.testAndClearVisited(slot);
      probation.add(slot);
    }
    for (int moves = MOVES_MAX;
        moves > 0
            && probation.count() > 0
            && smallBytes() > OVERDRAFT * small() + OVERDRAFT_BLOCKS * blockBytes;
        moves--) {
      spilled.add(probation.take());
    }
  }

  @Override
  public void remove(final int slot) {
    switch (slots.queue(slot)) {
      case ARRIVALS -> arrivals.cutOut(slot);
      case PROBATION -> probation.cutOut(slot);
      case MAIN -> main.cutOut(slot);
      case SPILLED -> spilled.cutOut(slot);
      case PARKED -> parked.release(slot);
      default -> {} // In no queue.
    }
  }

  @Override
  public void flushed(final int slot) {
    if (parked.release(slot)) {
      slots.testAndClearVisited(slot);
      probation.add(slot);
    }
  }

  @Override
  public int victim() {
    int spare = NO_VICTIM;
    for (int looks = 0; looks < LOOKS_MAX && count() > 0; looks++) {
      final SlotQueue queue = nextQueue(spare == NO_VICTIM && looks >= LOOKS_MAX / 2);
      final int slot = queue.take();
      if (slot == spare) {
        spare = NO_VICTIM; // It came round again: what it is now counts, and where it goes.
      }
      if (!slots.isLive(slot)) {
        continue; // Removed from the pool and kept by a pin: whoever drops that frees it.
      }
      if (slots.needsFlush(slot)) {
        parked.park(slot);
      } else if (slots.isPinned(slot)) {
        main.add(slot);
      } else if (slots.testAndClearVisited(slot) || (isSmall(queue) && slots.isUnread(slot))) {
        main.add(slot);
        spare = spare == NO_VICTIM ? slot : spare;
      } else {
        remember(slot, queue);
        return slot;
      }
    }
    if (spare != NO_VICTIM) {
      main.cutOut(spare);
      remember(spare, main);
    }
    return spare;
  }

  /** Whose turn it is; the other's if a search is half over and has found nothing at all. */
  private SlotQueue nextQueue(final boolean other) {
    final boolean fromSmall = (smallBytes() >= small()) != other;
    final int mainSide = main.count() + spilled.count();
    if (mainSide > 0 && (!fromSmall || mainSide == count())) {
      return spilled.count() > 0 ? spilled : main;
    }
    final SlotQueue small = probation.count() > 0 ? probation : arrivals;
    return spilled.count() > 0 && isOfAnotherSize(spilled, small) ? spilled : small;
  }

  private boolean isOfAnotherSize(final SlotQueue one, final SlotQueue other) {
    return slots.capacity(one.front()) != slots.capacity(other.front());
  }

  private boolean isSmall(final SlotQueue queue) {
    return queue == arrivals || queue == probation;
  }

  private void remember(final int slot, final SlotQueue queue) {
    if (isSmall(queue)) {
      droppedSmall.add(slots.keyHash(slot), slots.capacity(slot), count());
    } else {
      droppedMain.add(slots.keyHash(slot), slots.capacity(slot), count() / MAIN_KEYS_PART);
    }
  }

  @Override
  public void restore(final int slot) {
    if (slots.queue(slot) == NOWHERE) {
      droppedSmall.take(slots.keyHash(slot));
      droppedMain.take(slots.keyHash(slot));
      main.add(slot); // It was pinned just now: used again.
    }
  }

  @Override
  public int oldestParked() {
    return parked.oldest();
  }

  @Override
  public int count() {
    return arrivals.count() + probation.count() + spilled.count() + main.count();
  }

  /** Bytes that arrivals and probation should have. */
  private double small() {
    return share * bytes();
  }

  private long smallBytes() {
    return arrivals.bytes() + probation.bytes();
  }

  private long bytes() {
    return smallBytes() + spilled.bytes() + main.bytes();
  }

  /** The part of the memory that the small share should have. */
  double share() {
    return share;
  }

  /** Bytes of heap that remembered keys take. */
  long heapBytes() {
    return droppedSmall.heapBytes() + droppedMain.heapBytes();
  }
}
