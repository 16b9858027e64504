package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.Errno;
import dev.slabmount.vfs.FakeRequest;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentReader;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A block that turns out to be damaged after it was loaded and before its reads are answered. */
@Timeout(60)
class DamagedWhileLandingTest {
  private static final int BYTES = 100;
  private static final ReadLimits LIMITS =
      new ReadLimits(4, 1, 100, Duration.ofMinutes(5), Duration.ofMillis(500));

  private final ContentHash hash = new ContentHash(1, 2);
  private final AtomicBoolean damaged = new AtomicBoolean();
  private final FakeRequest early = new FakeRequest();
  private final FakeRequest late = new FakeRequest();
  private final MemoryPool pool =
      MemoryPool.create(MemoryPoolConfig.builder().maxSize(1 << 20).blockSize(4096).build());
  private BlockReader reader;
  private long ino;

  @AfterEach
  void close() {
    reader.close();
    assertEquals(0, pool.stats().pins(), "every pin was given back");
    pool.close();
  }

  private void make(final ContentReader content) throws Exception {
    final Manifest.Builder manifest = new Manifest.Builder();
    manifest.add(new FileEntry("f", BYTES, 0, false, List.of(hash)));
    final InodeTree tree = TreeBuilder.build(manifest.build());
    final byte[] name = "f".getBytes(StandardCharsets.UTF_8);
    ino = tree.lookup(InodeTree.ROOT, name, 0, name.length);
    reader = new BlockReader(tree, damagingPool(), content, LIMITS, new LineLog());
  }

  /** The pool; but as soon as a block was loaded it is damaged, and then another read comes. */
  private MemoryPool damagingPool() {
    return (MemoryPool)
        Proxy.newProxyInstance(
            MemoryPool.class.getClassLoader(),
            new Class<?>[] {MemoryPool.class},
            (proxy, method, arguments) -> {
              final Object result;
              try {
                result = method.invoke(pool, arguments);
              } catch (final InvocationTargetException e) {
                throw e.getCause();
              }
              if (method.getName().equals("pinOrLoad") && !damaged.getAndSet(true)) {
                assertEquals(1, pool.removeContentBlocks(hash.high(), hash.low()));
                reader.read(late, ino, 0, BYTES);
              }
              return result;
            });
  }

  @Test
  void shouldNotAnswerWithWhatWasTakenOutOfThePool() throws Exception {
    make((name, length, offset, destination) -> {
      if (damaged.get()) {
        throw new ContentStoreException("known to be damaged");
      }
      return (int) destination.byteSize();
    });
    reader.read(early, ino, 0, BYTES);
    assertEquals(Errno.EIO, late.errno());
    assertEquals(Errno.EIO, early.errno());
  }

  @Test
  void shouldAnswerWithWhatIsLoadedAnew() throws Exception {
    make((name, length, offset, destination) -> {
      destination.fill((byte) (damaged.get() ? 2 : 1));
      return (int) destination.byteSize();
    });
    reader.read(early, ino, 0, BYTES);
    assertEquals(2, late.bytes()[0]);
    assertEquals(2, early.bytes()[0]);
  }
}
