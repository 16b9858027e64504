package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server in a process of its own lives through: no memory, no classes, no connection. */
@Timeout(90)
@ParameterizedClass
@EnumSource(TransportKind.class)
class HardLifeMountIT {
  @Parameter TransportKind transport;

  @TempDir Path dir;
  private Path point;
  private Process server;

  @BeforeEach
  void makeMountPoint() throws IOException {
    point = Files.createDirectory(dir.resolve("mnt"));
  }

  @AfterEach
  void leaveNothing() throws Exception {
    if (server != null) {
      server.descendants().forEach(ProcessHandle::destroyForcibly);
      server.destroyForcibly();
      assertTrue(server.waitFor(20, TimeUnit.SECONDS));
    }
    boolean left = MountTable.at(point).isPresent();
    if (left) {
      Unmounter.unmount(point, true);
    }
    assertFalse(left, "a mount is left behind");
  }

  private String read(String name) throws Exception {
    return Shell.run("cat", point.resolve(name).toString()).out();
  }

  private int errorOf(String name) throws Exception {
    Shell.Result cat = Shell.run("cat", point.resolve(name).toString());
    assertTrue(cat.err().contains("Input/output error"), () -> cat + "; " + said());
    return cat.exit();
  }

  /** Starts a server that talks to a file, because nobody would read a pipe in time. */
  private void start(String classPath, String... arguments) throws Exception {
    List<String> prefix =
        List.of("sh", "-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1", "sh", out().toString());
    server = Server.startFrom(classPath, transport, prefix, arguments);
    Wait.until(
        "it is mounted",
        () -> {
          assertTrue(server.isAlive(), this::said);
          return Files.exists(out()) && said().contains("\nmounted\n");
        });
  }

  private Path out() {
    return dir.resolve("out");
  }

  private String said() {
    try {
      return "\n" + Files.readString(out());
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void unmountAndEnd() throws Exception {
    assertEquals(0, Shell.run("fusermount3", "-u", point.toString()).exit());
    assertTrue(server.waitFor(30, TimeUnit.SECONDS));
    assertTrue(said().endsWith("\nUNMOUNTED_BY_OTHERS\n"), this::said);
    assertEquals(0, server.exitValue());
  }

  @Test
  void shouldServeOnWhenAnOperationTakesAllMemory() throws Exception {
    start(Server.classPath(), point.toString(), "--hoard");
    assertEquals("hello, world\n", read("hello"));
    for (int i = 0; i < 3; i++) {
      assertEquals(1, errorOf("oom"));
      assertEquals("hello, world\n", read("hello"));
    }
    unmountAndEnd();
  }

  /** Whatever is needed later has been loaded before, since its files cannot be found any more. */
  @Test
  void shouldServeOverTheFilesThatItsOwnClassesComeFrom() throws Exception {
    List<String> hidden = new ArrayList<>();
    for (String each : Server.classPath().split(File.pathSeparator, -1)) {
      if (!each.isEmpty()) {
        Path copy = point.resolve(hidden.size() + "-" + Path.of(each).getFileName());
        assertEquals(0, Shell.run("cp", "-r", each, copy.toString()).exit());
        hidden.add(copy.toString());
      }
    }
    String classPath = String.join(File.pathSeparator, hidden);
    start(classPath, point.toString());
    assertEquals("hello, world\n", read("hello"));
    String listed = Shell.run("ls", "-l", point.toString()).out();
    assertEquals(TestFs.NAMES.size(), listed.lines().count() - 1);
    assertEquals("hello, world\n", read("late"));
    assertEquals(1, errorOf("throws"));
    assertEquals(1, errorOf("overflows"));
    assertEquals(1, errorOf("silent"));
    assertEquals("hello, world\n", read("twice"));
    assertEquals(TestFs.BIG, read("big").length());
    assertEquals("hello\n", Shell.run("readlink", point.resolve("link").toString()).out());
    Shell.run("sh", "-c", "echo x >'" + point.resolve("new") + "'; df '" + point + "'");
    unmountAndEnd();
    assertTrue(Files.exists(Path.of(hidden.getFirst())));
  }

  /**
   * The kernel's control files are mounted in a namespace of the test's own, because the machine
   * need not have them. A request is stuck and a file is open when the connection is aborted.
   */
  @Test
  void shouldEndWhenTheKernelAbortsTheConnection() throws Exception {
    String script =
        """
        control=/sys/fs/fuse/connections
        mount -t fusectl none $control
        p=$1; out=$2; shift 2
        "$@" >"$out" 2>&1 & server=$!
        until grep -q '^mounted$' "$out"; do kill -0 $server; sleep 0.02; done
        number=$(($(stat -c %d "$p") & 255))
        exec 3<"$p/hello"
        cat "$p/stuck" & reader=$!
        until [ "$(cat $control/$number/waiting)" -gt 0 ]; do sleep 0.02; done
        echo 1 >$control/$number/abort
        wait $reader && echo it was read
        cat <&3 && echo it was read
        wait $server && echo ended
        """;
    server =
        Server.start(
            transport,
            List.of("unshare", "-m", "sh", "-c", script, "sh", point.toString(), out().toString()),
            point.toString());
    String ended = new String(server.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(server.waitFor(30, TimeUnit.SECONDS));
    String log = said();
    assertTrue(ended.endsWith("ended\n") && !ended.contains("it was read"), ended + log);
    assertTrue(log.endsWith("CONNECTION_LOST\n"), log);
  }
}
