package dev.slabmount.fuse.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.mount.Server;
import dev.slabmount.fuse.mount.Shell;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random writes, reads, mappings, truncations, holes, copies, renames and new beginnings by threads
 * of several processes, each against a model. {@code -Dslabmount.test.seed=} repeats a run, {@code
 * -Dslabmount.test.steps=} and {@code -Dslabmount.test.seconds=} (of each place) make it longer.
 */
@Timeout(value = 40, unit = TimeUnit.MINUTES)
class DataIntegrityIT extends OnAnyDirectory {
  private static final int PROCESSES = 2;
  private static final int THREADS = 2;
  private static final int STEPS = Integer.getInteger("slabmount.test.steps", 200);
  private static final int SECONDS = Integer.getInteger("slabmount.test.seconds", 0);

  @Test
  void shouldReadWhatWasWrittenWhoeverWritesBeside() throws Exception {
    long seed = Long.getLong("slabmount.test.seed", System.nanoTime() & 0xFFFFFF);
    System.out.println("data integrity, " + place + ": seed " + seed);
    Hammer.prepare(dir);
    List<Process> others = new ArrayList<>();
    try {
      for (int i = 1; i < PROCESSES; i++) {
        others.add(start(dir, i, seed, STEPS));
      }
      new Hammer(dir, 0, seed, STEPS, SECONDS).run(THREADS);
      for (Process each : others) {
        String said = new String(each.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(each.waitFor(60, TimeUnit.SECONDS));
        assertEquals("done\n", said, "seed " + seed);
      }
    } finally {
      others.forEach(Process::destroyForcibly);
    }
    int owners = PROCESSES * THREADS;
    assertEquals((long) owners * Hammer.STRIPE, Posix.stat(in(Hammer.SHARED)).size());
    String files = Shell.run("sh", "-c", "find '" + dir + "' -type f | wc -l").out().strip();
    assertEquals(2 + owners * Hammer.FILES, Integer.parseInt(files), "seed " + seed);
    assertEquals(0, Shell.run("rm", "-rf", dir).exit());
    assertTrue(Files.notExists(Path.of(dir)));
  }

  /** Hammers on a directory in another process, as its number {@code number}. */
  static Process start(String dir, int number, long seed, int steps) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-ea",
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            Server.classPath(),
            Hammer.class.getName(),
            dir,
            String.valueOf(number),
            String.valueOf(seed),
            String.valueOf(THREADS),
            String.valueOf(steps),
            String.valueOf(SECONDS))
        .redirectErrorStream(true)
        .start();
  }
}
