package dev.slabmount.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ContextPoolTest {
  private final AtomicInteger made = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private RuntimeException factoryFailure;

  private ContextPool pool(int maxDetached) {
    return new ContextPool(
        () -> {
          if (factoryFailure != null) {
            throw factoryFailure;
          }
          made.incrementAndGet();
          return new FakeBuffers();
        },
        maxDetached,
        new LookupCounts(),
        new ReplyCounters());
  }

  @AfterEach
  void tearDown() {
    threads.shutdownNow();
  }

  private static Request detach(FakeWorker worker) {
    return worker.begin(Operation.READ).detach();
  }

  @Test
  void shouldGoOnWithAFreshContextWhenOneIsDetached() {
    FakeWorker worker = new FakeWorker(pool(2));
    RequestContext first = worker.current();
    assertSame(first, detach(worker));
    assertNotSame(first, worker.current());
    assertNotSame(first.buffers(), worker.current().buffers());
  }

  @Test
  void shouldReuseTheMemoryOfAnsweredRequestsAndNeverTheirContext() {
    ContextPool pool = pool(2);
    FakeWorker worker = new FakeWorker(pool);
    for (int i = 0; i < 100; i++) {
      RequestContext leaving = worker.current();
      Request detached = detach(worker);
      assertEquals(1, pool.detachedCount());
      assertTrue(detached.reply().ok());
      assertNotSame(leaving, worker.current());
      assertFalse(detached.reply().ok(), "stale");
    }
    assertEquals(2, made.get());
    assertEquals(0, pool.detachedCount());
    assertEquals(0, pool.waitCount());
  }

  @Test
  void shouldMakeAWorkerWaitForAnAnswerWhenTooManyAreDetached() throws Exception {
    ContextPool pool = pool(2);
    FakeWorker worker = new FakeWorker(pool);
    Request first = detach(worker);
    Request second = detach(worker);
    Future<Request> third = threads.submit(() -> detach(worker));
    Wait.until("a worker waits", () -> pool.waitCount() == 1);
    assertThrows(TimeoutException.class, () -> third.get(50, TimeUnit.MILLISECONDS));
    assertEquals(2, pool.detachedCount());

    assertTrue(second.reply().ok());

    Request released = third.get(10, TimeUnit.SECONDS);
    assertEquals(1, pool.waitCount());
    assertEquals(2, pool.detachedCount());
    assertTrue(first.reply().ok());
    assertTrue(released.reply().ok());
    assertEquals(0, pool.detachedCount());
    assertTrue(pool.awaitNoneDetached(0));
  }

  @Test
  void shouldReleaseAWaitingWorkerWhenRequestsAreAbandoned() throws Exception {
    ContextPool pool = pool(1);
    FakeWorker worker = new FakeWorker(pool);
    Request hanging = detach(worker);
    Future<Request> waiting = threads.submit(() -> detach(worker));
    Wait.until("a worker waits", () -> pool.waitCount() == 1);
    assertFalse(pool.awaitNoneDetached(1));
    assertEquals(1, pool.abandonDetached());
    Request next = waiting.get(10, TimeUnit.SECONDS);
    assertFalse(hanging.reply().ok());
    assertEquals(1, pool.abandonDetached());
    assertFalse(next.reply().ok());
    assertTrue(pool.awaitNoneDetached(0));
  }

  @Test
  void shouldWaitUntilEveryDetachedRequestIsAnswered() throws Exception {
    ContextPool pool = pool(3);
    FakeWorker worker = new FakeWorker(pool);
    Request first = detach(worker);
    Request second = detach(worker);
    Future<Boolean> waiting =
        threads.submit(() -> pool.awaitNoneDetached(TimeUnit.SECONDS.toNanos(20)));
    first.reply().ok();
    assertThrows(TimeoutException.class, () -> waiting.get(50, TimeUnit.MILLISECONDS));
    second.reply().ok();
    assertTrue(waiting.get(10, TimeUnit.SECONDS));
  }

  @Test
  void shouldLetExactlyOneOfAbandonmentAndLateAnswerWin() throws Exception {
    int rounds = 500;
    int requests = 8;
    ContextPool pool = pool(requests);
    FakeWorker worker = new FakeWorker(pool);
    CyclicBarrier start = new CyclicBarrier(2);
    int abandonedInAll = 0;
    int answeredInAll = 0;
    for (int round = 0; round < rounds; round++) {
      List<Request> detached = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        detached.add(detach(worker));
      }
      Future<Integer> abandoning =
          threads.submit(() -> {
            meet(start);
            return pool.abandonDetached();
          });
      meet(start);
      int answered = 0;
      for (Request request : detached) {
        answered += request.reply().written(1) ? 1 : 0;
      }
      int abandoned = abandoning.get(10, TimeUnit.SECONDS);
      assertEquals(requests, answered + abandoned);
      for (Request request : detached) {
        assertEquals(1, FakeWorker.sink((RequestContext) request).sentCount());
        FakeWorker.sink((RequestContext) request).clear();
      }
      assertEquals(0, pool.detachedCount());
      answeredInAll += answered;
      abandonedInAll += abandoned;
    }
    assertEquals(rounds * requests, answeredInAll + abandonedInAll);
    assertTrue(pool.awaitNoneDetached(0));
  }

  private static void meet(CyclicBarrier barrier)
      throws InterruptedException, BrokenBarrierException, TimeoutException {
    barrier.await(10, TimeUnit.SECONDS);
  }

  @Test
  void shouldNotReuseAbandonedMemoryWhileTheFileSystemHoldsTheRequest() {
    ContextPool pool = pool(1);
    FakeWorker worker = new FakeWorker(pool);
    Request hanging = detach(worker);
    TransportBuffers inUse = ((RequestContext) hanging).buffers();
    assertEquals(1, pool.abandonDetached());
    for (int i = 0; i < 10; i++) {
      Request next = detach(worker);
      assertNotSame(inUse, ((RequestContext) next).buffers());
      assertNotSame(inUse, worker.current().buffers());
      next.reply().ok();
    }
    assertEquals(Set.of(inUse), pool.abandonedBuffers());
    assertFalse(hanging.reply().ok());
  }

  @Test
  void shouldReuseAbandonedMemoryWhenNobodyHoldsTheRequest() throws Exception {
    ContextPool pool = pool(1);
    FakeWorker worker = new FakeWorker(pool);
    TransportBuffers abandoned = abandonOne(pool, worker);
    Wait.until(
        "nobody holds the request",
        () -> {
          System.gc();
          return pool.abandonedBuffers().isEmpty();
        });
    detach(worker);
    assertSame(abandoned, worker.current().buffers());
  }

  private static TransportBuffers abandonOne(ContextPool pool, FakeWorker worker) {
    TransportBuffers buffers = ((RequestContext) detach(worker)).buffers();
    assertEquals(1, pool.abandonDetached());
    return buffers;
  }

  @Test
  void shouldLeaveTheRequestAsItWasWhenNoMemoryIsLeftToDetachIt() throws Exception {
    ContextPool pool = pool(1);
    FakeWorker worker = new FakeWorker(pool);
    RequestContext context = worker.begin(Operation.READ);
    factoryFailure = new IllegalStateException("no memory");
    assertThrows(IllegalStateException.class, context::detach);
    assertEquals(0, pool.detachedCount());
    assertTrue(pool.awaitNoneDetached(0), "a permit is lost");
    assertSame(context, worker.current());
    assertTrue(context.reply().ok());
    factoryFailure = null;
    assertTrue(detach(worker).reply().ok());
  }

  @Test
  void shouldRefuseToDetachWhatMayNotBe() throws Exception {
    ContextPool pool = pool(2);
    FakeWorker worker = new FakeWorker(pool);
    RequestContext context = worker.begin(Operation.READ);
    assertThrows(Exception.class, () -> threads.submit(context::detach).get(10, TimeUnit.SECONDS));
    context.reply().ok();
    assertThrows(IllegalStateException.class, context::detach);
    assertEquals(0, pool.detachedCount());
    Request detached = detach(worker);
    assertThrows(IllegalStateException.class, detached::detach);
    assertEquals(1, pool.detachedCount());
  }
}
