package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.vfs.FakeRequest;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.StuckStore;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Files in a store that can be made to hang, and a reader of them. */
abstract class HangingFiles {

  static final int BLOCK = 4096;
  static final int FILE_BYTES = 4 * BLOCK;
  static final Duration LONG = Duration.ofMinutes(5);

  /** Long enough that a busy machine does not use it up by itself. */
  static final Duration SHORT = Duration.ofMillis(400);

  @TempDir Path folder;
  int poolBytes = 16 << 20;
  int blockBytes = BLOCK;
  int bytesOfLast;
  final LineLog log = new LineLog();
  final List<byte[]> contents = new ArrayList<>();
  StuckStore store;
  MemoryPool pool;
  InodeTree tree;
  BlockReader reader;

  @AfterEach
  void checkThatNothingIsLeft() throws Exception {
    store.close();
    reader.close();
    assertEquals(0, reader.pending());
    await(() -> reader.storeThreads() == 0);
    assertEquals(0, reader.stuckThreads());
    assertEquals(0, pool.stats().pins(), "every pin was given back");
    pool.clear();
    assertEquals(0, pool.stats().slotsInUse());
    pool.close();
  }

  /** So many files of so many bytes, named f0, f1 …, in a store in which nothing hangs yet. */
  void make(final int files, final int bytes, final ReadLimits limits, final boolean interruptible)
      throws Exception {
    final LocalContentStore whole = LocalContentStore.create(folder.resolve("store"));
    final Manifest.Builder manifest = new Manifest.Builder();
    try (ObjectWriter writer = whole.startWriting()) {
      for (int i = 0; i < files; i++) {
        final byte[] content =
            TestBytes.random(i + 1, i == files - 1 && bytesOfLast > 0 ? bytesOfLast : bytes);
        contents.add(content);
        writer.put(Xxh128.hash(content), content.length, TestBytes.source(content));
        manifest.add(
            new FileEntry("f" + i, content.length, 0, false, List.of(Xxh128.hash(content))));
      }
      writer.sync();
    }
    store = new StuckStore(whole, interruptible);
    pool =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(poolBytes)
                .blockSize(blockBytes)
                .loadTimeout(limits.fetchTimeout())
                .build());
    tree = TreeBuilder.build(manifest.build());
    reader = new BlockReader(tree, pool, new VerifyingReader(store), limits, log);
  }

  static ReadLimits limits(final int threads, final int pending, final Duration timeout) {
    return new ReadLimits(threads, 1, pending, timeout, Duration.ofMillis(500));
  }

  void hang(final int file) {
    store.hang(Xxh128.hash(contents.get(file)));
  }

  void heal(final int file) {
    store.heal(Xxh128.hash(contents.get(file)));
  }

  long ino(final int file) {
    final byte[] name = ("f" + file).getBytes(StandardCharsets.UTF_8);
    return tree.lookup(InodeTree.ROOT, name, 0, name.length);
  }

  /** Begins a read. */
  FakeRequest start(final int file, final int offset, final int length) {
    final FakeRequest request = new FakeRequest();
    reader.read(request, ino(file), offset, length);
    return request;
  }

  void assertReads(final int file, final int offset, final int length) throws Exception {
    assertArrayEquals(
        Arrays.copyOfRange(contents.get(file), offset, offset + length),
        start(file, offset, length).bytes());
  }

  static void await(final BooleanSupplier condition) throws InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not in time");
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }
}
