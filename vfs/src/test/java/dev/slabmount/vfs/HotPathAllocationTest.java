package dev.slabmount.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.SymlinkEntry;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel asks for all the time makes no garbage. */
@Timeout(60)
class HotPathAllocationTest {

  private static final int ROUNDS = 20_000;

  /** Asking how much was allocated allocates too, once per measurement. */
  private static final long SLACK_BYTES = ROUNDS / 10;

  private final FakeRequest request = new FakeRequest();
  private final Name name = new Name().set("file-500".getBytes(StandardCharsets.US_ASCII));
  private final Name absent = new Name().set("file-x".getBytes(StandardCharsets.US_ASCII));
  private MemoryPool pool;
  private InodeTree tree;
  private VfsFileSystem fs;
  private Object threads;
  private Method allocated;

  /** Room for a hundred rows. */
  private static final class CountingBuffer implements DirectoryBuffer {
    int rows;

    @Override
    public boolean add(
        final byte[] name,
        final int offset,
        final int length,
        final long ino,
        final int mode,
        final long nextOffset) {
      return rows++ < 100;
    }

    @Override
    public boolean addPlus(
        final byte[] name,
        final int offset,
        final int length,
        final Entry entry,
        final long nextOffset) {
      return rows++ < 100;
    }
  }

  @BeforeEach
  void make() throws Exception {
    // By reflection, because this module does not read java.management and need not.
    threads =
        Class.forName("java.lang.management.ManagementFactory")
            .getMethod("getThreadMXBean")
            .invoke(null);
    allocated =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getCurrentThreadAllocatedBytes");
    final Manifest.Builder manifest = new Manifest.Builder();
    for (int i = 0; i < 1000; i++) {
      manifest.add(
          new FileEntry("file-" + i, 100_000, i, false, List.of(new ContentHash(i + 1, i))));
    }
    manifest.add(new SymlinkEntry("link", "file-1"));
    tree = TreeBuilder.build(manifest.build());
    mount(MemoryPoolConfig.BLOCK_SIZE_DEFAULT);
    request.careless = true;
  }

  /** Anew, with the whole of the first file in the pool. */
  private void mount(final int blockSize) throws Exception {
    pool =
        MemoryPool.create(MemoryPoolConfig.builder().maxSize(8 << 20).blockSize(blockSize).build());
    fs =
        new VfsFileSystem(
            tree,
            (hash, length, offset, destination) -> (int) destination.byteSize(),
            pool,
            VfsOptions.defaults());
    final FakeRequest first = new FakeRequest();
    fs.read(first, 2, 2, 0, 100_000);
    assertEquals(100_000, first.bytes().length);
  }

  @AfterEach
  void close() {
    fs.close();
    pool.close();
  }

  @Test
  void shouldNotAllocateForAReadWithinABlock() throws Exception {
    assertNoGarbage(() -> fs.read(request, 2, 2, 4096, 65_536));
    assertTrue(fs.stats().poolReads() >= ROUNDS, "all of them were hits");
    assertNoGarbage(() -> fs.read(request, 2, 2, 100_000, 4096));
  }

  @Test
  void shouldNotAllocateForAReadOfManyBlocks() throws Exception {
    close();
    mount(4096);
    assertNoGarbage(() -> fs.read(request, 2, 2, 4095, 2));
    assertNoGarbage(() -> fs.read(request, 2, 2, 100, 90_000));
    assertTrue(fs.stats().poolReads() >= 2 * ROUNDS, "all of them were hits");
  }

  @Test
  void shouldNotAllocateForNamesAndAttributes() throws Exception {
    assertNoGarbage(() -> fs.lookup(request, FileSystem.ROOT, name));
    assertNoGarbage(() -> fs.lookup(request, FileSystem.ROOT, absent));
    assertNoGarbage(() -> fs.getattr(request, 500, FileSystem.NO_HANDLE));
    assertNoGarbage(() -> fs.readlink(request, 1002));
  }

  @Test
  void shouldNotAllocateForListings() throws Exception {
    final CountingBuffer buffer = new CountingBuffer();
    assertNoGarbage(() -> {
      buffer.rows = 0;
      fs.readdir(request, FileSystem.ROOT, FileSystem.ROOT, 0, buffer);
      fs.readdirplus(request, FileSystem.ROOT, FileSystem.ROOT, 500, buffer);
    });
  }

  private void assertNoGarbage(final Runnable operation) throws Exception {
    for (int i = 0; i < 1000; i++) {
      operation.run();
    }
    final long before = (long) allocated.invoke(threads);
    for (int i = 0; i < ROUNDS; i++) {
      operation.run();
    }
    final long bytes = (long) allocated.invoke(threads) - before;
    assertTrue(bytes < SLACK_BYTES, bytes + " bytes in " + ROUNDS + " calls");
  }
}
