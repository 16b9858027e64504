package dev.slabmount.core.index;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.slab.ShortLock;
import org.agrona.collections.IntArrayList;

/**
 * Which blocks of a content id or inode are in the pool, so that removing or counting them costs
 * what there are and not what the pool holds.
 *
 * <p>A list per hash of the owner; owners that share a hash share a list, and the header tells them
 * apart.
 *
 * <p>Any thread. Striped locks, held for O(1) when linking and for the length of the list when
 * reading it; taken under shard locks, never the other way round.
 */
final class OwnerIndex {
  private static final int STRIPE_BITS = 6;

  private final HeaderWords words;
  private final BlockHeaders headers;
  private final Stripe[] stripes = new Stripe[1 << STRIPE_BITS];

  private static final class Stripe {
    final ShortLock lock = new ShortLock();
    final RefMap lists = new RefMap();
  }

  OwnerIndex(final HeaderWords words, final BlockHeaders headers) {
    this.words = words;
    this.headers = headers;
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** Lists a slot. If the heap is too full for that, nothing has changed. */
  void link(final long ownerHash, final SlotRef ref) {
    final Stripe stripe = stripe(ownerHash);
    stripe.lock.lock();
    try {
      stripe.lists.makeRoom();
      final SlotRef head = stripe.lists.put(ownerHash, ref);
      ref.nextOfOwner = head;
      if (head != null) {
        head.previousOfOwner = ref;
      }
    } finally {
      stripe.lock.unlock();
    }
  }

  void unlink(final long ownerHash, final SlotRef ref) {
    final Stripe stripe = stripe(ownerHash);
    stripe.lock.lock();
    try {
      final SlotRef next = ref.nextOfOwner;
      final SlotRef previous = ref.previousOfOwner;
      if (next != null) {
        next.previousOfOwner = previous;
      }
      if (previous != null) {
        previous.nextOfOwner = next;
      } else if (next != null) {
        stripe.lists.put(ownerHash, next);
      } else {
        stripe.lists.remove(ownerHash);
      }
      ref.nextOfOwner = null;
      ref.previousOfOwner = null;
    } finally {
      stripe.lock.unlock();
    }
  }

  /** Lists a slot in place of another one. */
  void replace(final long ownerHash, final SlotRef old, final SlotRef ref) {
    final Stripe stripe = stripe(ownerHash);
    stripe.lock.lock();
    try {
      ref.nextOfOwner = old.nextOfOwner;
      ref.previousOfOwner = old.previousOfOwner;
      if (ref.nextOfOwner != null) {
        ref.nextOfOwner.previousOfOwner = ref;
      }
      if (ref.previousOfOwner != null) {
        ref.previousOfOwner.nextOfOwner = ref;
      } else {
        stripe.lists.put(ownerHash, ref);
      }
      old.nextOfOwner = null;
      old.previousOfOwner = null;
    } finally {
      stripe.lock.unlock();
    }
  }

  /** The block indexes of this owner's blocks. */
  IntArrayList blocksOf(final boolean inodeKeyed, final long high, final long low) {
    final long ownerHash = KeyHash.ofOwner(inodeKeyed, high, low);
    final IntArrayList blocks = new IntArrayList();
    final Stripe stripe = stripe(ownerHash);
    stripe.lock.lock();
    try {
      for (SlotRef ref = stripe.lists.get(ownerHash); ref != null; ref = ref.nextOfOwner) {
        // Slots that are listed keep their key, so what is read here is no other block's; and
        // an inode's block is not one before it is published.
        if (headers.keyLow(ref.slot) == low
            && headers.keyHigh(ref.slot) == high
            && BlockWord.has(words.wordAcquire(ref.slot), BlockWord.INODE_KEYED) == inodeKeyed) {
          blocks.addInt(headers.block(ref.slot));
        }
      }
    } finally {
      stripe.lock.unlock();
    }
    return blocks;
  }

  private Stripe stripe(final long ownerHash) {
    return stripes[(int) (ownerHash >>> (Long.SIZE - STRIPE_BITS))];
  }
}
