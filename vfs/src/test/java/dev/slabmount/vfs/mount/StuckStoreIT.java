package dev.slabmount.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.VfsFileSystem;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.StuckStore;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A mount whose store never answers for some objects, used by other processes and by this one. */
@Timeout(180)
@ParameterizedClass
@EnumSource(TransportKind.class)
class StuckStoreIT {
  private static final int BLOCK_BYTES = 64 << 10;
  private static final int SMALL_BYTES = 4096;
  private static final int LARGE_BYTES = 4 << 20;
  private static final int SMALL_STUCK = 100;
  private static final int LARGE_STUCK = 10;
  private static final int HEALTHY = 100;
  private static final int ROUNDS = 10_000;

  /** Far above what any of it takes; that it is below 1 ms is measured elsewhere. */
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  @Parameter TransportKind transport;
  @TempDir Path dir;
  private final List<byte[]> healthy = new ArrayList<>();
  private final List<ContentHash> healthyHashes = new ArrayList<>();
  private final List<ContentHash> stuckHashes = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private Path point;
  private MemoryPool pool;
  private StuckStore store;
  private VfsFileSystem fileSystem;
  private FuseMount mount;

  @BeforeEach
  void fill() throws Exception {
    point = Files.createDirectory(dir.resolve("mnt"));
  }

  private void mount(final Duration fetchTimeout) throws Exception {
    final LocalContentStore whole = LocalContentStore.create(dir.resolve("store"));
    final Manifest.Builder manifest = new Manifest.Builder();
    try (ObjectWriter writer = whole.startWriting()) {
      for (int i = 0; i < HEALTHY; i++) {
        final byte[] content = TestBytes.random(i, SMALL_BYTES);
        healthy.add(content);
        healthyHashes.add(add(writer, manifest, "h" + i, content));
      }
      for (int i = 0; i < SMALL_STUCK + LARGE_STUCK; i++) {
        final int bytes = i < SMALL_STUCK ? SMALL_BYTES : LARGE_BYTES;
        stuckHashes.add(add(writer, manifest, "s" + i, TestBytes.random(1000 + i, bytes)));
      }
      writer.sync();
    }
    store = new StuckStore(whole, true);
    stuckHashes.forEach(store::hang);
    pool =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(64 << 20)
                .blockSize(BLOCK_BYTES)
                .loadTimeout(fetchTimeout)
                .build());
    // The kernel keeps nothing, so that every use of the mount reaches it.
    final VfsOptions options =
        VfsOptions.builder()
            .kernelCaches(Set.of())
            .fetchTimeout(fetchTimeout)
            .closeDeadline(Duration.ofSeconds(2))
            .build();
    fileSystem =
        new VfsFileSystem(
            TreeBuilder.build(manifest.build()), new VerifyingReader(store), pool, options);
    mount =
        FuseMount.of(fileSystem)
            .at(point)
            .transport(transport)
            .readOnly(true)
            .maxDetached(options.pendingReads() + 16)
            .drain(Duration.ofSeconds(2))
            .mount();
  }

  private static ContentHash add(
      final ObjectWriter writer,
      final Manifest.Builder manifest,
      final String name,
      final byte[] content)
      throws IOException {
    final ContentHash hash = Xxh128.hash(content);
    writer.put(hash, content.length, TestBytes.source(content));
    manifest.add(new FileEntry(name, content.length, 0, false, List.of(hash)));
    return hash;
  }

  @AfterEach
  void unmount() throws Exception {
    try {
      for (final Client client : clients) {
        assertTrue(client.kill(), "a client outlived its killing");
      }
    } finally {
      mount.close();
      fileSystem.close();
    }
    assertEquals(0, pool.stats().pins(), "a pin was leaked");
    pool.close();
    store.close();
    await(() -> threads("slabmount-").isEmpty(), "threads are left: " + threads("slabmount-"));
    assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(point.toString()));
  }

  private static List<String> threads(final String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(prefix))
        .toList();
  }

  private static void await(final BooleanSupplier condition, final String otherwise)
      throws InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, otherwise);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private static final String READ_ALL =
      "cd \"$1\"; i=$2; while [ $i -lt $3 ]; do %s & i=$((i + 1)); done; wait";

  /** Small files directly and through the page cache, large ones from their start. */
  private void startStuckReads() throws Exception {
    final int half = SMALL_STUCK / 2;
    final String direct = READ_ALL.formatted("dd if=s$i of=/dev/null bs=4096 iflag=direct");
    final String buffered = READ_ALL.formatted("cat s$i");
    clients.add(Client.start(direct, point, 0, half));
    clients.add(Client.start(buffered, point, half, SMALL_STUCK));
    clients.add(Client.start(buffered, point, SMALL_STUCK, SMALL_STUCK + LARGE_STUCK));
    await(() -> fileSystem.stats().pendingReads() >= 100, "reads that hang: " + fileSystem.stats());
  }

  private interface Use {
    void use(int round) throws IOException;
  }

  /** Uses the mount so often and returns how long it took in 99 of 100 cases, in nanoseconds. */
  private static long p99(final Use use) throws IOException {
    final long[] nanos = new long[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      final long begun = System.nanoTime();
      use.use(i);
      nanos[i] = System.nanoTime() - begun;
    }
    Arrays.sort(nanos);
    return nanos[ROUNDS * 99 / 100];
  }

  @Test
  void shouldServeEverythingElseWhileAHundredReadsHang() throws Exception {
    mount(Duration.ofMinutes(5));
    startStuckReads();
    final long requests = mount.stats().requests();

    final long lookups = p99(i -> Files.exists(point.resolve("h" + i % HEALTHY)));
    final long getattrs;
    try (FileChannel file = FileChannel.open(point.resolve("h0"))) {
      getattrs = p99(i -> assertEquals(SMALL_BYTES, file.size()));
    }
    final long misses =
        p99(i -> {
          final ContentHash hash = healthyHashes.get(i % HEALTHY);
          pool.invalidateHash(hash.high(), hash.low());
          assertHealthy(i % HEALTHY);
        });
    final long hits = p99(i -> assertHealthy(i % HEALTHY));
    System.getLogger(StuckStoreIT.class.getName())
        .log(
            System.Logger.Level.INFO,
            "{0}: p99 in µs of lookups {1}, getattrs {2}, misses {3}, hits {4}",
            transport,
            lookups / 1000,
            getattrs / 1000,
            misses / 1000,
            hits / 1000);

    assertTrue(lookups < SLOW_NANOS && getattrs < SLOW_NANOS, "names and attributes");
    assertTrue(misses < SLOW_NANOS && hits < SLOW_NANOS, "reads");
    assertTrue(mount.stats().requests() - requests >= 4L * ROUNDS, "all of it reached the mount");
    assertTrue(fileSystem.stats().storeReads() >= ROUNDS);
    assertTrue(fileSystem.stats().poolReads() >= ROUNDS - HEALTHY);
    assertTrue(fileSystem.stats().pendingReads() >= 100, "they still hang");
    assertEquals(0, fileSystem.stats().pendingWaits());
    assertEquals(0, mount.stats().detachWaits());
  }

  private void assertHealthy(final int file) throws IOException {
    final ByteBuffer bytes = ByteBuffer.allocate(SMALL_BYTES + 1);
    try (FileChannel channel = FileChannel.open(point.resolve("h" + file))) {
      assertEquals(SMALL_BYTES, channel.read(bytes));
    }
    assertArrayEquals(healthy.get(file), Arrays.copyOf(bytes.array(), SMALL_BYTES));
  }

  @Test
  void shouldLetGoOfAReaderThatIsKilled() throws Exception {
    mount(Duration.ofMinutes(5));
    killWhileItReads("exec dd if=\"$1\" of=/dev/null bs=4096 iflag=direct");
    await(() -> fileSystem.stats().readInterrupts() == 1, "the direct read was interrupted");
    await(() -> fileSystem.stats().pendingReads() == 0, "and does not wait any more");
    killWhileItReads("exec cat \"$1\"");
    assertHealthy(0);
    assertEquals(0, fileSystem.stats().readFailures());
  }

  private void killWhileItReads(final String reader) throws Exception {
    final Client client = Client.start(reader, point.resolve("s0"));
    await(() -> fileSystem.stats().pendingReads() > 0, "a read that hangs");
    assertTrue(client.kill(), "gone within 2 s: " + reader + fileSystem.stats());
  }

  @Test
  void shouldUnmountWhileReadsHang() throws Exception {
    mount(Duration.ofMinutes(5));
    startStuckReads();
    final long begun = System.nanoTime();
    mount.close();
    fileSystem.close();
    final long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
    assertTrue(seconds < 12, "took " + seconds + " s");
    for (final Client client : clients) {
      assertNotEquals("", client.await().said(), "what hung has failed");
    }
    clients.clear();
    assertEquals(0, store.waiting(), "store threads were interrupted");
    assertEquals(0, mount.stats().repliesRefused(), "nobody answered twice");
  }

  @Test
  void shouldFailReadsThatTakeTooLongAndTryAgain() throws Exception {
    mount(Duration.ofSeconds(1));
    final Path small = point.resolve("s0");
    final Path large = point.resolve("s" + SMALL_STUCK);
    for (final Path file : List.of(small, large)) {
      final Client.Result failed = Client.sh("cat \"$1\" | wc -c", file);
      assertTrue(failed.said().contains("Input/output error"), failed.said());
      assertTrue(failed.said().endsWith("\n0\n"), failed.said());
    }
    assertTrue(fileSystem.stats().readTimeouts() >= 2);
    assertHealthy(0);
    store.healAll();
    assertEquals(
        new Client.Result(0, SMALL_BYTES + "\n" + LARGE_BYTES + "\n"),
        Client.sh("cat \"$1\" | wc -c; cat \"$2\" | wc -c", small, large));
    await(() -> fileSystem.stats().stuckThreads() == 0, "threads came back");
  }
}
