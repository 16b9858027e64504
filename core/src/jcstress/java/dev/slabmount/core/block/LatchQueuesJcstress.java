package dev.slabmount.core.block;

import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.slabmount.core.block.ContentLatch.Entry;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** E13: who falls asleep at a latch is woken when it is free; in the end all its bits are down. */
public class LatchQueuesJcstress {
  private static final LatchQueues QUEUES = new LatchQueues(WORDS);
  private static final ContentLatch LATCH = new ContentLatch(WORDS, QUEUES);

  private LatchQueuesJcstress() {}

  /** A slot with a writer inside. */
  private static int latched() {
    final int slot = StressSlots.pinned(1, 0);
    LATCH.lockExclusive(slot);
    return slot;
  }

  /** Goes to sleep without a look before; returns whether the thread was woken. */
  private static boolean write(final int slot) {
    final boolean woken = Sleepers.sleep(() -> QUEUES.enter(slot, Entry.WRITER));
    LATCH.unlockExclusive(slot);
    return woken;
  }

  private static boolean read(final int slot, final Entry entry) {
    final boolean woken = Sleepers.sleep(() -> QUEUES.enter(slot, entry));
    LATCH.unlockShared(slot);
    return woken;
  }

  /** The writer inside leaves while another falls asleep. */
  @JCStressTest
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "it got in, and the latch is open")
  @Outcome(expect = FORBIDDEN, desc = "it was not woken, or a bit stayed up")
  @State
  public static class One {
    private final int slot = latched();

    @Actor
    public void leave() {
      LATCH.unlockExclusive(slot);
    }

    @Actor
    public void sleep(final ZZ_Result seen) {
      seen.r1 = write(slot);
    }

    @Arbiter
    public void look(final ZZ_Result seen) {
      seen.r2 = LATCH.isIdle(slot);
    }
  }

  /** The writer inside leaves while a writer and a reader fall asleep. */
  @JCStressTest
  @Outcome(id = "true, true, true", expect = ACCEPTABLE, desc = "both got in, the latch is open")
  @Outcome(expect = FORBIDDEN, desc = "one was not woken, or a bit stayed up")
  @State
  public static class Two {
    private final int slot = latched();

    @Actor
    public void leave() {
      LATCH.unlockExclusive(slot);
    }

    @Actor
    public void write(final ZZZ_Result seen) {
      seen.r1 = LatchQueuesJcstress.write(slot);
    }

    @Actor
    public void read(final ZZZ_Result seen) {
      seen.r2 = LatchQueuesJcstress.read(slot, Entry.READER);
    }

    @Arbiter
    public void look(final ZZZ_Result seen) {
      seen.r3 = LATCH.isIdle(slot);
    }
  }

  /** The same with two readers, one of whom the other wakes. */
  @JCStressTest
  @Outcome(id = "true, true, true", expect = ACCEPTABLE, desc = "both got in, the latch is open")
  @Outcome(expect = FORBIDDEN, desc = "one was not woken, or a bit stayed up")
  @State
  public static class Readers {
    private final int slot = latched();

    @Actor
    public void leave() {
      LATCH.unlockExclusive(slot);
    }

    @Actor
    public void one(final ZZZ_Result seen) {
      seen.r1 = read(slot, Entry.READER);
    }

    @Actor
    public void two(final ZZZ_Result seen) {
      seen.r2 = read(slot, Entry.READER_PAST_WAITERS);
    }

    @Arbiter
    public void look(final ZZZ_Result seen) {
      seen.r3 = LATCH.isIdle(slot);
    }
  }
}
