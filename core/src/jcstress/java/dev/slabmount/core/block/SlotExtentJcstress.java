package dev.slabmount.core.block;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.slab.SizeClasses;
import dev.slabmount.core.slab.SlabAllocator;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JI_Result;

/** E21: who holds a slot finds where it lies, also while its slab learns of more slots. */
@JCStressTest
@Outcome(id = "12288, 4096", expect = ACCEPTABLE, desc = "the fourth page")
@Outcome(expect = FORBIDDEN, desc = "where no slot, or another one lies")
@State
public class SlotExtentJcstress {
  private static final int PAGE = SizeClasses.SLOT_BYTES_MIN;
  private static final int HELD = 3;

  /** Slots that a slab has room for in its books at first; the next makes them grow. */
  private static final int SLOTS = 16;

  private static final SizeClasses CLASSES = new SizeClasses(4L * SLOTS * 64 * PAGE, PAGE);

  private final SlabAllocator allocator =
      new SlabAllocator(4L * SLOTS * PAGE, CLASSES, (slab, slots) -> {});

  {
    for (int i = 0; i < SLOTS; i++) {
      allocator.claim(0);
    }
  }

  @Actor
  public void grow() {
    allocator.claim(0);
  }

  @Actor
  public void lookUp(final JI_Result seen) {
    seen.r1 = allocator.offset(HELD);
    seen.r2 = allocator.slotBytes(HELD);
  }
}
