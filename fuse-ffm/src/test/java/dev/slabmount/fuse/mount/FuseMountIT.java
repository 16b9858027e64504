package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.EndReason;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
@ParameterizedClass
@EnumSource(TransportKind.class)
class FuseMountIT {
  @Parameter TransportKind transport;

  @TempDir Path dir;
  private final TestFs fs = new TestFs();
  private Path point;
  private FuseMount mount;

  @BeforeEach
  void mount() throws IOException {
    point = Files.createDirectory(dir.resolve("mnt"));
    mount =
        FuseMount.of(fs)
            .transport(transport)
            .at(point)
            .threads(2)
            .drain(Duration.ofSeconds(2))
            .mount();
  }

  @AfterEach
  void unmount() throws IOException {
    mount.close();
    assertTrue(MountTable.at(point).isEmpty(), "a mount is left behind");
  }

  private String path(String name) {
    return point.resolve(name).toString();
  }

  @Test
  void shouldReadWhatTheFileSystemAnswers() throws Exception {
    assertHelloIsRead();
  }

  private void assertHelloIsRead() throws Exception {
    Shell.Result cat = Shell.run("cat", path("hello"));
    assertEquals("hello, world\n", cat.out());
    assertEquals(0, cat.exit());
  }

  @Test
  void shouldListEveryNameOnce() throws Exception {
    Shell.Result ls = Shell.run("ls", "-U", point.toString());
    assertEquals(String.join("\n", TestFs.NAMES) + "\n", ls.out());
  }

  @Test
  void shouldShowAttributesAndTargets() throws Exception {
    assertEquals(
        "81a4 13 1 1700000000.123456789\n",
        Shell.run("stat", "-c", "%f %s %h %.9Y", path("hello")).out());
    assertEquals("hello\n", Shell.run("readlink", path("link")).out());
  }

  @Test
  void shouldReadLargeFilesExactly() throws Exception {
    Path copy = dir.resolve("copy");
    assertEquals(0, Shell.run("cp", path("big"), copy.toString()).exit());
    assertEquals(-1, java.util.Arrays.mismatch(TestFs.big(), Files.readAllBytes(copy)));
  }

  @Test
  void shouldAnswerEioForWhateverIsThrownAndLiveOn() throws Exception {
    for (String name : new String[] {"throws", "overflows", "oom", "silent"}) {
      Shell.Result cat = Shell.run("cat", path(name));
      assertEquals(1, cat.exit(), name);
      assertTrue(cat.err().contains("Input/output error"), cat.err());
    }
    // Each is counted only after it is answered.
    Wait.until("three count as thrown", () -> mount.stats().uncaught() == 3);
    Wait.until("one counts as unanswered", () -> mount.stats().unanswered() == 1);
    assertHelloIsRead();
  }

  @Test
  void shouldRefuseASecondAnswer() throws Exception {
    Shell.Result cat = Shell.run("cat", path("twice"));
    assertEquals("hello, world\n", cat.out());
    assertTrue(mount.stats().repliesRefused() > 0);
    assertEquals(0, mount.stats().uncaught());
  }

  @Test
  void shouldAnswerADetachedRequestFromAnotherThread() throws Exception {
    for (int i = 0; i < 50; i++) {
      assertEquals("hello, world\n", Shell.run("cat", path("late")).out());
    }
    assertEquals(0, mount.stats().detached());
  }

  @Test
  void shouldServeOthersWhileARequestIsStuckAndAnswerItWithEioAtUnmount() throws Exception {
    Process cat = new ProcessBuilder("cat", path("stuck")).redirectErrorStream(true).start();
    assertTrue(fs.stuckReached.await(20, TimeUnit.SECONDS));
    assertHelloIsRead();
    assertEquals(1, mount.stats().detached());

    mount.close();

    assertTrue(cat.waitFor(20, TimeUnit.SECONDS));
    assertEquals(1, cat.exitValue());
    String said = new String(cat.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertFalse(said.isEmpty());
    assertFalse(fs.stuck.remove().reply().error(5), "an answer after the unmount must be refused");
    assertEquals(0, mount.stats().detached());
  }

  @Test
  @Covers("destroy")
  void shouldEndWhenOthersUnmount() throws Exception {
    assertEquals(0, Shell.run("fusermount3", "-u", point.toString()).exit());
    assertEquals(EndReason.UNMOUNTED_BY_OTHERS, mount.awaitEnd());
    assertTrue(fs.destroyed.await(0, TimeUnit.SECONDS));
  }

  @Test
  void shouldEndAndCleanUpWhenTheConnectionIsCut() throws Exception {
    Process holder = holdOpen("hello");
    try {
      String device = MountTable.at(point).orElseThrow().device();
      assertTrue(Unmounter.abort(device, point));
      assertEquals(EndReason.CONNECTION_LOST, mount.awaitEnd());
      assertTrue(MountTable.at(point).isEmpty());
    } finally {
      end(holder);
    }
  }

  @Test
  void shouldCutTheConnectionWhenFilesStayOpen() throws Exception {
    Process holder = holdOpen("hello");
    try {
      mount.close();
      assertEquals(EndReason.CUT_BY_US, mount.awaitEnd());
    } finally {
      end(holder);
    }
  }

  private Process holdOpen(String name) throws IOException {
    Process holder =
        new ProcessBuilder("sh", "-c", "exec 3<" + path(name) + "; echo open; sleep 30 <&3")
            .redirectErrorStream(true)
            .start();
    assertEquals('o', holder.getInputStream().read());
    return holder;
  }

  private static void end(Process holder) {
    holder.descendants().forEach(ProcessHandle::destroyForcibly);
    holder.destroyForcibly();
  }

  @Test
  void shouldCloseTwiceWithoutHarm() throws Exception {
    mount.close();
    mount.close();
    assertTrue(mount.hasEnded());
    assertEquals(EndReason.UNMOUNTED_BY_US, mount.awaitEnd());
  }

  @Test
  void shouldCountLookupsAndForgets() throws Exception {
    Shell.run("ls", "-l", point.toString());
    assertTrue(mount.stats().lookupCount() > 0);
    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "2");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (mount.stats().lookupCount() != 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertEquals(0, mount.stats().lookupCount());
    assertEquals(0, mount.stats().inodesReferenced());
    assertTrue(fs.forgotten.get() > 0);
  }
}
