package dev.slabmount.core.block;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.slab.SizeClasses;
import dev.slabmount.core.slab.SlabAllocator;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IJ_Result;

/** E6: who claims a slot finds it as the thread that freed it left it. */
@JCStressTest
@Outcome(id = "-1, 0", expect = ACCEPTABLE, desc = "not free yet")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "free, in its next life, in no queue")
@Outcome(expect = FORBIDDEN, desc = "claimed before it was free, or still in a queue")
@State
public class SlotHandOverJcstress {
  private static final int BYTES = SizeClasses.SLOT_BYTES_MIN;
  private static final SizeClasses ONE_SLOT = new SizeClasses(BYTES, BYTES);

  private final int slot = StressSlots.pinned(1, 0);
  private final HeaderWords words = new SegmentWords(StressSlots.header(slot));
  private final BlockHeaders headers = new BlockHeaders(StressSlots.header(slot));
  private final SlabAllocator allocator =
      new SlabAllocator(BYTES, ONE_SLOT, MemorySegment.ofArray(new int[1]), (slab, slots) -> {});

  {
    headers.setQueue(allocator.claim(0), 9);
    BlockTransitions.unpin(words, 0);
    BlockTransitions.evict(words, 0);
  }

  @Actor
  public void free() {
    headers.setQueue(0, 0);
    BlockTransitions.free(words, 0);
    allocator.free(0);
  }

  @Actor
  public void claim(final IJ_Result seen) {
    seen.r1 = allocator.claim(0);
    if (seen.r1 != SlabAllocator.NO_SLOT) {
      seen.r2 = words.wordAcquire(0) + headers.queue(0);
    }
  }
}
