package dev.slabmount.core.block;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** E31: who sees a page's bit sees the page; and no bit of a neighbour is lost. */
public class PageBitsJcstress {
  private PageBitsJcstress() {}

  /** A page becomes valid while somebody looks whether it is. */
  @JCStressTest
  @Outcome(
      id = {"false, 0", "true, 7"},
      expect = ACCEPTABLE,
      desc = "missing, or there")
  @Outcome(expect = FORBIDDEN, desc = "valid before its bytes were there")
  @State
  public static class Valid {
    private final int slot = StressSlots.claimed();
    private final PageMaps maps =
        new PageMaps(StressSlots.header(StressSlots.claimed()).fill((byte) 0));

    @Actor
    public void fill() {
      StressSlots.write(slot, 7);
      maps.setValid(3, 4);
    }

    @Actor
    public void look(final ZJ_Result seen) {
      seen.r1 = maps.allValid(3, 4);
      seen.r2 = seen.r1 ? StressSlots.read(slot) : 0;
    }
  }

  /** Two blocks whose pages share a word: one is written, the other flushed. */
  @JCStressTest
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "both changes")
  @Outcome(expect = FORBIDDEN, desc = "a change was lost")
  @State
  public static class Neighbours {
    private final PageMaps maps =
        new PageMaps(StressSlots.header(StressSlots.claimed()).fill((byte) 0));

    {
      maps.setWritten(8, 16);
    }

    @Actor
    public void write() {
      maps.setWritten(0, 8);
    }

    @Actor
    public void flush() {
      maps.takeToFlush(8, 16);
    }

    @Arbiter
    public void look(final ZZ_Result seen) {
      seen.r1 = maps.firstToFlush(0, 8) == 0 && maps.allValid(0, 16);
      seen.r2 = maps.anyToFlush(8, 16);
    }
  }
}
