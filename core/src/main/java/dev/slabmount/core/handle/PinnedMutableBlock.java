package dev.slabmount.core.handle;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import dev.slabmount.core.pool.BlockReader;
import dev.slabmount.core.pool.MutableBlockHandle;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import dev.slabmount.core.write.BlockWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The handle of an inode-keyed block: follows the block when it moves.
 *
 * <p>Each method takes a pin of its own while it looks, because another thread that uses the same
 * handle may meanwhile find that the block has moved, and give up the handle's pin on the old slot.
 */
public final class PinnedMutableBlock extends PinnedToken implements MutableBlockHandle {
  private final BlockWriter writer;

  /** Takes over the token's pin. */
  public PinnedMutableBlock(
      final SlotTable table, final BlockWriter writer, final BlockKey key, final long token) {
    super(table, key, token);
    this.writer = writer;
  }

  @Override
  public MemorySegment data() {
    return withData(block -> MemorySegment.ofArray(block.toArray(ValueLayout.JAVA_BYTE)));
  }

  @Override
  public <R, X extends Exception> R withData(final BlockReader<R, X> reader) throws X {
    for (; ; ) {
      final int slot = pinNewest();
      try {
        table.latch.lockShared(slot); // E4 acquired.
        try {
          if (!BlockWord.isMoved(table.words.wordAcquire(slot))) { // Otherwise: while we waited.
            final int length = table.headers.lengthAcquire(slot);
            table.pages.checkAllValid(slot, length, key());
            return reader.read(table.readable(slot, length));
          }
        } finally {
          table.latch.unlockShared(slot);
        }
      } finally {
        table.unpinSlot(slot);
      }
    }
  }

  @Override
  public int write(
      final int offset, final MemorySegment source, final long sourceOffset, final int length) {
    final int slot = pinNewest();
    try {
      return writer.write(slot, offset, source, sourceOffset, length);
    } finally {
      table.unpinSlot(slot);
    }
  }

  @Override
  public int modify(final int capacity, final BlockModifier modifier) {
    final int slot = pinNewest();
    try {
      return writer.modify(slot, capacity, modifier);
    } finally {
      table.unpinSlot(slot);
    }
  }

  @Override
  public int length() {
    final int slot = pinNewest();
    try {
      return table.headers.lengthAcquire(slot);
    } finally {
      table.unpinSlot(slot);
    }
  }

  @Override
  public long version() {
    final int slot = pinNewest();
    try {
      return table.headers.versionAcquire(slot);
    } finally {
      table.unpinSlot(slot);
    }
  }

  /**
   * Pins the slot where the block lies now, for the calling method, and lets the handle hold that
   * one from now on, so that a handle that is held for long does not keep the slots that its block
   * left.
   *
   * @throws IllegalStateException if the handle is closed, or somebody gave up its pin
   */
  private int pinNewest() {
    for (; ; ) {
      final long held = heldToken();
      if (!table.pinAgain(held)) {
        checkReplaced(held);
        continue;
      }
      final int slot = Tokens.slot(held);
      if (!BlockWord.isMoved(table.words.wordAcquire(slot))) { // E7 acquired.
        return slot;
      }
      final long next = table.headers.forward(slot);
      final boolean pinned = table.pinAgain(next);
      assert pinned : "the slot that a block moved to is pinned by the one that it left";
      final long spent = replaceToken(held, next) ? held : next;
      table.unpinSlot(Tokens.slot(spent));
      table.unpinSlot(slot);
    }
  }

  /** The token has no pin: another thread has closed the handle or replaced the token meanwhile. */
  private void checkReplaced(final long held) {
    if (heldToken() == held) { // Both set the handle's token before they give up its pin.
      throw new IllegalStateException(
          "the pin of the handle of block " + key() + " was given up: a token was unpinned twice");
    }
  }
}
