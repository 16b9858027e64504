package dev.slabmount.core.index;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.block.BlockHeaderDescriptor;
import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.block.SegmentWords;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/**
 * E12: what is listed is never found to be absent without a lock, neither while the table of hints
 * is replaced by a larger one, nor if it finds no place there.
 */
@JCStressTest
@Outcome(
    id = {"false, false, false", "false, true, false", "true, false, false"},
    expect = ACCEPTABLE,
    desc = "the new key: absent or unknown, and there once it was seen; the old one: always there")
@Outcome(expect = FORBIDDEN, desc = "absent, though it is listed")
@State
public class GrownHintsJcstress {
  /** So many fill one window, and half of the first table: one more makes it grow. */
  private static final int BEFORE = SlotHints.WINDOW;

  private static final int OLD = 5;

  /** On the heap, for the garbage collector to take: the hints are there too. */
  private final MemorySegment memory =
      MemorySegment.ofArray(
          new long[(BEFORE + 1) * BlockHeaderDescriptor.HEADER_BYTES / Long.BYTES]);

  private final HeaderWords words = new SegmentWords(memory);
  private final BlockHeaders headers = new BlockHeaders(memory);
  private final SlotHints hints = new SlotHints(words, 1, BEFORE + 1);
  private final IndexShard shard = new IndexShard(words, headers, hints, 0);

  {
    for (int slot = 0; slot <= BEFORE; slot++) {
      BlockTransitions.claim(words, slot);
      headers.init(slot, slot, slot, 0, 0, 0);
      BlockTransitions.publish(words, slot, 0, 1);
    }
    for (int slot = 0; slot < BEFORE; slot++) {
      link(slot);
    }
  }

  /** Hashes that differ in their tags alone: all in one window of one shard. */
  private static long hash(final int slot) {
    return (long) slot << 40;
  }

  private void link(final int slot) {
    shard.makeRoom();
    shard.link(hash(slot), new SlotRef(slot));
  }

  private boolean isAbsent(final int slot) {
    return shard.isAbsent(hash(slot), false, slot, slot, 0);
  }

  @Actor
  public void link() {
    final long stamp = shard.lockWrite();
    link(BEFORE);
    shard.unlockWrite(stamp);
  }

  @Actor
  public void look(final ZZZ_Result seen) {
    seen.r3 = isAbsent(OLD); // First: the lock would wait for the writer.
    final long stamp = shard.lockRead();
    seen.r1 = shard.holds(hash(BEFORE), BEFORE);
    shard.unlockRead(stamp);
    seen.r2 = isAbsent(BEFORE);
    seen.r3 |= isAbsent(OLD);
  }
}
