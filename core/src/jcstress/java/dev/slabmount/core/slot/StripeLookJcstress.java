package dev.slabmount.core.slot;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.slab.SizeClasses;
import dev.slabmount.core.slab.SlabAllocator;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** E22: a waiter's look at a stripe without its lock finds what was freed, or he is signalled. */
@JCStressTest
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the look found the room")
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "and is outdated")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "it found none, and is outdated")
@Outcome(expect = FORBIDDEN, desc = "it found none, and counts although there is room")
@State
public class StripeLookJcstress {
  private static final int BYTES = SizeClasses.SLOT_BYTES_MIN;
  private static final SizeClasses ONE_SLOT = new SizeClasses(BYTES, BYTES);

  private final RoomSignal room = new RoomSignal(1);
  private final SlabAllocator allocator =
      new SlabAllocator(BYTES, ONE_SLOT, MemorySegment.ofArray(new int[1]), (slab, slots) -> {});
  private final int slot = allocator.claim(0);
  private int epoch;

  @Actor
  public void free() {
    allocator.free(slot);
    room.raise(0);
  }

  @Actor
  public void claim(final ZZ_Result seen) {
    room.enter();
    epoch = room.epoch();
    seen.r1 = allocator.claim(0) != SlabAllocator.NO_SLOT;
  }

  @Arbiter
  public void look(final ZZ_Result seen) {
    seen.r2 = room.epoch() != epoch;
  }
}
