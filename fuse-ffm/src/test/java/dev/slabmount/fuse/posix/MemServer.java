package dev.slabmount.fuse.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.mount.Server;
import dev.slabmount.fuse.mount.Shell;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A filesystem that is served by a process of its own, until it is closed. */
final class MemServer implements AutoCloseable {
  private static final int TERMINATED = 143;

  private final Path root;
  private final Path point;
  private final Path log;
  private final Process process;

  private MemServer(Path root, Path point, Path log, Process process) {
    this.root = root;
    this.point = point;
    this.log = log;
    this.process = process;
  }

  /**
   * Runs a program with a mountpoint, a transport and options as its arguments; returns when it has
   * mounted. {@code more}: what else it wants to be told.
   */
  static MemServer start(Class<?> program, String transport, String options, String... more)
      throws Exception {
    return startWithHeap("128m", program, transport, options, more);
  }

  /** As {@link #start}, with another limit of the heap. */
  static MemServer startWithHeap(
      String heap, Class<?> program, String transport, String options, String... more)
      throws Exception {
    Path root = Files.createTempDirectory("posix");
    Path point = Files.createDirectory(root.resolve("mnt"));
    Path log = root.resolve("log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Server.classPath(),
                program.getName(),
                point.toString(),
                "--transport",
                transport,
                "-o",
                "allow_other,dev,suid," + options));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    MemServer server = new MemServer(root, point, log, process);
    try {
      Wait.until(
          "mounted with " + options,
          () -> {
            assertTrue(process.isAlive(), server::log);
            return MountTable.at(point).isPresent();
          });
    } catch (Exception | AssertionError e) {
      server.cleanUp();
      throw e;
    }
    return server;
  }

  /** Where it is mounted. */
  Path point() {
    return point;
  }

  /** Fails if the server has complained about anything. */
  void assertNoComplaint() {
    String log = log();
    assertFalse(log.contains("WARNING") || log.contains("Exception"), log);
  }

  private String log() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Ends the server, which has to unmount. */
  @Override
  public void close() {
    try {
      end();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void end() throws Exception {
    try {
      process.destroy();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it does not end");
      assertEquals(TERMINATED, process.exitValue(), this::log);
      assertTrue(MountTable.at(point).isEmpty());
    } finally {
      cleanUp();
    }
  }

  private void cleanUp() throws Exception {
    assertTrue(process.destroyForcibly().waitFor(10, TimeUnit.SECONDS), "it does not die");
    if (MountTable.at(point).isPresent()) {
      Unmounter.unmount(point, true);
    }
    assertEquals(0, Shell.run("rm", "-rf", root.toString()).exit());
  }
}
