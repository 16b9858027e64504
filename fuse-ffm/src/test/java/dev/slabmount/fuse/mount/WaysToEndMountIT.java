package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.EndReason;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.MountException;
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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who ends a mount, and what they meet: open files, operations that never return, another mount.
 */
@Timeout(90)
@ParameterizedClass
@EnumSource(TransportKind.class)
class WaysToEndMountIT {
  @Parameter TransportKind transport;

  @TempDir Path dir;
  private Path point;
  private final List<Process> processes = new ArrayList<>();

  /** Its link is read in a way of the test's own. */
  private static final class LinkFs extends TestFs {
    private final Consumer<Request> readlink;

    LinkFs(Consumer<Request> readlink) {
      this.readlink = readlink;
    }

    @Override
    public void readlink(Request request, long ino) {
      readlink.accept(request);
    }
  }

  @BeforeEach
  void makeMountPoint() throws IOException {
    point = Files.createDirectory(dir.resolve("mnt"));
  }

  @AfterEach
  void leaveNothing() throws Exception {
    for (Process each : processes) {
      each.destroyForcibly();
      assertTrue(each.waitFor(20, TimeUnit.SECONDS));
    }
    boolean left = MountTable.at(point).isPresent();
    if (left) {
      Unmounter.unmount(point, true);
    }
    assertFalse(left, "a mount is left behind");
  }

  private FuseMount mount(TransportKind kind, Path at, TestFs fs) throws MountException {
    return FuseMount.of(fs).transport(kind).at(at).threads(2).drain(Duration.ofSeconds(1)).mount();
  }

  private void assertHelloIsReadAt(Path at) throws Exception {
    assertEquals("hello, world\n", Shell.run("cat", at.resolve("hello").toString()).out());
  }

  /** A process that has a file open; it reads it when it is sent a line. */
  private Process holder() throws IOException {
    Process holder =
        new ProcessBuilder(
                "sh", "-c", "exec 3<" + point.resolve("hello") + "; echo; read x; cat <&3")
            .start();
    processes.add(holder);
    assertEquals('\n', holder.getInputStream().read());
    return holder;
  }

  private static String goOn(Process holder) throws Exception {
    holder.getOutputStream().write('\n');
    holder.getOutputStream().flush();
    assertTrue(holder.waitFor(20, TimeUnit.SECONDS));
    return new String(holder.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  private Process startServer(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(point.toString()));
    all.addAll(List.of(arguments));
    Process server = Server.start(transport, List.of("env"), all.toArray(String[]::new));
    processes.add(server);
    BufferedReader said = server.inputReader(StandardCharsets.UTF_8);
    MountEndIT.awaitMounted(said);
    return server;
  }

  private void assertEndsOnASignal(Process server) throws Exception {
    assertEquals(0, Shell.run("kill", "-TERM", String.valueOf(server.pid())).exit());
    assertTrue(server.waitFor(40, TimeUnit.SECONDS));
    assertEquals(143, server.exitValue());
    assertTrue(MountTable.at(point).isEmpty());
  }

  @Test
  void shouldEndByTheSystemCallOfAnother() throws Exception {
    try (FuseMount mount = mount(transport, point, new TestFs())) {
      assertEquals(0, Shell.run("umount", "-i", point.toString()).exit());
      assertEquals(EndReason.UNMOUNTED_BY_OTHERS, mount.awaitEnd());
    }
  }

  @Test
  void shouldServeOpenFilesAfterALazyUnmountUntilTheyAreClosed() throws Exception {
    TestFs fs = new TestFs();
    try (FuseMount mount = mount(transport, point, fs)) {
      Process holder = holder();
      assertEquals(0, Shell.run("fusermount3", "-uz", point.toString()).exit());
      assertTrue(MountTable.at(point).isEmpty());
      assertFalse(mount.hasEnded());
      assertEquals("hello, world\n", goOn(holder));
      assertEquals(EndReason.UNMOUNTED_BY_OTHERS, mount.awaitEnd());
      assertTrue(fs.destroyed.await(0, TimeUnit.SECONDS));
    }
  }

  @Test
  void shouldEndWhenAnOperationTakesItsOwnNameAway() throws Exception {
    TestFs fs =
        new LinkFs(request -> {
          Unmounter.Result result = Unmounter.unmount(point, true);
          assertEquals(Unmounter.Outcome.DONE, result.outcome(), result::message);
          request.reply().target(TestFs.HELLO, 0, 5);
        });
    try (FuseMount mount = mount(transport, point, fs)) {
      Shell.Result read = Shell.run("readlink", point.resolve("link").toString());
      assertEquals("hello\n", read.out());
      assertEquals(EndReason.UNMOUNTED_BY_OTHERS, mount.awaitEnd());
      assertEquals(0, mount.stats().uncaught());
    }
  }

  /** The operation itself cannot wait for the end, but it may have somebody else see to it. */
  @Test
  void shouldEndWhenAnOperationHasAnotherThreadCloseTheMount() throws Exception {
    FuseMount[] own = new FuseMount[1];
    Throwable[] thrown = new Throwable[1];
    Thread[] closer = new Thread[1];
    TestFs fs =
        new LinkFs(request -> {
          request.detach();
          closer[0] =
              Thread.ofPlatform()
                  .start(() -> {
                    try {
                      own[0].close();
                    } catch (Throwable e) {
                      thrown[0] = e;
                    }
                  });
        });
    try (FuseMount mount = mount(transport, point, fs)) {
      own[0] = mount;
      assertEquals(1, Shell.run("readlink", point.resolve("link").toString()).exit());
      assertNotEquals(EndReason.UNMOUNTED_BY_OTHERS, mount.awaitEnd());
      closer[0].join();
      assertEquals(null, thrown[0]);
      assertTrue(fs.destroyed.await(0, TimeUnit.SECONDS));
    }
  }

  @Test
  void shouldServeOneMountWhenAnotherOfTheOtherTransportEnds() throws Exception {
    TransportKind other =
        transport == TransportKind.DEV ? TransportKind.LIBFUSE : TransportKind.DEV;
    Path second = Files.createDirectory(dir.resolve("second"));
    try (FuseMount stays = mount(transport, point, new TestFs())) {
      try (FuseMount goes = mount(other, second, new TestFs())) {
        assertHelloIsReadAt(point);
        assertHelloIsReadAt(second);
        assertEquals(0, Shell.run("fusermount3", "-u", second.toString()).exit());
        assertEquals(EndReason.UNMOUNTED_BY_OTHERS, goes.awaitEnd());
      }
      assertFalse(stays.hasEnded());
      assertHelloIsReadAt(point);
    }
    assertTrue(MountTable.at(second).isEmpty());
  }

  @Test
  void shouldEndOnASignalAlthoughAFileStaysOpen() throws Exception {
    Process server = startServer();
    Process holder = holder();
    assertEndsOnASignal(server);
    assertEquals("", goOn(holder));
    assertNotEquals(0, holder.exitValue());
  }

  /** Both workers are in an operation that never returns, and no interrupt reaches it. */
  @ParameterizedTest
  @ValueSource(strings = {"--loops", "--locked", "--reads"})
  void shouldEndOnASignalAlthoughOperationsHangForEver(String how) throws Exception {
    Process server = startServer(how);
    for (int i = 0; i < 2; i++) {
      processes.add(new ProcessBuilder("cat", point.resolve("hangs").toString()).start());
    }
    Wait.until("both workers hang", () -> !Shell.isAnswered(point.resolve("hello"), 500));
    assertEndsOnASignal(server);
  }
}
