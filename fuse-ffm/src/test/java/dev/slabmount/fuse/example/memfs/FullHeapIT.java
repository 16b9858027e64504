package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.mount.Server;
import dev.slabmount.fuse.mount.Shell;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails because the heap is full has changed nothing, and what gives back needs no heap. */
@Timeout(60)
class FullHeapIT {
  @ParameterizedTest
  @ValueSource(
      strings = {"list", "remove", "attribute", "memory", "create", "rename", "link", "forget"})
  void shouldStayWholeThoughTheHeapIsFull(String what) throws Exception {
    Shell.Result result =
        Shell.run(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx32m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            Server.classPath(),
            FullHeap.class.getName(),
            what);
    assertEquals("as it should be\n", result.out(), result.err());
  }
}
