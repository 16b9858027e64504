package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many requests the kernel has under way at a time, by what was agreed. */
@Timeout(60)
class InFlightMountIT extends Mounted {
  /** Of small requests, so that many make up what a program reads. */
  private static final String MAX_READ = "max_read=4096";

  private static final int PAGES = 16;

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final HoldingFs holding = new HoldingFs();

  @AfterEach
  void stopClock() {
    clock.shutdown();
  }

  /**
   * Answers reads, and lookups of files, only when a number of them is there, which is so from then
   * on, or nothing more has come for a while.
   */
  private final class HoldingFs extends RecordingFs {
    private final List<Runnable> held = new ArrayList<>();
    private int enough;
    private long patienceMillis;
    private int most;

    /** Waits for long if {@code count} requests are to come at once, else not. */
    void holdUntil(int count, boolean expected) {
      enough = count;
      patienceMillis = expected ? 10_000 : 100;
    }

    private synchronized void hold(Runnable answer) {
      held.add(answer);
      most = Math.max(most, held.size());
      if (held.size() >= enough) {
        enough = 0;
        answerAll();
      } else {
        Future<?> _ =
            clock.schedule(() -> answerIfHeld(answer), patienceMillis, TimeUnit.MILLISECONDS);
      }
    }

    private synchronized void answerIfHeld(Runnable answer) {
      if (held.contains(answer)) {
        answerAll();
      }
    }

    private void answerAll() {
      held.forEach(Runnable::run);
      held.clear();
    }

    synchronized int most() {
      return most;
    }

    @Override
    public void read(Request r, long ino, long fh, long offset, int length) {
      Request later = r.detach();
      hold(() -> super.read(later, ino, fh, offset, length));
    }

    @Override
    public synchronized void lookup(Request r, long parent, Name name) {
      String file = text(name);
      if (!file.startsWith("held")) {
        super.lookup(r, parent, name);
        return;
      }
      Request later = r.detach();
      hold(() -> later.reply().entry(fill(later.entry(), nodes.get(parent).children.get(file))));
    }
  }

  private void assertHeldAtOnce(boolean many) {
    if (many) {
      assertTrue(holding.most() >= 3, holding.most() + " requests at a time");
    } else {
      assertEquals(1, holding.most(), "requests at a time");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.ASYNC_READ")
  void shouldReadAheadInManyRequestsAtATime(boolean on) throws Exception {
    holding.file("f", new byte[PAGES * 4096]);
    holding.holdUntil(3, on);
    mount(holding, Feature.ASYNC_READ, on, MAX_READ);
    assertEquals(PAGES * 4096 + "\n", sh("cat f | wc -c"));
    assertHeldAtOnce(on);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.ASYNC_DIO")
  void shouldReadDirectlyInManyRequestsAtATime(boolean on) throws Exception {
    holding.file("f", new byte[PAGES * 4096]);
    holding.holdUntil(3, on);
    mount(holding, Feature.ASYNC_DIO, on, MAX_READ);
    assertEquals(
        PAGES * 4096 + "\n", sh("dd if=f iflag=direct bs=64K count=1 2>/dev/null | wc -c"));
    assertHeldAtOnce(on);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.PARALLEL_DIROPS")
  void shouldLookUpManyNamesOfADirectoryAtATime(boolean on) throws Exception {
    for (int i = 0; i < 3; i++) {
      holding.file("held" + i, new byte[0]);
    }
    boolean agreed = on && has(Feature.PARALLEL_DIROPS);
    holding.holdUntil(3, agreed);
    mount(holding, Feature.PARALLEL_DIROPS, on);
    sh("stat held0 >&2 & stat held1 >&2 & stat held2 >&2 & wait");
    assertHeldAtOnce(agreed);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 256})
  @Covers("Connection.maxBackground")
  void shouldHaveNoMoreBackgroundRequestsThanAgreed(int agreed) throws Exception {
    holding.file("f", new byte[PAGES * 4096]);
    holding.holdUntil(8, agreed > 8);
    mount = describe(holding).option(MAX_READ).maxBackground(agreed).mount();
    assertEquals(PAGES * 4096 + "\n", sh("cat f | wc -c"));
    int most = holding.most();
    assertTrue(agreed > 8 ? most >= 8 : most > 1 && most <= agreed, most + " of " + agreed);
  }
}
