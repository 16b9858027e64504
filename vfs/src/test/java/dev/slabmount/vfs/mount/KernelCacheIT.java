package dev.slabmount.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.KernelCache;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentReader;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.SymlinkEntry;
import dev.slabmount.vfs.prefetch.PrefetchStrategy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the kernel keeps it does not ask for again, and what it must not keep it does. */
@ParameterizedClass
@EnumSource(TransportKind.class)
@Timeout(120)
class KernelCacheIT {
  private static final int FOLDERS = 5;
  private static final int FILES = 40;
  private static final int FILE_BYTES = 9000;

  /** A new program may send one statx, one flush, one statfs: nothing that grows with the tree. */
  private static final int ALMOST_NOTHING = 8;

  private static final List<String> SCRIPTS =
      List.of(
          "find \"$1\" > /dev/null",
          "find \"$1\" -printf '%s %T@ %m\\n' > /dev/null",
          "find \"$1\" -exec stat '{}' + > /dev/null",
          "find \"$1\" -type f -exec cat '{}' + | wc -c",
          "find \"$1\" -type l -exec readlink '{}' + > /dev/null",
          "ls -lR \"$1\" > /dev/null",
          "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do ls -l \"$1/missing-$i\" 2> /dev/null; done; :");

  @Parameter TransportKind transport;
  @TempDir Path dir;

  private final AtomicReference<Byte> content = new AtomicReference<>((byte) 'a');
  private final ContentReader reader =
      (hash, length, offset, destination) -> {
        final byte value = content.get();
        if (value == 0) {
          throw new ContentStoreException("damaged");
        }
        destination.fill(value);
        return (int) destination.byteSize();
      };
  private Manifest manifest;

  @BeforeEach
  void makeTree() throws Exception {
    final Manifest.Builder builder = new Manifest.Builder();
    for (int d = 0; d < FOLDERS; d++) {
      for (int f = 0; f < FILES; f++) {
        final ContentHash hash = new ContentHash(d + 1, f + 1);
        builder.add(new FileEntry("d" + d + "/f" + f, FILE_BYTES, 5, f == 0, List.of(hash)));
      }
      builder.add(new SymlinkEntry("d" + d + "/link", "f1"));
    }
    manifest = builder.build();
  }

  private TestMount mount(final VfsOptions options) throws Exception {
    final MemoryPoolConfig memory = MemoryPoolConfig.builder().maxSize(16 << 20).build();
    return TestMount.of(
        Files.createTempDirectory(dir, "mnt"), manifest, reader, memory, options, transport);
  }

  /** How many requests a script causes. */
  private static long requestsOf(final TestMount mount, final String script) throws Exception {
    final long before = mount.requests();
    final Client.Result result = Client.sh(script, mount.point());
    assertEquals(0, result.exit(), script + ": " + result.said());
    return mount.requests() - before;
  }

  @Test
  void shouldNotBeAskedASecondTime() throws Exception {
    try (TestMount mount = mount(VfsOptions.defaults())) {
      long first = 0;
      for (final String script : SCRIPTS) {
        first += requestsOf(mount, script);
      }
      assertTrue(first > FOLDERS * FILES, "at first it has to ask: " + first);
      for (final String script : SCRIPTS) {
        final long second = requestsOf(mount, script);
        assertTrue(second <= ALMOST_NOTHING, second + " requests for: " + script);
      }
    }
  }

  @Test
  void shouldBeAskedAgainForWhatTheKernelMayNotKeep() throws Exception {
    final VfsOptions options = VfsOptions.builder().kernelCaches(Set.of()).build();
    try (TestMount mount = mount(options)) {
      for (int round = 0; round < 2; round++) {
        for (final String script : SCRIPTS) {
          final long requests = requestsOf(mount, script);
          final int least = script.contains("missing") ? 12 : FOLDERS;
          assertTrue(requests >= least, requests + " requests for: " + script);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(KernelCache.class)
  void shouldWorkWithoutAnyOfThem(final KernelCache missing) throws Exception {
    final Set<KernelCache> caches = EnumSet.complementOf(EnumSet.of(missing));
    final VfsOptions options = VfsOptions.builder().kernelCaches(caches).build();
    try (TestMount mount = mount(options)) {
      for (int round = 0; round < 2; round++) {
        assertEquals(
            FOLDERS * FILES * FILE_BYTES + "\n",
            Client.sh("find \"$1\" -type f -exec cat '{}' + | wc -c", mount.point()).said());
        assertEquals(
            FOLDERS * (FILES + 2) + 1 + "\n",
            Client.sh("ls -lR \"$1\" > /dev/null && find \"$1\" | wc -l", mount.point()).said());
      }
    }
  }

  @Test
  void shouldOpenWithoutARequestUnlessAStrategyNeedsIt() throws Exception {
    assertEquals(0, filesSeenOpen(VfsOptions.defaults()));
    for (final PrefetchStrategy strategy :
        List.of(new PrefetchStrategy.OnOpen(1), new PrefetchStrategy.Eager())) {
      final VfsOptions options = VfsOptions.builder().prefetch(strategy).build();
      assertEquals(1, filesSeenOpen(options), strategy.toString());
    }
  }

  /** How many files the filesystem knows to be open while a program holds one. */
  private long filesSeenOpen(final VfsOptions options) throws Exception {
    try (TestMount mount = mount(options)) {
      try (var held = Files.newInputStream(mount.point().resolve("d1/f1"))) {
        assertEquals('a', held.read());
        return mount.stats().openFiles();
      } finally {
        awaitClosed(mount);
      }
    }
  }

  private static void awaitClosed(final TestMount mount) throws InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (mount.stats().openFiles() > 0) {
      assertTrue(System.nanoTime() < deadline, "a file stays open");
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void shouldDropPagesThatTurnOutWrong() throws Exception {
    final VfsOptions options = VfsOptions.builder().prefetch(new PrefetchStrategy.None()).build();
    try (TestMount mount = mount(options)) {
      final Path damaged = mount.point().resolve("d1/f1");
      final Path other = mount.point().resolve("d1/f2");
      assertEquals('a', Files.readAllBytes(damaged)[0]);
      assertEquals('a', Files.readAllBytes(other)[0]);
      content.set((byte) 'b');
      assertEquals('a', Files.readAllBytes(damaged)[0], "out of the page cache");

      mount.fileSystem().dropPages(new ContentHash(2, 2));

      final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      final long before = mount.requests();
      while (mount.requests() == before) {
        assertTrue(System.nanoTime() < deadline, "the kernel still has the pages");
        assertEquals('a', Files.readAllBytes(damaged)[0], "our pool still has them");
      }
      assertEquals('a', Files.readAllBytes(other)[0], "another object");
    }
  }

  @Test
  void shouldNotBeTroubledByNamesThatAreNoText() throws Exception {
    try (TestMount mount = mount(VfsOptions.defaults())) {
      for (final String name : List.of("\\377\\376", "\\200", "\\300\\257", "d1/\\355\\240\\200")) {
        final Client.Result result =
            Client.sh("LC_ALL=C cat \"$1/$(printf '" + name + "')\"", mount.point());
        assertNotEquals(0, result.exit());
        assertTrue(result.said().contains("No such file or directory"), result.said());
      }
      assertEquals(
          new Client.Result(0, FOLDERS + "\n"), Client.sh("ls \"$1\" | wc -l", mount.point()));
    }
  }

  @Test
  void shouldRefuseWritingToAFileThatTheKernelOpenedByItself() throws Exception {
    try (TestMount mount = mount(VfsOptions.defaults())) {
      final Client.Result result = Client.sh("echo x >> \"$1/d1/f1\"", mount.point());
      assertTrue(result.said().contains("Read-only file system"), result.said());
    }
  }
}
