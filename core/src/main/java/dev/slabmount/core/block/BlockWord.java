package dev.slabmount.core.block;

/**
 * The state word of a slot: its bits, its states, and every change that it may undergo, as pure
 * functions.
 *
 * <pre>
 *  63   60 59   56 55                     32 31                              0
 *  +-------+-------+------------------------+---------------------------------+
 *  | state | flags |          pins          |           generation            |
 *  +-------+-------+------------------------+---------------------------------+
 *
 *  flags: 56 INODE_KEYED   57 NEEDS_FLUSH   58 VISITED   59 AHEAD
 *
 *                              pin, unpin, needs-flush on/off, visited on/off
 *                                         +---+
 *                                         |   v
 *   FREE --claim--> CLAIMED --publish--> LIVE --evict---> REMOVED --free--> FREE
 *    ^                 |                  | \---remove--->  |  (unpin)
 *    |                 |                  | <--revive-----/
 *    |                 |                  \-----move----> MOVED --free----> FREE
 *    +-----abandon-----+
 * </pre>
 *
 * <dl>
 *   <dt>FREE
 *   <dd>belongs to the allocator; everything but the generation is zero
 *   <dt>CLAIMED
 *   <dd>belongs to the thread that took it, which fills it; nobody else can find it
 *   <dt>LIVE
 *   <dd>in the index; the only state that can be pinned
 *   <dt>REMOVED
 *   <dd>out of the index for good; lives on until its last pin is gone
 *   <dt>MOVED
 *   <dd>out of the index because the block lives on in the slot that the header's forward field
 *       names, which this slot keeps pinned; lives on until its own last pin is gone
 *   <dt>pins
 *   <dd>up with pin and publish, down with unpin; a slot is never freed while it is above zero
 *   <dt>generation
 *   <dd>up by one whenever the slot becomes FREE, so that a token from an earlier life is told
 *       apart
 *   <dt>NEEDS_FLUSH
 *   <dd>the content is nowhere else; such a block is not evicted
 *   <dt>VISITED
 *   <dd>pinned since the eviction policy looked last
 *   <dt>AHEAD
 *   <dd>loaded before anybody asked for it, and not asked for since
 * </dl>
 *
 * The change to REMOVED or MOVED and the change to zero pins are both atomic on this word, so
 * exactly one of the two threads sees an {@linkplain #isFreeable unlinked word without pins}: that
 * one frees the slot, or {@linkplain ContentLatch#leaveToWriter leaves that to a writer inside}.
 */
public final class BlockWord {
  static final int STATE_SHIFT = 60;
  static final int PINS_SHIFT = 32;

  static final long FREE = 0L;
  static final long CLAIMED = 1L << STATE_SHIFT;
  static final long LIVE = 2L << STATE_SHIFT;
  static final long REMOVED = 3L << STATE_SHIFT;
  static final long MOVED = 4L << STATE_SHIFT;

  static final long STATE_MASK = 0xFL << STATE_SHIFT;

  /** Where the generation lies. */
  public static final long GENERATION_MASK = 0xFFFF_FFFFL;

  static final long PIN = 1L << PINS_SHIFT;

  /** Most pins on one slot, 2^24 − 1. */
  static final int PINS_MAX = (1 << 24) - 1;

  static final long PINS_MASK = (long) PINS_MAX << PINS_SHIFT;

  /** The block belongs to an inode and may be written. */
  public static final long INODE_KEYED = 1L << 56;

  /** The block's content is nowhere else. */
  public static final long NEEDS_FLUSH = 1L << 57;

  /** The block was pinned since the eviction policy looked last. */
  public static final long VISITED = 1L << 58;

  /** The block was loaded before anybody asked for it, and was not pinned since. */
  public static final long AHEAD = 1L << 59;

  private static final long FLAGS_MASK = INODE_KEYED | NEEDS_FLUSH | VISITED | AHEAD;

  private BlockWord() {}

  // ---- Questions ----

  /** The pins of this word, 0 to 2^24 − 1. */
  public static int pins(final long word) {
    return (int) ((word & PINS_MASK) >>> PINS_SHIFT);
  }

  /** The generation of this word. */
  public static int generation(final long word) {
    return (int) word;
  }

  /** Whether all of these flags are up. */
  public static boolean has(final long word, final long flags) {
    return (word & flags) == flags;
  }

  /** Whether the slot belongs to the allocator. */
  public static boolean isFree(final long word) {
    return (word & STATE_MASK) == FREE;
  }

  /** Whether the slot is being filled. */
  public static boolean isClaimed(final long word) {
    return (word & STATE_MASK) == CLAIMED;
  }

  /** Whether the slot holds a block that can be found. */
  public static boolean isLive(final long word) {
    return (word & STATE_MASK) == LIVE;
  }

  /** Whether the slot holds a block of this kind that can be found. */
  public static boolean isLive(final long word, final boolean inodeKeyed) {
    return (word & (STATE_MASK | INODE_KEYED)) == (inodeKeyed ? LIVE | INODE_KEYED : LIVE);
  }

  /** Whether the block lives on in another slot. */
  public static boolean isMoved(final long word) {
    return (word & STATE_MASK) == MOVED;
  }

  /** Whether the block was removed for good. */
  public static boolean isRemoved(final long word) {
    return (word & STATE_MASK) == REMOVED;
  }

  /** Whether the slot is out of the index and nobody holds it: it must be freed, by one thread. */
  public static boolean isFreeable(final long word) {
    return (isRemoved(word) || isMoved(word)) && pins(word) == 0;
  }

  /** Whether the block may be dropped to make room: live, not pinned, safe elsewhere. */
  public static boolean isEvictable(final long word) {
    return (word & (STATE_MASK | PINS_MASK | NEEDS_FLUSH)) == LIVE;
  }

  /** Whether a write to the block leads to no other word than a pin and an unpin would. */
  static boolean isRewritable(final long word) {
    return (word & (STATE_MASK | FLAGS_MASK)) == (LIVE | INODE_KEYED | NEEDS_FLUSH | VISITED);
  }

  // ---- Changes ----

  /** FREE → CLAIMED. */
  static long claim(final long word) {
    assert isFree(word) : describe(word);
    assert (word & ~GENERATION_MASK) == 0 : describe(word);
    return word | CLAIMED;
  }

  /** CLAIMED → LIVE, with these flags and pins. */
  static long publish(final long word, final long flags, final int pins) {
    assert isClaimed(word) : describe(word);
    assert (flags & ~FLAGS_MASK) == 0 : flags;
    assert pins > 0 && pins <= PINS_MAX : pins;
    return LIVE | flags | (pins * PIN) | (word & GENERATION_MASK);
  }

  /** CLAIMED → FREE: the block never came to be. */
  static long abandon(final long word) {
    assert isClaimed(word) : describe(word);
    return nextLife(word);
  }

  /** LIVE → LIVE, with one pin more, visited, and no longer ahead. */
  static long pin(final long word) {
    return pin(word, 1);
  }

  /** LIVE → LIVE, with more pins, visited, and no longer ahead. */
  static long pin(final long word, final int more) {
    assert isLive(word) : describe(word);
    return (addPins(word, more) | VISITED) & ~AHEAD;
  }

  /** LIVE → LIVE, with one pin more and otherwise as before. */
  static long hold(final long word) {
    assert isLive(word) : describe(word);
    return addPins(word, 1);
  }

  /** A state with pins → the same, with one pin more. */
  static long pinAgain(final long word) {
    assert pins(word) > 0 : describe(word);
    return addPins(word, 1);
  }

  /** Any state that can have pins → the same, with one pin less. */
  static long unpin(final long word) {
    assert pins(word) > 0 : describe(word);
    return word - PIN;
  }

  /** LIVE → REMOVED; only if {@link #isEvictable}. */
  static long evict(final long word) {
    assert isEvictable(word) : describe(word);
    return remove(word);
  }

  /** LIVE → REMOVED, whatever pins and flags it has. */
  static long remove(final long word) {
    assert isLive(word) : describe(word);
    return (word & ~(STATE_MASK | NEEDS_FLUSH)) | REMOVED;
  }

  /** REMOVED without pins → the live word that it had before. */
  static long revive(final long word, final long before) {
    assert isRemoved(word) && pins(word) == 0 : describe(word);
    assert isLive(before) && generation(before) == generation(word) : describe(before);
    return before;
  }

  /** LIVE → MOVED. */
  static long move(final long word) {
    assert isLive(word) : describe(word);
    return (word & ~(STATE_MASK | NEEDS_FLUSH)) | MOVED;
  }

  /** REMOVED or MOVED without pins → FREE. */
  static long free(final long word) {
    assert isFreeable(word) : describe(word);
    return nextLife(word);
  }

  /** LIVE → LIVE, needing flush. */
  static long needFlush(final long word) {
    assert isLive(word) : describe(word);
    return word | NEEDS_FLUSH;
  }

  /** LIVE → LIVE, not needing flush. */
  static long flushed(final long word) {
    assert isLive(word) : describe(word);
    return word & ~NEEDS_FLUSH;
  }

  /** LIVE → LIVE, not visited. */
  static long forgetVisit(final long word) {
    assert isLive(word) : describe(word);
    return word & ~VISITED;
  }

  private static long addPins(final long word, final int more) {
    if (pins(word) > PINS_MAX - more) {
      throw new IllegalStateException("too many pins on one block: " + describe(word));
    }
    return word + more * PIN;
  }

  private static long nextLife(final long word) {
    return (word + 1) & GENERATION_MASK;
  }

  /** The word in words, for messages. */
  public static String describe(final long word) {
    final String state =
        switch ((int) (word >>> STATE_SHIFT)) {
          case 0 -> "FREE";
          case 1 -> "CLAIMED";
          case 2 -> "LIVE";
          case 3 -> "REMOVED";
          case 4 -> "MOVED";
          default -> "no state " + (word >>> STATE_SHIFT);
        };
    return state
        + (has(word, INODE_KEYED) ? " INODE_KEYED" : "")
        + (has(word, NEEDS_FLUSH) ? " NEEDS_FLUSH" : "")
        + (has(word, VISITED) ? " VISITED" : "")
        + (has(word, AHEAD) ? " AHEAD" : "")
        + ", pins "
        + pins(word)
        + ", generation "
        + Integer.toUnsignedString(generation(word));
  }
}
