package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.BlockHandle;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.Errno;
import dev.slabmount.vfs.FakeRequest;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentReader;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BlockReaderTest {

  private static final int BLOCK = 4096;
  private static final ReadLimits LIMITS =
      new ReadLimits(64, 2, 64, Duration.ofMinutes(5), Duration.ofMillis(500));

  @TempDir private Path folder;
  private final LineLog log = new LineLog();
  private LocalContentStore store;
  private MemoryPool pool;
  private BlockReader reader;
  private InodeTree tree;

  @BeforeEach
  void makePool() throws Exception {
    store = LocalContentStore.create(folder.resolve("store"));
    pool = pool(1 << 20, BLOCK);
  }

  @AfterEach
  void checkThatNothingIsHeld() {
    if (reader != null) {
      reader.close();
    }
    assertEquals(0, pool.stats().pins(), "every pin was given back");
    pool.clear();
    assertEquals(0, pool.stats().slotsInUse());
    pool.close();
  }

  @Test
  void shouldReadAnyRangeOfAnyFileFromFourThreads() throws Exception {
    final long seed = new Random().nextLong();
    final List<byte[]> contents = new ArrayList<>();
    final int[] sizes = {0, 1, 4095, 4096, 4097, 8192, 50_000, 262_144, 3_000_001};
    for (final int size : sizes) {
      contents.add(TestBytes.random(size, size));
    }
    use(contents, new VerifyingReader(store));
    final AtomicInteger maxPins = new AtomicInteger();
    try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
      final List<Future<?>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        final Random random = new Random(seed + thread);
        results.add(
            callers.submit(() -> {
              for (int i = 0; i < 1500; i++) {
                final int file = random.nextInt(contents.size());
                final byte[] content = contents.get(file);
                final int offset = random.nextInt(content.length + 10);
                final int length = random.nextInt(random.nextBoolean() ? 100 : 200_000);
                final FakeRequest request = new FakeRequest();
                request.whileReplying =
                    () -> maxPins.accumulateAndGet((int) pool.stats().pins(), Math::max);
                reader.read(request, ino(file), offset, length);
                final int end = Math.min(content.length, offset + length);
                assertArrayEquals(
                    offset >= end ? new byte[0] : Arrays.copyOfRange(content, offset, end),
                    request.bytes(),
                    "seed " + seed + ", file " + file + " at " + offset + " + " + length);
              }
              return null;
            }));
      }
      for (final Future<?> result : results) {
        result.get(100, TimeUnit.SECONDS);
      }
    }
    assertTrue(maxPins.get() > 0, "bytes are taken from pinned slots");
    assertTrue(reader.poolReads() > 100 && reader.storeReads() > 100, "both ways were tested");
    assertTrue(pool.stats().evictions() > 0, "under eviction");
    assertEquals(List.of(), log.lines);
  }

  @Test
  void shouldReadAcrossChunks() throws Exception {
    pool.close();
    pool = pool(8 << 20, 1 << 20);
    final long size = 2 * Manifest.CHUNK_BYTES + 12_345;
    final List<ContentHash> hashes =
        List.of(new ContentHash(1, 0), new ContentHash(2, 0), new ContentHash(3, 0));
    use(
        new Manifest.Builder().add(new FileEntry("f", size, 0, false, hashes)),
        (hash, length, offset, destination) -> {
          assertEquals(hash.high() == 3 ? 12_345 : Manifest.CHUNK_BYTES, length);
          fill(hash, offset, destination);
          return (int) destination.byteSize();
        });
    for (final long offset :
        new long[] {
          0,
          Manifest.CHUNK_BYTES - (1 << 20),
          Manifest.CHUNK_BYTES - 1,
          Manifest.CHUNK_BYTES,
          2 * Manifest.CHUNK_BYTES - 700_000,
          size - 1,
          size - 12_346
        }) {
      for (int pass = 0; pass < 2; pass++) {
        final FakeRequest request = new FakeRequest();
        reader.read(request, ino(0), offset, 1 << 20);
        final byte[] bytes = request.bytes();
        assertEquals(Math.min(1 << 20, size - offset), bytes.length);
        for (int i = 0; i < bytes.length; i++) {
          final long at = offset + i;
          final long chunk = at / Manifest.CHUNK_BYTES;
          assertEquals(pattern(chunk + 1, at % Manifest.CHUNK_BYTES), bytes[i]);
        }
        assertTrue(pass == 0 || !request.isDetached(), "the second time it is in the pool");
      }
    }
  }

  @Test
  void shouldAnswerFromThePoolWhileStoreThreadsAreStuck() throws Exception {
    final CountDownLatch release = new CountDownLatch(1);
    final byte[] slow = TestBytes.random(1, 10);
    final byte[] warm = TestBytes.random(2, 3 * BLOCK);
    final ContentReader content = new VerifyingReader(store);
    use(
        List.of(slow, warm),
        (hash, length, offset, destination) -> {
          if (hash.equals(Xxh128.hash(slow))) {
            awaitQuietly(release);
          }
          return content.read(hash, length, offset, destination);
        });
    assertArrayEquals(warm, read(1, 0, 3 * BLOCK).bytes());
    final List<FakeRequest> stuck = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      stuck.add(new FakeRequest());
      reader.read(stuck.getLast(), ino(0), 0, 10);
    }
    final FakeRequest request = new FakeRequest();
    reader.read(request, ino(1), 100, 3 * BLOCK);
    assertTrue(request.isAnswered());
    assertFalse(request.isDetached());
    stuck.forEach(other -> assertFalse(other.isAnswered()));
    release.countDown();
    for (final FakeRequest other : stuck) {
      assertArrayEquals(slow, other.bytes());
    }
  }

  @Test
  void shouldFailOneReadAndServeTheNext() throws Exception {
    final byte[] content = TestBytes.random(1, 3 * BLOCK);
    final AtomicInteger calls = new AtomicInteger();
    final ContentReader whole = new VerifyingReader(store);
    use(
        List.of(content),
        (hash, length, offset, destination) -> {
          return switch (calls.incrementAndGet()) {
            case 1 -> throw new ContentStoreException("the disk is on fire");
            case 2 -> throw new IllegalStateException("a bug\nin the store");
            case 3 -> throw new StackOverflowError();
            case 4 -> throw new OutOfMemoryError("as a test");
            default -> whole.read(hash, length, offset, destination);
          };
        });
    for (int failure = 1; failure <= 4; failure++) {
      final FakeRequest request = new FakeRequest();
      reader.read(request, ino(0), 10, 2 * BLOCK);
      assertEquals(Errno.EIO, request.errno());
      assertEquals(failure, reader.failures());
      awaitIdle();
      assertEquals(0, pool.stats().pins(), "a request that fails leaves no pin");
    }
    assertArrayEquals(content, read(0, 0, 3 * BLOCK).bytes());
    assertEquals("ERROR cannot read 'f0' at 10: the disk is on fire", log.lines.getFirst());
    assertEquals(4, log.lines.size());
    assertTrue(log.lines.get(1).endsWith("a bug\\u000ain the store"), log.lines.get(1));
    assertEquals(3, log.thrown.size(), "what nobody expects is shown with its place in the code");
  }

  @Test
  void shouldRefuseDamagedMissingAndShortObjects() throws Exception {
    final byte[] flipped = TestBytes.random(1, 5 * BLOCK);
    final byte[] missing = TestBytes.random(2, 5 * BLOCK);
    final byte[] truncated = TestBytes.random(3, 5 * BLOCK);
    use(List.of(flipped, missing, truncated), new VerifyingReader(store));
    final byte[] bad = flipped.clone();
    bad[bad.length - 1] ^= 1;
    Files.write(object(flipped), bad);
    Files.delete(object(missing));
    Files.write(object(truncated), Arrays.copyOf(truncated, BLOCK));
    for (int file = 0; file < 3; file++) {
      for (int pass = 0; pass < 2; pass++) {
        assertEquals(Errno.EIO, read(file, 0, 100).errno(), "file " + file);
        assertEquals(Errno.EIO, read(file, BLOCK, 2 * BLOCK).errno(), "file " + file);
      }
    }
    assertEquals(0, pool.stats().totalBlocks(), "nothing of them is in the pool");
    assertTrue(log.lines.stream().anyMatch(l -> l.contains("'f0'") && l.contains("is damaged")));
    assertTrue(log.lines.stream().anyMatch(l -> l.contains("'f1'") && l.contains("is missing")));
    assertTrue(log.lines.stream().anyMatch(l -> l.contains("'f2'") && l.contains("bytes, expect")));
    put(missing);
    assertArrayEquals(missing, read(1, 0, missing.length).bytes());
  }

  @Test
  void shouldRefuseOneHashWithTwoLengths() throws Exception {
    final byte[] content = TestBytes.random(1, 6000);
    put(content);
    final ContentHash hash = Xxh128.hash(content);
    use(
        new Manifest.Builder()
            .add(new FileEntry("f0", 6000, 0, false, List.of(hash)))
            .add(new FileEntry("f1", 5000, 0, false, List.of(hash)))
            .add(new FileEntry("f2", 9000, 0, false, List.of(hash))),
        new VerifyingReader(store));
    assertArrayEquals(content, read(0, 0, 9000).bytes());
    for (int file = 1; file < 3; file++) {
      assertEquals(Errno.EIO, read(file, BLOCK, 100).errno());
      assertEquals(Errno.EIO, read(file, 0, 9000).errno());
    }
    assertTrue(log.lines.getFirst().contains("different lengths"), log.lines.toString());
    assertArrayEquals(content, read(0, 0, 9000).bytes());
  }

  @Test
  void shouldCopyWhenThePoolCannotHoldTheBlocksOfOneRead() throws Exception {
    pool.close();
    pool = pool(1 << 20, 1 << 20);
    final byte[] content = TestBytes.random(1, (3 << 20) + 5);
    use(List.of(content), new VerifyingReader(store));
    for (int pass = 0; pass < 3; pass++) {
      final FakeRequest request = read(0, 1000, 3 << 20);
      assertArrayEquals(Arrays.copyOfRange(content, 1000, content.length), request.bytes());
      assertFalse(((FakeRequest.Data) request.answer()).offHeap());
    }
    assertTrue(((FakeRequest.Data) read(0, 1 << 20, 1 << 20).answer()).offHeap());
  }

  @Test
  void shouldSayThatThereIsNoRoom() throws Exception {
    pool.close();
    pool =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(1 << 20)
                .blockSize(1 << 20)
                .roomWait(Duration.ofMillis(20))
                .build());
    final byte[] content = TestBytes.random(1, 1 << 20);
    use(List.of(content), new VerifyingReader(store));
    try (BlockHandle _ =
        pool.acquire(BlockKey.ofContent(7, 7, 0), (key, slot) -> (int) slot.byteSize())) {
      assertEquals(Errno.ENOMEM, read(0, 0, 100).errno());
    }
    assertEquals(100, read(0, 0, 100).bytes().length);
  }

  @Test
  void shouldUseSmallSlotsForSmallFiles() throws Exception {
    pool.close();
    pool = pool(8 << 20, 1 << 20);
    use(List.of(TestBytes.random(1, 10), TestBytes.random(2, 5000)), new VerifyingReader(store));
    assertEquals(10, read(0, 0, 100).bytes().length);
    assertTrue(pool.stats().capacityInUse() <= 4096, "" + pool.stats());
    assertEquals(5000, read(1, 0, 1 << 20).bytes().length);
    assertTrue(pool.stats().capacityInUse() <= 4096 + 8192, "" + pool.stats());
  }

  @Test
  void shouldNotAskTheStoreForACallerWhoHasGivenUp() throws Exception {
    final AtomicBoolean asked = new AtomicBoolean();
    use(
        List.of(TestBytes.random(1, 10)),
        (hash, length, offset, destination) -> {
          asked.set(true);
          return 0;
        });
    final FakeRequest request = new FakeRequest();
    request.interrupted = true;
    reader.read(request, ino(0), 0, 10);
    assertEquals(Errno.EINTR, request.errno());
    assertFalse(asked.get());
  }

  @Test
  void shouldSayEioWhenAReplyThrows() throws Exception {
    use(List.of(TestBytes.random(1, 3 * BLOCK)), new VerifyingReader(store));
    for (final int length : new int[] {10, 2 * BLOCK}) {
      final FakeRequest request = new FakeRequest();
      final AtomicBoolean thrown = new AtomicBoolean();
      request.whileReplying =
          () -> {
            if (!thrown.getAndSet(true)) {
              throw new OutOfMemoryError("as a test has it");
            }
          };
      reader.read(request, ino(0), length == 10 ? 0 : BLOCK, length);
      assertEquals(Errno.EIO, request.errno());
      awaitIdle();
    }
    assertEquals(2, reader.failures());
    assertEquals(2, log.lines.size());
    assertTrue(log.lines.getFirst().contains("as a test has it"), log.lines.getFirst());
  }

  @Test
  void shouldLeaveNoReadPendingWhenNoReplyCanBeSent() throws Exception {
    use(List.of(TestBytes.random(1, 3 * BLOCK)), new VerifyingReader(store));
    for (final int length : new int[] {10, 2 * BLOCK}) {
      final FakeRequest request = new FakeRequest();
      request.whileReplying =
          () -> {
            throw new OutOfMemoryError("as a test has it");
          };
      reader.read(request, ino(0), length == 10 ? 0 : BLOCK, length);
      awaitIdle();
      assertFalse(request.isAnswered());
    }
  }

  @Test
  void shouldAnswerStuckReadsWhenClosed() throws Exception {
    final CountDownLatch never = new CountDownLatch(1);
    use(
        List.of(TestBytes.random(1, 10), TestBytes.random(2, 10)),
        (hash, length, offset, destination) -> {
          try {
            never.await();
          } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContentStoreException("interrupted", e);
          }
          return 0;
        });
    final List<FakeRequest> requests = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      requests.add(new FakeRequest());
      reader.read(requests.getLast(), ino(i % 2), 0, 10);
    }
    reader.close();
    for (final FakeRequest request : requests) {
      assertEquals(Errno.EIO, request.errno());
    }
    final FakeRequest late = new FakeRequest();
    reader.read(late, ino(0), 0, 10);
    assertEquals(Errno.EIO, late.errno());
  }

  @Test
  void shouldRefuseBlocksBeyondTheLastThatAPoolCanName() throws Exception {
    // In blocks of 4 KiB the byte at 16 TiB is in block 2^32, which as an int is block 0.
    final long wrap = 16L << 40;
    final ContentHash hash = new ContentHash(1, 2);
    use(
        new Manifest.Builder().add(new FileEntry("f", 2 * wrap, 0, false, List.of(hash))),
        (name, length, offset, destination) -> {
          fill(name, offset, destination);
          return (int) destination.byteSize();
        });
    assertEquals(10, read(0, 0, 10).bytes().length);
    assertEquals(10, read(0, BLOCK - 5, 10).bytes().length);
    for (final long offset : new long[] {wrap, wrap + BLOCK - 5, wrap / 2, 2 * wrap - 10}) {
      assertEquals(Errno.EIO, read(0, offset, 10).errno());
    }
  }

  /** Files f0, f1 … with these contents, which are put into the store. */
  private void use(final List<byte[]> contents, final ContentReader content) throws Exception {
    final Manifest.Builder manifest = new Manifest.Builder();
    for (int i = 0; i < contents.size(); i++) {
      put(contents.get(i));
      manifest.add(
          new FileEntry(
              "f" + i, contents.get(i).length, 0, false, List.of(Xxh128.hash(contents.get(i)))));
    }
    use(manifest, content);
  }

  private void use(final Manifest.Builder manifest, final ContentReader content) throws Exception {
    tree = TreeBuilder.build(manifest.build());
    reader = new BlockReader(tree, pool, content, LIMITS, log);
  }

  private void put(final byte[] bytes) throws IOException {
    try (ObjectWriter writer = store.startWriting()) {
      writer.put(Xxh128.hash(bytes), bytes.length, TestBytes.source(bytes));
      writer.sync();
    }
  }

  private Path object(final byte[] bytes) {
    return folder.resolve("store/Data/" + Xxh128.hash(bytes) + ".xxh128");
  }

  private FakeRequest read(final int file, final long offset, final int length) throws Exception {
    final FakeRequest request = new FakeRequest();
    reader.read(request, ino(file), offset, length);
    request.answer();
    return request;
  }

  private long ino(final int file) {
    final byte[] name = (tree.count() == 2 ? "f" : "f" + file).getBytes(StandardCharsets.UTF_8);
    final long ino = tree.lookup(InodeTree.ROOT, name, 0, name.length);
    return ino == InodeTree.ABSENT ? 2 : ino;
  }

  private void awaitIdle() {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (reader.pending() > 0) {
      assertTrue(System.nanoTime() < deadline, "not in time");
      Thread.onSpinWait();
    }
  }

  private static void awaitQuietly(final CountDownLatch latch) {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS));
    } catch (final InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MemoryPool pool(final long maxSize, final int blockSize) {
    return MemoryPool.create(
        MemoryPoolConfig.builder().maxSize(maxSize).blockSize(blockSize).build());
  }

  private static void fill(
      final ContentHash hash, final long offset, final MemorySegment destination) {
    for (long i = 0; i < destination.byteSize(); i++) {
      destination.set(ValueLayout.JAVA_BYTE, i, pattern(hash.high(), offset + i));
    }
  }

  private static byte pattern(final long object, final long offset) {
    return (byte) ((object * 31 + offset) ^ (offset >>> 12));
  }
}
