package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;

/** A few files, their snapshot and an empty folder to mount it on, in a folder of a test's. */
final class SmallTree {
  static final String ODD_NAME = "\u00fc\u6f22 n";

  private static final int BIG_BYTES = 3_000_001;

  final Path manifest;
  final Path store;
  final Path point;
  private final Launcher launcher;
  private final byte[] big = new byte[BIG_BYTES];

  SmallTree(final Launcher launcher, final Path temp) throws IOException {
    this.launcher = launcher;
    final Path tree = Files.createDirectories(temp.resolve("tree"));
    new Random(7).nextBytes(big);
    Files.write(tree.resolve("big"), big);
    Files.writeString(tree.resolve("small"), "small\n");
    Files.writeString(tree.resolve(ODD_NAME), "odd\n");
    manifest = temp.resolve("tree.json");
    store = temp.resolve("store");
    point = Files.createDirectory(temp.resolve("mnt"));
    final Launcher.Result snapshot =
        launcher.run(
            "snapshot", tree.toString(), "--store", store.toString(), "--out", manifest.toString());
    assertEquals(0, snapshot.exitCode(), snapshot.toString());
  }

  /** The words of a command that mounts it. */
  String[] mountCommand(final Path at, final String... options) {
    final Stream<String> fixed =
        Stream.of("mount", manifest.toString(), at.toString(), "--store", store.toString());
    return Stream.concat(fixed, Stream.of(options)).toArray(String[]::new);
  }

  /** Mounts it in the foreground and returns when it answers. */
  Launcher.Started mount(final String... options) {
    return mountAt(point, options);
  }

  Launcher.Started mountAt(final Path at, final String... options) {
    final Launcher.Started started = launcher.start(mountCommand(at, options));
    started.awaitLine("mounted " + manifest + " on " + at);
    return started;
  }

  /** Mounts it as a daemon and returns its process id. */
  long mountAsDaemon(final String... options) {
    final String[] all =
        Stream.concat(Stream.of("--daemon"), Stream.of(options)).toArray(String[]::new);
    return processOf(launcher.run(mountCommand(point, all)).assertOk());
  }

  /** The process id that the starter of a daemon printed. */
  static long processOf(final Launcher.Result started) {
    return Long.parseLong(started.out().replaceFirst("(?s).*; process (\\d+), log .*", "$1"));
  }

  /** Reads every byte of it. */
  void assertServedAt(final Path at) throws IOException {
    assertArrayEquals(big, Files.readAllBytes(at.resolve("big")));
    assertEquals("small\n", Files.readString(at.resolve("small")));
    assertEquals("odd\n", Files.readString(at.resolve(ODD_NAME)));
    try (Stream<Path> entries = Files.list(at)) {
      assertEquals(3, entries.count());
    }
  }
}
