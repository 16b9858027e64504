package dev.slabmount.core.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.ArrayWords;
import dev.slabmount.core.block.BlockHeaders;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class IndexShardTest {
  private final IndexShard shard =
      new IndexShard(
          new ArrayWords(4),
          new BlockHeaders(Arena.ofAuto().allocate(256, 64)),
          new SlotHints(new ArrayWords(4), 4, 4),
          0);

  @Test
  void shouldLetReadersInTogetherAndWritersAlone() throws Exception {
    final long one = shard.lockRead();
    final long two = shard.lockRead();
    final CountDownLatch written = new CountDownLatch(1);
    final Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              shard.unlockWrite(shard.lockWrite());
              written.countDown();
            });
    assertTrue(!written.await(20, TimeUnit.MILLISECONDS));
    shard.unlockRead(one);
    shard.unlockRead(two);
    assertTrue(written.await(20, TimeUnit.SECONDS));
    writer.join();
  }

  @Test
  void shouldGiveUpOnAShardThatStaysBusy() {
    final long reading = shard.lockRead();
    assertEquals(0, shard.tryLockWrite());
    shard.unlockRead(reading);
    final long writing = shard.tryLockWrite();
    assertNotEquals(0, writing);
    assertEquals(0, shard.tryLockWrite());
    shard.unlockWrite(writing);
    shard.unlockRead(shard.lockRead());
  }

  @Test
  void shouldNotStarveAWriterBehindReadersThatNeverRest() throws Exception {
    final AtomicBoolean over = new AtomicBoolean();
    final CountDownLatch reading = new CountDownLatch(6);
    final List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      readers.add(
          Thread.ofPlatform()
              .start(() -> {
                long sum = 0;
                for (long round = 0; !over.get(); round++) {
                  final long stamp = shard.lockRead();
                  for (int spin = 0; spin < 50; spin++) {
                    sum += shard.find(spin, false, 1, 2, 3);
                  }
                  shard.unlockRead(stamp);
                  if (round == 100) {
                    reading.countDown();
                  }
                }
                assertTrue(sum <= 0);
              }));
    }
    assertTrue(reading.await(20, TimeUnit.SECONDS));
    final long deadline = System.nanoTime() + 20_000_000_000L;
    int writes = 0;
    while (writes < 500 && System.nanoTime() < deadline) {
      shard.unlockWrite(shard.lockWrite());
      writes++;
    }
    over.set(true);
    for (final Thread reader : readers) {
      reader.join();
    }
    assertEquals(500, writes);
  }
}
