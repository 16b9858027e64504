package dev.slabmount.core.block;

import static dev.slabmount.core.block.StressSlots.HEADERS;
import static dev.slabmount.core.block.StressSlots.WORDS;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** E11: a key that was proved is the key of the block that is there, in the life of the hint. */
public class KeyProofJcstress {
  private static final KeyProof PROOF = new KeyProof(WORDS, HEADERS);
  private static final long OLD_KEY = 5;
  private static final long NEW_KEY = 6;

  private KeyProofJcstress() {}

  /** A slot in its first life, with the old key, without pins. */
  private static int slot() {
    final int slot = StressSlots.claimed();
    HEADERS.init(slot, OLD_KEY, OLD_KEY, 0, 8, 1);
    StressSlots.write(slot, OLD_KEY);
    BlockTransitions.publish(WORDS, slot, 0, 1);
    BlockTransitions.unpin(WORDS, slot);
    return slot;
  }

  private static long hint(final int slot, final int generation) {
    return ((slot + 1L) << Integer.SIZE) | generation;
  }

  /** Evicts the block and puts another into the slot, unless somebody holds it. */
  private static boolean replace(final int slot) {
    if (!BlockTransitions.evict(WORDS, slot)) {
      return false;
    }
    BlockTransitions.free(WORDS, slot);
    BlockTransitions.claim(WORDS, slot);
    HEADERS.init(slot, NEW_KEY, NEW_KEY, 0, 8, 2);
    StressSlots.write(slot, NEW_KEY);
    BlockTransitions.publish(WORDS, slot, 0, 1);
    return true;
  }

  /** A look without a pin. */
  @JCStressTest
  @Outcome(
      id = {"true, false, false", "true, false, true", "false, false, false", "false, false, true"},
      expect = ACCEPTABLE,
      desc = "the old key, or none, and then perhaps the new one")
  @Outcome(expect = FORBIDDEN, desc = "the new key in the old life")
  @State
  public static class Look {
    private final int slot = slot();

    @Actor
    public void change() {
      replace(slot);
    }

    @Actor
    public void look(final ZZZ_Result seen) {
      seen.r1 = PROOF.holds(hint(slot, 0), false, OLD_KEY, OLD_KEY, 0);
      seen.r2 = PROOF.holds(hint(slot, 0), false, NEW_KEY, NEW_KEY, 0);
      seen.r3 = PROOF.holds(hint(slot, 1), false, NEW_KEY, NEW_KEY, 0);
    }
  }

  /** A pin by the old hint, and by the new one if that is refused. */
  @JCStressTest
  @Outcome(
      id = {"5, 0", "0, 6", "0, 0"},
      expect = ACCEPTABLE,
      desc = "the block of the key")
  @Outcome(expect = FORBIDDEN, desc = "another block than that of the key")
  @State
  public static class Pin {
    private final int slot = slot();

    @Actor
    public void change() {
      replace(slot);
    }

    @Actor
    public void pin(final JJ_Result seen) {
      if (PROOF.pin(hint(slot, 0), false, OLD_KEY, OLD_KEY, 0) != BlockTransitions.REFUSED) {
        seen.r1 = StressSlots.read(slot);
      } else if (PROOF.pin(hint(slot, 1), false, NEW_KEY, NEW_KEY, 0) != BlockTransitions.REFUSED) {
        seen.r2 = StressSlots.read(slot);
      }
    }
  }
}
