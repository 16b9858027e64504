package dev.slabmount.vfs.prefetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.Sequential;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is left for a stream while somebody else has it (edge V7). */
@Timeout(60)
class ReadStreamTest {
  private static final int BLOCK = FakeLoads.BLOCK;
  private static final long INO = 2;
  private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int SPINS_MAX = 16;

  private Prefetcher prefetcher;

  @BeforeEach
  void plantTree() throws Exception {
    final Manifest.Builder manifest = new Manifest.Builder();
    manifest.add(new FileEntry("f", 8L * BLOCK, 0, false, List.of(new ContentHash(1, 1))));
    final InodeTree tree = TreeBuilder.build(manifest.build());
    prefetcher = new Prefetcher(new Sequential(8), 1L << 40, tree, new FakeLoads());
  }

  /** A claimed stream that has read a block and has another one loaded ahead. */
  private ReadStream claimed() {
    final ReadStream stream = new ReadStream(prefetcher);
    assertTrue(stream.tryClaim());
    stream.begin(INO, 0, 0);
    stream.read(0, BLOCK);
    stream.loadUpTo(2, 1);
    assertTrue(stream.hasUnread());
    return stream;
  }

  @Test
  void shouldDoWhatWasAskedForWhileItWasClaimed() {
    final ReadStream read = claimed();
    read.leaveNote(BLOCK, BLOCK);
    assertEquals(BLOCK, read.run());
    read.unclaim();
    assertEquals(2 * BLOCK, read.run());
    assertFalse(read.hasUnread());

    final ReadStream ended = claimed();
    ended.requestEnd();
    assertTrue(ended.hasUnread());
    ended.unclaim();
    assertFalse(ended.hasUnread());
    assertEquals(0, prefetcher.pendingBytes());
  }

  @Test
  void shouldLoseNoEndThatIsAskedForWhileItIsGivenUp() throws Exception {
    race(ReadStream::requestEnd);
  }

  @Test
  void shouldLoseNoReadThatIsNotedWhileItIsGivenUp() throws Exception {
    race(stream -> stream.leaveNote(BLOCK, BLOCK));
  }

  /** Both release the block that was loaded ahead. The threads meet by spinning, round by round. */
  private void race(final Consumer<ReadStream> other) throws Exception {
    final long deadline = System.nanoTime() + RUN_NANOS;
    final AtomicReference<ReadStream> current = new AtomicReference<>();
    final AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      final Future<?> asking =
          threads.submit(() -> {
            for (int round = 0; !over.get(); round++) {
              ReadStream stream;
              while ((stream = current.get()) == null && !over.get()) {
                Thread.onSpinWait();
              }
              if (stream != null) {
                spin(round % SPINS_MAX);
                other.accept(stream);
                current.set(null);
              }
            }
          });
      try {
        for (int round = 0; System.nanoTime() - deadline < 0; round++) {
          final ReadStream stream = claimed();
          current.set(stream);
          spin(round % (SPINS_MAX - 1));
          stream.unclaim();
          while (current.get() != null && !asking.isDone()) {
            Thread.onSpinWait();
          }
          assertFalse(stream.hasUnread(), "round " + round);
        }
      } finally {
        over.set(true);
      }
      asking.get(20, TimeUnit.SECONDS);
    }
    assertEquals(0, prefetcher.pendingBytes());
  }

  private static void spin(final int times) {
    for (int i = 0; i < times; i++) {
      Thread.onSpinWait();
    }
  }
}
