package dev.slabmount.core.index;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.block.KeyProof;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.collections.IntArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The index: shards of key → slot, and beside them owner → its blocks.
 *
 * <p>A thread that wants to link or unlink takes the lock of the key's shard, changes the state
 * word, and calls {@link #link} or {@link #unlink} before it lets go. So under a shard's lock the
 * map and the states agree. What the heap may be too full for, {@link #prepare} does first, before
 * anything has changed.
 *
 * <p>Any thread; the locks are said at each method.
 */
public final class BlockIndex {
  /** No hint. */
  public static final long NO_HINT = SlotHints.NONE;

  private static final int SHARDS_MIN = 64;
  private static final int SHARDS_PER_CPU = 16;

  private static final VarHandle REFS = MethodHandles.arrayElementVarHandle(SlotRef[][].class);

  private final HeaderWords words;
  private final BlockHeaders headers;
  private final IndexShard[] shards;
  private final SlotHints hints;
  private final int shardShift;
  private final OwnerIndex owners;

  /**
   * Per slab, the references of its slots; each grows when the slab first has so many slots, while
   * others look up theirs under locks of their own.
   */
  private final SlotRef[] @Nullable [] refs;

  private final int slotBits;
  private final Runnable beforeGrowth;

  /** An empty index, as below. */
  public BlockIndex(
      final HeaderWords words, final BlockHeaders headers, final int slabs, final int slotBits) {
    this(words, headers, slabs, slotBits, () -> {});
  }

  /**
   * An empty index.
   *
   * @param slabs how many slabs there are
   * @param slotBits how many low bits of a slot number are the index within its slab
   * @param beforeGrowth runs whenever heap may be taken for a slot that is to be linked, which
   *     fails as if there were none if this throws an {@link OutOfMemoryError}
   */
  public BlockIndex(
      final HeaderWords words,
      final BlockHeaders headers,
      final int slabs,
      final int slotBits,
      final Runnable beforeGrowth) {
    this.beforeGrowth = beforeGrowth;
    this.words = words;
    this.headers = headers;
    this.slotBits = slotBits;
    this.refs = new SlotRef[slabs][];
    this.owners = new OwnerIndex(words, headers);
    final int wanted =
        Math.max(SHARDS_MIN, SHARDS_PER_CPU * Runtime.getRuntime().availableProcessors());
    final int shardBits = Integer.SIZE - Integer.numberOfLeadingZeros(wanted - 1);
    shardShift = Long.SIZE - shardBits;
    shards = new IndexShard[1 << shardBits];
    hints = new SlotHints(words, shardBits, slabs << slotBits);
    for (int i = 0; i < shards.length; i++) {
      shards[i] = new IndexShard(words, headers, hints, i);
    }
  }

  /**
   * Looks for a hint where a key may be, without a lock. It proves nothing: see {@link KeyProof}.
   *
   * @return a hint, which has the form of a token: slot number + 1 above, and below the generation
   *     in which the slot got the key; or {@link #NO_HINT}
   */
  public long firstHint(final long hash) {
    return hints.first(hash);
  }

  /** Looks for the hint after one that has led nowhere. */
  public long nextHint(final long hash, final long last) {
    return hints.next(hash, last);
  }

  /** How many shards there are, a power of two. */
  public int shardCount() {
    return shards.length;
  }

  /** The number of the shard for keys with this hash. */
  public int shardNumber(final long hash) {
    return (int) (hash >>> shardShift);
  }

  /** The shard with this number. */
  public IndexShard shard(final int number) {
    return shards[number];
  }

  /** The shard for keys with this hash. */
  public IndexShard shardOf(final long hash) {
    return shards[shardNumber(hash)];
  }

  /** Prepares the references of a slab's first {@code slots} slots; before any of them is taken. */
  public void slabAssigned(final int slab, final int slots) {
    final SlotRef[] old = refs[slab];
    final int oldCount = old == null ? 0 : old.length;
    if (oldCount < slots) {
      final SlotRef[] grown = new SlotRef[slots];
      for (int i = 0; i < slots; i++) {
        grown[i] = old != null && i < oldCount ? old[i] : new SlotRef((slab << slotBits) | i);
      }
      REFS.setRelease(refs, slab, grown); // E25: with what is in it.
    }
  }

  /** The hash of the key in a slot's header, which must be stable. */
  public long hashOf(final int slot) {
    return KeyHash.ofBlock(
        isInodeKeyed(slot), headers.keyHigh(slot), headers.keyLow(slot), headers.block(slot));
  }

  /**
   * Takes the heap that listing a slot needs, and lists it with its owner's, for the key in its
   * header. The caller holds the shard's lock for writing, and publishes and {@linkplain #link
   * links} the slot before he lets go of it, which cannot fail any more.
   *
   * @param slot claimed
   * @throws OutOfMemoryError if the heap is full; then nothing has changed
   */
  public void prepare(final long hash, final int slot, final boolean inodeKeyed) {
    beforeGrowth.run();
    shardOf(hash).makeRoom();
    owners.link(
        KeyHash.ofOwner(inodeKeyed, headers.keyHigh(slot), headers.keyLow(slot)), ref(slot));
  }

  /**
   * Lists a slot under the key in its header, after {@link #prepare}. The caller holds the shard's
   * lock for writing and has just published the slot: who finds it here must find it live.
   */
  public void link(final long hash, final int slot) {
    shardOf(hash).link(hash, ref(slot));
  }

  /**
   * Lists a slot that was just published in place of another one of the same key, for which holds
   * what is said at {@link #unlink}. Needs no heap; and who asks for the owner's blocks finds
   * either of both at every moment.
   */
  public void replace(final long hash, final int old, final int slot) {
    final SlotRef ref = ref(slot);
    owners.replace(ownerHash(slot), shardOf(hash).replace(hash, old, ref), ref);
  }

  /**
   * Takes a slot off the lists. The caller holds the shard's lock for writing and sees to it that
   * nobody frees the slot meanwhile: the slot is live, or has a pin of the caller's, or has no pin.
   * Before he lets go of the lock it must not be live any more.
   */
  public void unlink(final long hash, final int slot) {
    final SlotRef ref = shardOf(hash).unlink(hash, slot);
    owners.unlink(ownerHash(slot), ref);
  }

  /** The block indexes of this content's or inode's blocks; takes no shard lock. */
  public IntArrayList blocksOf(final boolean inodeKeyed, final long high, final long low) {
    return owners.blocksOf(inodeKeyed, high, low);
  }

  /** Adds all slots of a shard to {@code slots}; under its lock. */
  public void collect(final int shard, final IntArrayList slots) {
    shards[shard].collect(slots);
  }

  private boolean isInodeKeyed(final int slot) {
    return BlockWord.has(words.wordAcquire(slot), BlockWord.INODE_KEYED);
  }

  private long ownerHash(final int slot) {
    return KeyHash.ofOwner(isInodeKeyed(slot), headers.keyHigh(slot), headers.keyLow(slot));
  }

  private SlotRef ref(final int slot) {
    final SlotRef[] ofSlab = (SlotRef[]) REFS.getAcquire(refs, slot >>> slotBits);
    assert ofSlab != null : "slot " + slot + " was never prepared";
    return ofSlab[slot & ((1 << slotBits) - 1)];
  }
}
