package dev.slabmount.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool that the system refuses the address space for, in a process that may have little. */
@Timeout(120)
class ReservationIT {
  private static final long LIMIT_KIB = 6L << 20;

  /** In the process with little address space: a pool that is too large, then one that is not. */
  static final class Child {
    private Child() {}

    public static void main(final String... arguments) {
      for (int i = 0; i < 100; i++) { // A refusal that kept something would add up.
        try {
          MemoryPool.create(config(64L << 30)).close();
          System.out.println("64 GiB were reserved");
          System.exit(1);
        } catch (final MemoryPoolException.ReservationFailed e) {
          if (i == 0) {
            System.out.println(e.getMessage());
          }
        }
      }
      try (MemoryPool pool = MemoryPool.create(config(64L << 20));
          MutableBlockHandle block =
              pool.insertDirty(1, 0, Blocks.segment(Blocks.bytes(1, 1 << 20)))) {
        System.out.println("length " + block.length());
      }
    }

    private static MemoryPoolConfig config(final long maxSize) {
      return MemoryPoolConfig.builder().maxSize(maxSize).build();
    }
  }

  @Test
  void shouldSayWhatWasRefusedAndLeaveNothingBehind() throws Exception {
    final Process child =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -v " + LIMIT_KIB + " && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:ReservedCodeCacheSize=64m",
                "-XX:CompressedClassSpaceSize=64m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                Child.class.getName())
            .redirectErrorStream(true)
            .start();
    final String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(child.waitFor(60, TimeUnit.SECONDS), output);
    assertEquals(0, child.exitValue(), output);
    assertTrue(output.startsWith("cannot reserve 6872"), "says how much: " + output);
    assertTrue(output.contains("length 1048576"), "a smaller pool works: " + output);
  }

  private static String classPath() throws Exception {
    final StringBuilder path = new StringBuilder();
    for (final Class<?> one :
        new Class<?>[] {
          MemoryPool.class, ReservationIT.class, org.agrona.collections.Long2ObjectHashMap.class
        }) {
      path.append(Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI()))
          .append(File.pathSeparatorChar);
    }
    return path.toString();
  }
}
