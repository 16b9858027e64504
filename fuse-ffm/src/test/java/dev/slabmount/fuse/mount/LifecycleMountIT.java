package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.EndReason;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a mount leaves behind, and ends that something tries to hold up. */
@Timeout(90)
@ParameterizedClass
@EnumSource(TransportKind.class)
class LifecycleMountIT {
  @Parameter TransportKind transport;

  private static final int CYCLES = 20;

  @TempDir Path dir;
  private Path point;
  private final TestFs fs = new TestFs();
  private final List<Process> clients = new ArrayList<>();

  @BeforeEach
  void makeMountPoint() throws IOException {
    point = Files.createDirectory(dir.resolve("mnt"));
  }

  @AfterEach
  void leaveNothing() throws IOException {
    fs.mayGoOn.countDown();
    clients.forEach(Process::destroyForcibly);
    boolean left = MountTable.at(point).isPresent();
    if (left) {
      Unmounter.unmount(point, true);
    }
    assertFalse(left, "a mount is left behind");
  }

  private FuseMount mount(int threads) throws MountException {
    return FuseMount.of(fs)
        .transport(transport)
        .at(point)
        .threads(threads)
        .drain(Duration.ofSeconds(1))
        .mount();
  }

  private Process cat(String name) throws IOException {
    Process cat = new ProcessBuilder("cat", point.resolve(name).toString()).start();
    clients.add(cat);
    return cat;
  }

  private void assertHelloIsRead() throws Exception {
    assertEquals("hello, world\n", Shell.run("cat", point.resolve("hello").toString()).out());
  }

  @Test
  void shouldLeakNothingOverManyMounts() throws Exception {
    Holdings before = null;
    for (int i = 0; i < 2 * CYCLES; i++) {
      if (i == CYCLES) {
        // What the first cycles load, compile and cache for good is no leak.
        before = Holdings.now(dir);
      }
      cycle(i);
    }
    Holdings settled = before;
    // In the end, because compilers hold memory while they work, and threads end a moment late.
    Wait.until(
        "nothing is leaked beyond " + settled,
        () -> {
          Holdings after = Holdings.now(dir);
          return after.threads() == 0
              && after.mounts() == 0
              && after.descriptors() - settled.descriptors() < CYCLES / 2
              && after.mappings() - settled.mappings() < CYCLES / 2
              && after.mallocBytes() - settled.mallocBytes() < CYCLES * 500_000L;
        });
  }

  /** Mounts that end in one way after another, among them one that fails. */
  private void cycle(int i) throws Exception {
    TestFs each = new TestFs();
    if (i % 4 == 3) {
      TestFs failing =
          new TestFs() {
            @Override
            public void init(Connection connection) {
              throw new IllegalStateException("on purpose");
            }
          };
      assertThrows(
          MountException.class, () -> FuseMount.of(failing).transport(transport).at(point).mount());
      assertTrue(failing.destroyed.await(0, TimeUnit.SECONDS));
      return;
    }
    FuseMount mount =
        FuseMount.of(each)
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(5))
            .mount();
    Shell.run("ls", "-l", point.toString());
    Shell.run("cat", point.resolve("late").toString(), point.resolve("big").toString());
    if (i % 4 == 1) {
      assertEquals(0, Shell.run("fusermount3", "-u", point.toString()).exit());
      assertEquals(EndReason.UNMOUNTED_BY_OTHERS, mount.awaitEnd());
    }
    mount.close();
    assertTrue(each.destroyed.await(0, TimeUnit.SECONDS));
  }

  @Test
  void shouldServeTwoMountsSideBySide() throws Exception {
    Path second = Files.createDirectory(dir.resolve("second"));
    TestFs other = new TestFs();
    try (FuseMount also = FuseMount.of(other).transport(transport).at(second).threads(1).mount()) {
      try (FuseMount first = mount(1)) {
        String both = first.mountPoint().resolve("hello") + " " + second.resolve("hello");
        assertEquals("hello, world\nhello, world\n", Shell.run("sh", "-c", "cat " + both).out());
      }
      assertTrue(fs.destroyed.await(0, TimeUnit.SECONDS));
      assertFalse(also.hasEnded());
      assertEquals("hello, world\n", Shell.run("cat", second.resolve("hello").toString()).out());
    }
    assertTrue(other.destroyed.await(0, TimeUnit.SECONDS));
    assertTrue(MountTable.at(second).isEmpty());
  }

  @Test
  void shouldEndAlthoughAnOperationNeverReturns() throws Exception {
    FuseMount mount = mount(1);
    Process stuck = cat("hangs");
    Wait.until("the operation hangs", () -> fs.hanging.get() == 1);
    long begun = System.nanoTime();

    MountException e = assertThrows(MountException.class, mount::close);

    assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(15));
    assertEquals(Reason.BUSY, e.reason());
    assertTrue(e.getMessage().contains("read (fuse-worker-0)"), e.getMessage());
    assertTrue(MountTable.at(point).isEmpty());
    assertEquals(EndReason.CUT_BY_US, mount.awaitEnd());
    assertTrue(stuck.waitFor(20, TimeUnit.SECONDS));
    assertNotEquals(0, stuck.exitValue());
    assertEquals(1, fs.destroyed.getCount(), "it must not be told while an operation runs");

    fs.mayGoOn.countDown();

    assertTrue(fs.destroyed.await(20, TimeUnit.SECONDS), "it is told when the operation returned");
    mount.close();
    assertEquals(1, mount.stats().repliesUndelivered());
  }

  /** Three operations want to be detached where one may, and no answer ever comes. */
  @Test
  void shouldEndAlthoughWorkersWaitForAnswersThatNeverCome() throws Exception {
    FuseMount mount =
        FuseMount.of(fs)
            .transport(transport)
            .at(point)
            .threads(3)
            .maxDetached(1)
            .drain(Duration.ofSeconds(1))
            .mount();
    List<Process> stuck = List.of(cat("stuck"), cat("stuck"), cat("stuck"));
    Wait.until("two workers wait", () -> mount.stats().detachWaits() == 2);
    assertEquals(1, mount.stats().detached());

    mount.close();

    for (Process each : stuck) {
      assertTrue(each.waitFor(20, TimeUnit.SECONDS));
      assertNotEquals(0, each.exitValue());
    }
    assertEquals(0, mount.stats().detached());
    assertEquals(3, fs.stuck.size());
    for (Request late : fs.stuck) {
      assertFalse(late.reply().ok());
    }
  }

  @Test
  void shouldGiveAWaitingWorkerItsTurn() throws Exception {
    try (FuseMount mount =
        FuseMount.of(fs).transport(transport).at(point).threads(2).maxDetached(1).mount()) {
      Process first = cat("stuck");
      Wait.until("the first is detached", () -> fs.stuck.size() == 1);
      Process second = cat("stuck");
      Wait.until("the second waits", () -> mount.stats().detachWaits() == 1);
      Set<Integer> served = new HashSet<>();
      Wait.until(
          "both have got what they read, and then the end of the file",
          () -> {
            for (Request next = fs.stuck.poll(); next != null; next = fs.stuck.poll()) {
              boolean begins = served.add(next.pid());
              TestFs.answer(next, begins ? 0 : TestFs.HELLO.length, begins ? 5 : 1);
            }
            return !first.isAlive() && !second.isAlive();
          });
      assertEquals("hello", said(first));
      assertEquals("hello", said(second));
    }
  }

  private static String said(Process client) throws IOException {
    return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  @Test
  void shouldCloseInFullAlthoughTheThreadIsInterrupted() throws Exception {
    FuseMount mount = mount(2);
    Thread.currentThread().interrupt();
    mount.close();
    assertTrue(Thread.interrupted(), "the interrupt is kept");
    assertEquals(EndReason.UNMOUNTED_BY_US, mount.awaitEnd());
  }

  @Test
  void shouldCloseOnceForManyThreadsThatWantTo() throws Exception {
    FuseMount mount = mount(2);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> closing = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        closing.add(
            threads.submit(() -> {
              mount.close();
              return null;
            }));
      }
      for (Future<?> each : closing) {
        each.get(20, TimeUnit.SECONDS);
      }
    }
    assertEquals(EndReason.UNMOUNTED_BY_US, mount.awaitEnd());
    assertTrue(fs.destroyed.await(0, TimeUnit.SECONDS));
  }

  @Test
  void shouldRefuseAnOperationThatClosesItsOwnMount() throws Exception {
    FuseMount[] own = new FuseMount[1];
    TestFs closing =
        new TestFs() {
          @Override
          public void readlink(Request request, long ino) {
            try {
              own[0].close();
            } catch (MountException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    try (FuseMount mount =
        FuseMount.of(closing)
            .transport(transport)
            .at(point)
            .threads(1)
            .drain(Duration.ofSeconds(2))
            .mount()) {
      own[0] = mount;
      assertEquals(1, Shell.run("readlink", point.resolve("link").toString()).exit());
      // Counted only after it is answered.
      Wait.until("it counts as thrown", () -> mount.stats().uncaught() == 1);
      assertHelloIsRead();
    }
  }

  @Test
  void shouldWaitForABusyMountToBecomeFree() throws Exception {
    FuseMount mount =
        FuseMount.of(fs)
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(20))
            .mount();
    Process holder =
        new ProcessBuilder(
                "sh", "-c", "exec 3<" + point.resolve("hello") + "; echo; read x; cat <&3")
            .start();
    clients.add(holder);
    assertEquals('\n', holder.getInputStream().read());
    try (ExecutorService closer = Executors.newSingleThreadExecutor()) {
      Future<?> closing =
          closer.submit(() -> {
            mount.close();
            return null;
          });
      assertThrows(
          java.util.concurrent.TimeoutException.class,
          () -> closing.get(200, TimeUnit.MILLISECONDS));
      holder.getOutputStream().write('\n');
      holder.getOutputStream().flush();
      closing.get(20, TimeUnit.SECONDS);
    }
    assertEquals(EndReason.UNMOUNTED_BY_US, mount.awaitEnd());
    assertEquals("hello, world\n", said(holder));
  }

  @Test
  void shouldExitOnASignalAlthoughAnOperationNeverReturns() throws Exception {
    Process server = Server.start(transport, List.of("env"), point.toString());
    clients.add(server);
    try (BufferedReader said = server.inputReader(StandardCharsets.UTF_8)) {
      MountEndIT.awaitMounted(said);
      cat("hangs");
      cat("hangs");
      Wait.until("both workers hang", () -> !Shell.isAnswered(point.resolve("hello"), 200));
      Shell.run("kill", "-TERM", String.valueOf(server.pid()));
      assertTrue(server.waitFor(40, TimeUnit.SECONDS));
      assertEquals(143, server.exitValue());
    }
  }

  @Test
  void shouldLeaveNoMountWhenTheSignalComesWhileMounting() throws Exception {
    Process server = Server.start(transport, List.of("env"), point.toString(), "--slow");
    clients.add(server);
    try (BufferedReader said = server.inputReader(StandardCharsets.UTF_8)) {
      for (String line = said.readLine(); !"mounting".equals(line); line = said.readLine()) {
        assertTrue(line != null, "it ended before it mounted");
      }
      Shell.run("kill", "-TERM", String.valueOf(server.pid()));
      assertTrue(server.waitFor(40, TimeUnit.SECONDS));
      assertEquals(143, server.exitValue());
      assertTrue(MountTable.at(point).isEmpty());
    }
  }

  @Test
  void shouldTellAnOrdinaryUserThatTheDeviceIsNotForHim() throws Exception {
    String script =
        "mknod -m 600 \"$1\" c 10 229 && mount --bind \"$1\" /dev/fuse && shift"
            + " && exec setpriv --reuid 65534 --regid 65534 --clear-groups"
            + " --inh-caps +dac_read_search --ambient-caps +dac_read_search \"$@\"";
    Process server =
        Server.start(
            transport,
            List.of("unshare", "-m", "sh", "-c", script, "sh", dir.resolve("fuse").toString()),
            point.toString());
    clients.add(server);
    String said = new String(server.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(server.waitFor(20, TimeUnit.SECONDS));
    assertTrue(said.contains("cannot mount: /dev/fuse: permission denied"), said);
  }
}
