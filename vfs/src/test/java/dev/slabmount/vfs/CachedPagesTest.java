package dev.slabmount.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Notifier;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CachedPagesTest {
  private static final int FILES = 20;

  /** A kernel that waits before each answer until it is allowed to. */
  private static final class Kernel implements Notifier {
    final BlockingQueue<Long> told = new LinkedBlockingQueue<>();
    final Semaphore answers = new Semaphore(0);

    @Override
    public int invalidateInode(final long ino, final long offset, final long length) {
      told.add(ino);
      answers.acquireUninterruptibly();
      return 0;
    }

    @Override
    public int invalidateEntry(final long parent, final byte[] name) {
      throw new AssertionError();
    }

    @Override
    public int expireEntry(final long parent, final byte[] name) {
      throw new AssertionError();
    }

    @Override
    public int expireAllEntries() {
      throw new AssertionError();
    }

    @Override
    public int prune(final long... inos) {
      throw new AssertionError();
    }

    @Override
    public int store(final long ino, final long offset, final MemorySegment data) {
      throw new AssertionError();
    }

    @Override
    public int retrieve(final long ino, final long offset, final int length, final long cookie) {
      throw new AssertionError();
    }

    @Override
    public int deleteEntry(final long parent, final long ino, final byte[] name) {
      throw new AssertionError();
    }

    @Override
    public int wakePoll(final long pollHandle) {
      throw new AssertionError();
    }

    long next() throws InterruptedException {
      final Long ino = told.poll(20, TimeUnit.SECONDS);
      assertTrue(ino != null, "the kernel was not told");
      return ino;
    }
  }

  @Test
  void shouldLookOnceForAllObjectsThatWereReportedDuringAPass() throws Exception {
    final Manifest.Builder manifest = new Manifest.Builder();
    for (int i = 0; i < FILES; i++) {
      manifest.add(new FileEntry("f" + i, 10, 0, false, List.of(new ContentHash(7, i))));
    }
    final InodeTree tree = TreeBuilder.build(manifest.build());
    final List<Long> expected = new ArrayList<>();
    for (long ino = InodeTree.ROOT; ino <= tree.count(); ino++) {
      if (tree.isRegular(ino)) {
        expected.add(ino);
      }
    }
    final Kernel kernel = new Kernel();
    try (CachedPages pages = new CachedPages(tree)) {
      pages.mounted(kernel);
      pages.drop(hash(tree, expected.getLast()));
      assertEquals(expected.getLast(), kernel.next());
      for (final long ino : expected.reversed()) { // The last one anew: its pass is under way.
        pages.drop(hash(tree, ino));
        pages.drop(hash(tree, ino));
      }
      kernel.answers.release(FILES + 2);

      final List<Long> told = new ArrayList<>();
      for (int i = 0; i < FILES; i++) {
        told.add(kernel.next());
      }
      assertEquals(expected, told, "in the order of the tree, not of the reports");

      pages.drop(hash(tree, expected.getFirst()));
      assertEquals(expected.getFirst(), kernel.next(), "nothing came twice");
    }
  }

  private static ContentHash hash(final InodeTree tree, final long ino) {
    return new ContentHash(tree.objectHigh(ino, 0), tree.objectLow(ino, 0));
  }
}
