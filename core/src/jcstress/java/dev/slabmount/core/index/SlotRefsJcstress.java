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
import org.openjdk.jcstress.infra.results.I_Result;

/** E25: who holds a slot finds its reference, also while its slab learns of more slots. */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "listed")
@Outcome(expect = FORBIDDEN, desc = "no reference, or another slot's")
@State
public class SlotRefsJcstress {
  private static final int SLOT_BITS = 7;
  private static final int BEFORE = 1 << (SLOT_BITS - 1);
  private static final int HELD = BEFORE - 1;

  /** On the heap, for the garbage collector to take: the table of references is there too. */
  private final MemorySegment memory =
      MemorySegment.ofArray(new long[BEFORE * BlockHeaderDescriptor.HEADER_BYTES / Long.BYTES]);

  private final HeaderWords words = new SegmentWords(memory);
  private final BlockHeaders headers = new BlockHeaders(memory);
  private final BlockIndex index = new BlockIndex(words, headers, 1, SLOT_BITS);
  private final long hash = KeyHash.ofBlock(false, 1, 1, 0);

  {
    index.slabAssigned(0, BEFORE);
    BlockTransitions.claim(words, HELD);
    headers.init(HELD, 1, 1, 0, 0, 0);
    BlockTransitions.publish(words, HELD, 0, 1);
  }

  @Actor
  public void grow() {
    index.slabAssigned(0, 1 << SLOT_BITS);
  }

  @Actor
  public void list(final I_Result seen) {
    final IndexShard shard = index.shardOf(hash);
    final long stamp = shard.lockWrite();
    try {
      index.prepare(hash, HELD, false);
      index.link(hash, HELD);
      seen.r1 = index.blocksOf(false, 1, 1).size();
      index.unlink(hash, HELD);
    } catch (final NullPointerException e) {
      seen.r1 = -1;
    } finally {
      shard.unlockWrite(stamp);
    }
  }
}
