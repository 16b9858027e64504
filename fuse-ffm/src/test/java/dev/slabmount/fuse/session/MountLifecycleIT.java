package dev.slabmount.fuse.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.EndReason;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.dispatch.ContextPool;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.dispatch.TransportBuffers;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.RecordingSink;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.fuse.reply.ReplySink;
import dev.slabmount.fuse.reply.WireDirectoryBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Beginnings and ends that a real kernel does not show on demand, over a transport that mounts
 * nothing. An integration test because it asks for {@code /dev/fuse}, as every mount does first.
 */
@Timeout(60)
class MountLifecycleIT {
  private static final int GONE = 0;

  @TempDir Path dir;
  private final AtomicInteger destroyed = new AtomicInteger();
  private final RequestGuard guard = new RequestGuard();
  private final Dispatcher dispatcher =
      new Dispatcher(
          new FileSystem() {
            @Override
            public void destroy() {
              destroyed.incrementAndGet();
            }
          },
          new LookupCounts(),
          guard);
  private final FakeTransport transport = new FakeTransport();

  /** Receives what a test gives it. */
  private static final class FakeTransport implements Transport {
    final BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    final CompletableFuture<String> agreed = new CompletableFuture<>();
    final CountDownLatch closed = new CountDownLatch(1);
    final AtomicInteger processed = new AtomicInteger();
    MountException mountFailure;
    int buffersLeft = Integer.MAX_VALUE;
    final AtomicInteger noMemoryToBegin = new AtomicInteger();
    final AtomicInteger noMemoryToEnd = new AtomicInteger();
    private final ContextPool contexts =
        new ContextPool(this::buffers, 4, new LookupCounts(), new ReplyCounters());

    private TransportBuffers buffers() {
      if (buffersLeft-- == 0) {
        throw new OutOfMemoryError("on purpose");
      }
      RecordingSink sink = new RecordingSink();
      WireDirectoryBuffer directory = new WireDirectoryBuffer(Arena.ofAuto());
      return new TransportBuffers() {
        @Override
        public ReplySink sink() {
          return sink;
        }

        @Override
        public MemorySegment received(long address, int length) {
          return MemorySegment.NULL;
        }

        @Override
        public WireDirectoryBuffer directory() {
          return directory;
        }
      };
    }

    @Override
    public String description() {
      return "fake";
    }

    @Override
    public void mount(Path mountPoint, List<String> options) throws MountException {
      if (mountFailure != null) {
        throw mountFailure;
      }
    }

    @Override
    public CompletableFuture<String> whenAgreed() {
      return agreed;
    }

    @Override
    public ContextPool contexts() {
      if (received.contains(GONE)) {
        runOutOfMemory(noMemoryToEnd);
      }
      return contexts;
    }

    @Override
    public int receive(RequestContext context) {
      try {
        int result = received.take();
        if (result == GONE) {
          received.add(GONE); // for the other workers
        }
        return result;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void process(RequestContext context) {
      processed.incrementAndGet();
      runOutOfMemory(noMemoryToBegin);
      throw new IllegalStateException("a transport that throws");
    }

    private static void runOutOfMemory(AtomicInteger left) {
      if (left.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        throw new OutOfMemoryError("on purpose");
      }
    }

    @Override
    public void close() {
      assertEquals(1, closed.getCount(), "closed twice");
      closed.countDown();
    }
  }

  private MountLifecycle begin(int threads) throws MountException {
    return MountLifecycle.begin(
        transport, dispatcher, dir, List.of(), threads, true, Duration.ofMillis(100));
  }

  private void assertAllEnded() throws Exception {
    assertTrue(transport.closed.await(10, TimeUnit.SECONDS));
    Wait.until(
        "every thread ends",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("fuse-")));
  }

  @Test
  void shouldEndWhenTheConnectionIsGone() throws Exception {
    transport.agreed.complete("nothing");
    MountLifecycle life = begin(3);
    assertFalse(life.ended().isDone());
    transport.received.add(GONE);
    assertEquals(EndReason.UNMOUNTED_BY_OTHERS, life.ended().get(10, TimeUnit.SECONDS));
    assertEquals(1, destroyed.get());
    life.unmount();
    assertEquals(1, destroyed.get());
    assertAllEnded();
  }

  @Test
  void shouldNotWaitForAnInitThatCannotComeAnyMore() throws Exception {
    transport.received.add(GONE);
    long begun = System.nanoTime();
    MountException e = assertThrows(MountException.class, () -> begin(2));
    assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(10));
    assertEquals(Reason.REFUSED, e.reason());
    assertTrue(e.getMessage().contains("ended before it began"), e.getMessage());
    assertAllEnded();
  }

  @Test
  void shouldFailWithWhatInitThrew() throws Exception {
    IOException thrown = new IOException("not today");
    transport.agreed.completeExceptionally(thrown);
    transport.received.add(GONE);
    MountException e = assertThrows(MountException.class, () -> begin(1));
    assertSame(thrown, e.getCause());
    assertAllEnded();
  }

  @Test
  void shouldFreeEverythingWhenAMountFails() throws Exception {
    transport.mountFailure = new MountException(Reason.REFUSED, "on purpose");
    assertSame(transport.mountFailure, assertThrows(MountException.class, () -> begin(2)));
    assertAllEnded();
    assertEquals(0, destroyed.get());
  }

  @Test
  void shouldNotMountWhatItHasNoMemoryToServe() throws Exception {
    transport.buffersLeft = 1;
    assertThrows(OutOfMemoryError.class, () -> begin(2));
    assertAllEnded();
  }

  @Test
  void shouldGoOnAfterErrorsThatPass() throws Exception {
    transport.agreed.complete("nothing");
    MountLifecycle life = begin(1);
    for (int errno : new int[] {Errno.EINTR, Errno.EAGAIN, Errno.ENOENT, Errno.ENOMEM}) {
      transport.received.add(-errno);
    }
    transport.received.add(40);
    Wait.until("a request after the errors", () -> transport.processed.get() == 1);
    assertEquals(1, life.requestCount());
    transport.received.add(GONE);
    life.ended().get(10, TimeUnit.SECONDS);
    assertAllEnded();
  }

  @Test
  void shouldLiveOnWhenProcessingThrows() throws Exception {
    transport.agreed.complete("nothing");
    MountLifecycle life = begin(1);
    transport.received.add(40);
    transport.received.add(40);
    Wait.until("both requests", () -> transport.processed.get() == 2);
    transport.received.add(GONE);
    life.ended().get(10, TimeUnit.SECONDS);
    assertEquals(2, guard.uncaughtCount());
    assertAllEnded();
  }

  @Test
  void shouldServeWhatItHadNoMemoryToBeginWith() throws Exception {
    transport.agreed.complete("nothing");
    MountLifecycle life = begin(1);
    transport.noMemoryToBegin.set(2);
    transport.received.add(40);
    Wait.until("a third try", () -> transport.processed.get() == 3);
    assertEquals(1, life.requestCount());
    transport.received.add(GONE);
    life.ended().get(10, TimeUnit.SECONDS);
    assertEquals(2, guard.uncaughtCount(), "what the third try threw, and that memory ran out");
    assertAllEnded();
  }

  @Test
  void shouldFreeEverythingOnceThereIsMemoryForTheEnd() throws Exception {
    transport.agreed.complete("nothing");
    MountLifecycle life = begin(2);
    transport.noMemoryToEnd.set(3);
    transport.received.add(GONE);
    assertEquals(EndReason.UNMOUNTED_BY_OTHERS, life.ended().get(10, TimeUnit.SECONDS));
    assertEquals(0, transport.noMemoryToEnd.get());
    assertEquals(1, destroyed.get());
    assertAllEnded();
  }

  @Test
  void shouldServeOnWithTheOthersWhenAWorkerCannotGoOn() throws Exception {
    transport.agreed.complete("nothing");
    MountLifecycle life = begin(2);
    transport.received.add(-Errno.EIO);
    transport.received.add(40);
    Wait.until("the other worker", () -> transport.processed.get() == 1);
    // Longer than an end takes that has begun.
    assertThrows(TimeoutException.class, () -> life.ended().get(3, TimeUnit.SECONDS));
    transport.received.add(-Errno.EIO);
    assertEquals(EndReason.UNMOUNTED_BY_OTHERS, life.ended().get(10, TimeUnit.SECONDS));
    assertAllEnded();
  }

  /** The name is gone, but the kernel does not end the connection: somebody has a copy of it. */
  @Test
  void shouldSayThatTheConnectionLivesOn() throws Exception {
    transport.agreed.complete("nothing");
    MountLifecycle life = begin(2);
    long begun = System.nanoTime();
    MountException e = assertThrows(MountException.class, life::unmount);
    assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(15));
    assertTrue(e.getMessage().contains("does not end its connection"), e.getMessage());
    assertEquals(0, destroyed.get());
    assertEquals(1, transport.closed.getCount());

    transport.received.add(GONE);

    assertAllEnded();
    assertEquals(1, destroyed.get());
    life.unmount();
  }
}
