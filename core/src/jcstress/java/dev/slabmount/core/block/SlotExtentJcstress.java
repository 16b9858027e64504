package dev.slabmount.core.block;

import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.slab.SizeClasses;
import dev.slabmount.core.slab.SlabAllocator;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JI_Result;

/** E21: whoever pins a block finds where its slot lies, though that is written plainly. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not there yet")
@Outcome(id = "8192, 4096", expect = ACCEPTABLE, desc = "the third page")
@Outcome(expect = FORBIDDEN, desc = "pinned, and lies where no slot or another one lies")
@State
public class SlotExtentJcstress {
  private static final int PAGE = SizeClasses.SLOT_BYTES_MIN;
  private static final int POOL = 32 * PAGE;
  private static final int PUBLISHED = 1;
  private static final SizeClasses CLASSES = new SizeClasses(POOL, 2 * PAGE);

  private final int header = StressSlots.claimed();
  private final SlabAllocator allocator =
      new SlabAllocator(
          POOL, CLASSES, MemorySegment.ofArray(new int[POOL / PAGE]), (slab, slots) -> {});

  {
    allocator.claim(CLASSES.classFor(2 * PAGE)); // Slot 0 has the first two pages.
  }

  @Actor
  public void publish() {
    if (allocator.claim(CLASSES.classFor(PAGE)) == PUBLISHED) {
      BlockTransitions.publish(WORDS, header, 0, 1);
    }
  }

  @Actor
  public void pin(final JI_Result seen) {
    if (BlockTransitions.pin(WORDS, header) != BlockTransitions.REFUSED) {
      seen.r1 = allocator.offset(PUBLISHED);
      seen.r2 = allocator.slotBytes(PUBLISHED);
    }
  }
}
