package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Wait;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Locks, and requests that wait and are cancelled. */
@Timeout(60)
class LocksMountIT extends Mounted {
  /** Offers no locks, as {@link dev.slabmount.fuse.FileSystem} does by itself. */
  private static final class LocklessFs extends TestFs {}

  @Test
  @Covers({"setlk", "flock"})
  void shouldLeaveLocksToTheKernelUnlessTheFileSystemHasThem() throws Exception {
    mount =
        FuseMount.of(new LocklessFs())
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(3))
            .mount();
    assertEquals("errno 11", client("locktwice", "hello", "0"), "EAGAIN for the second flock");
    assertEquals("errno 11", client("locktwice", "hello", "1"), "EAGAIN for the second setlk");
  }

  @Test
  @Covers({"setlk", "flock"})
  void shouldAskAFileSystemThatHasLocks() throws Exception {
    RecordingFs refusing =
        new RecordingFs() {
          private final AtomicInteger asked = new AtomicInteger();

          @Override
          public void flock(Request r, long ino, long fh, int operation) {
            r.reply().error(asked.getAndIncrement() == 0 ? 0 : Errno.EAGAIN);
          }

          @Override
          public void setlk(Request r, long ino, long fh, FileLock lock, boolean wait) {
            r.reply().error(lock.type() == 1 ? Errno.EDEADLK : 0);
          }
        };
    refusing.file("f", new byte[1]);
    mount = describe(refusing).mount();
    assertEquals("errno 11", client("locktwice", "f", "0"));
    assertEquals("errno 35", client("locktwice", "f", "1"), "of the filesystem's own mind");
  }

  @Test
  @Covers({"setlk", "Request.detach"})
  void shouldGrantALockLater() throws Exception {
    Request[] waiting = new Request[1];
    RecordingFs granting =
        new RecordingFs() {
          @Override
          public void setlk(Request r, long ino, long fh, FileLock lock, boolean wait) {
            if (wait) {
              waiting[0] = r.detach();
            } else {
              r.reply().ok();
            }
          }
        };
    granting.file("f", new byte[1]);
    mount = describe(granting).mount();
    Process locking =
        new ProcessBuilder(client, "setlkw", point.resolve("f").toString(), "1", "0", "1").start();
    try {
      Wait.until("the lock is asked for", () -> waiting[0] != null);
      assertTrue(locking.isAlive());
      assertTrue(waiting[0].reply().ok());
      assertTrue(locking.waitFor(20, TimeUnit.SECONDS));
      String said = new String(locking.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertFalse(said.contains("errno"), said);
    } finally {
      locking.destroyForcibly();
    }
  }

  @Test
  @Covers({"Request.dropsLocks", "release", "flock"})
  void shouldTellThatAReleaseDropsLocks() throws Exception {
    fs.file("f", new byte[1]);
    mount();
    assertEquals("0", client("flock", "f", "2"));
    awaitCall("release 2 1000 drops locks");
    assertEquals("0", client("fsync", "f"));
    awaitCall("release 2 1001");
  }

  @Test
  @Covers({"Request.onInterrupt"})
  void shouldCancelWhatAnInterruptedRequestWaitsFor() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    Request[] stuck = new Request[1];
    RecordingFs hanging =
        new RecordingFs() {
          @Override
          public void read(Request r, long ino, long fh, long offset, int length) {
            Request later = r.detach();
            stuck[0] = later;
            later.onInterrupt(() -> {
              later.reply().error(Errno.EINTR);
              cancelled.countDown();
            });
            reached.countDown();
          }

          @Override
          public synchronized void getattr(Request r, long ino, long fh) {
            assertThrows(IllegalStateException.class, () -> r.onInterrupt(() -> {}));
            super.getattr(r, ino, fh);
          }
        };
    hanging.file("f", new byte[10]);
    hanging.directIo = true;
    mount = describe(hanging).mount();
    Process cat = new ProcessBuilder("cat", point.resolve("f").toString()).start();
    try {
      assertTrue(reached.await(20, TimeUnit.SECONDS));
      cat.destroy(); // SIGTERM, which is fatal to it
      assertTrue(cancelled.await(20, TimeUnit.SECONDS), "the action has run");
      assertTrue(cat.waitFor(20, TimeUnit.SECONDS));
      assertEquals(0, mount.stats().detached());
      stuck[0].onInterrupt(() -> cancelled.countDown()); // after the answer: nothing to cancel
    } finally {
      cat.destroyForcibly();
    }
  }
}
