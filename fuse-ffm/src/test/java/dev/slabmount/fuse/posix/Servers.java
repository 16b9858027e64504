package dev.slabmount.fuse.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.example.memfs.MemFsCommand;
import dev.slabmount.fuse.mount.Server;
import dev.slabmount.fuse.mount.Shell;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** One server for each place, started when it is first used and ended after the last test. */
final class Servers implements BeforeAllCallback {
  private static final int TERMINATED = 143;

  private static final Map<Place, Running> RUNNING = new EnumMap<>(Place.class);

  private record Running(Path root, Path point, Path log, Process process) {}

  /** Ends all servers; runs once, whatever failed before. */
  private static final class End implements AutoCloseable {
    @Override
    public void close() {
      Throwable first = null;
      for (Running each : RUNNING.values()) {
        try {
          end(each);
        } catch (Exception | AssertionError e) {
          first = first == null ? e : first;
        }
      }
      RUNNING.clear();
      if (first != null) {
        throw new IllegalStateException("a server did not end as it should", first);
      }
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getRoot().getStore(Namespace.GLOBAL).computeIfAbsent(End.class, type -> new End());
  }

  /** The directory of a place, in which tests make directories of their own. */
  static synchronized Path directory(Place place) throws Exception {
    Running running = RUNNING.get(place);
    if (running == null) {
      Path root = Files.createTempDirectory("posix");
      running = place.isMounted() ? start(place, root) : new Running(root, root, root, null);
      RUNNING.put(place, running);
    }
    return running.point;
  }

  private static Running start(Place place, Path root) throws Exception {
    Path point = Files.createDirectory(root.resolve("mnt"));
    Path log = root.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Server.classPath(),
                MemFsCommand.class.getName(),
                point.toString(),
                "--transport",
                place.transport,
                "-o",
                "allow_other,dev,suid,size=512M," + place.options)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Running running = new Running(root, point, log, process);
    Wait.until(
        "mounted " + place,
        () -> {
          assertTrue(process.isAlive(), () -> log(running));
          return MountTable.at(point).isPresent();
        });
    return running;
  }

  /** What a server has complained about, if anything. */
  static synchronized void assertNoComplaint(Place place) {
    Running running = RUNNING.get(place);
    if (running != null && running.process != null) {
      String log = log(running);
      assertFalse(log.contains("WARNING") || log.contains("Exception"), log);
    }
  }

  private static String log(Running running) {
    try {
      return Files.readString(running.log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void end(Running running) throws Exception {
    try {
      if (running.process != null) {
        running.process.destroy();
        assertTrue(running.process.waitFor(30, TimeUnit.SECONDS), "it does not end");
        assertEquals(TERMINATED, running.process.exitValue(), () -> log(running));
        assertTrue(MountTable.at(running.point).isEmpty());
      }
    } finally {
      if (running.process != null) {
        running.process.destroyForcibly();
      }
      if (MountTable.at(running.point).isPresent()) {
        Unmounter.unmount(running.point, true);
      }
      assertEquals(0, Shell.run("rm", "-rf", running.root.toString()).exit());
    }
  }
}
