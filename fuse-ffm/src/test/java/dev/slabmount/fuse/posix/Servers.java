package dev.slabmount.fuse.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.example.memfs.MemFsCommand;
import dev.slabmount.fuse.mount.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** One server for each place, started when it is first used and ended after the last test. */
final class Servers implements BeforeAllCallback {
  private static final Map<Place, MemServer> RUNNING = new EnumMap<>(Place.class);
  private static Path local;

  /** Ends all servers; runs once, whatever failed before. */
  private static final class End implements AutoCloseable {
    @Override
    public void close() {
      Throwable first = null;
      for (MemServer each : RUNNING.values()) {
        try {
          each.close();
        } catch (RuntimeException | AssertionError e) {
          first = first == null ? e : first;
        }
      }
      RUNNING.clear();
      removeLocal();
      if (first != null) {
        throw new IllegalStateException("a server did not end as it should", first);
      }
    }
  }

  private static void removeLocal() {
    if (local != null) {
      try {
        assertEquals(0, Shell.run("rm", "-rf", local.toString()).exit());
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getRoot().getStore(Namespace.GLOBAL).computeIfAbsent(End.class, type -> new End());
  }

  /** The directory of a place, in which tests make directories of their own. */
  static synchronized Path directory(Place place) throws Exception {
    if (!place.isMounted()) {
      local = local == null ? Files.createTempDirectory("posix") : local;
      return local;
    }
    MemServer running = RUNNING.get(place);
    if (running == null) {
      running = MemServer.start(MemFsCommand.class, place.transport, "size=512M," + place.options);
      RUNNING.put(place, running);
    }
    return running.point();
  }

  /** Fails if a server has complained about anything. */
  static synchronized void assertNoComplaint(Place place) {
    MemServer running = RUNNING.get(place);
    if (running != null) {
      running.assertNoComplaint();
    }
  }
}
