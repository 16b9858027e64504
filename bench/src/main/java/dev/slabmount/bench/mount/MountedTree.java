package dev.slabmount.bench.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A folder with one file, snapshotted and mounted by the built command in a process of its own; all
 * of it in one temporary folder that {@link #close} removes.
 */
final class MountedTree {
  private static final Path COMMAND = Path.of("cli/target/slabmount/bin/slabmount");
  private static final long SECONDS = 60;

  private final Path root;
  private final Process server;

  private MountedTree(Path root, Process server) {
    this.root = root;
    this.server = server;
  }

  /** Makes, snapshots and mounts it; the working folder is the project's root. */
  static MountedTree of(String name, byte[] content, String poolSize)
      throws IOException, InterruptedException {
    if (!Files.isExecutable(COMMAND)) {
      throw new IOException(COMMAND + " is missing; run 'make build' at the project's root first");
    }
    Path root = Files.createTempDirectory("slabmount-bench");
    Files.createDirectory(root.resolve("mnt"));
    Path original = Files.createDirectory(root.resolve("original"));
    Files.write(original.resolve(name), content);
    String store = root.resolve("store").toString();
    String manifest = root.resolve("manifest.json").toString();
    Process snapshot =
        slabmount("snapshot", original.toString(), "--store", store, "--out", manifest);
    if (!snapshot.waitFor(SECONDS, TimeUnit.SECONDS) || snapshot.exitValue() != 0) {
      snapshot.destroyForcibly();
      throw new IOException("the snapshot failed");
    }
    Process server =
        slabmount(
            "mount",
            manifest,
            root.resolve("mnt").toString(),
            "--store",
            store,
            "--pool-size",
            poolSize);
    MountedTree tree = new MountedTree(root, server);
    tree.awaitFile(name);
    return tree;
  }

  /** The file as it was written. */
  Path original(String name) {
    return root.resolve("original").resolve(name);
  }

  /** The file as the mount shows it. */
  Path mounted(String name) {
    return root.resolve("mnt").resolve(name);
  }

  /** Unmounts and removes everything. */
  void close() throws IOException, InterruptedException {
    server.destroy(); // SIGTERM: unmounts in order
    if (!server.waitFor(SECONDS, TimeUnit.SECONDS)) {
      server.destroyForcibly();
      throw new IOException("the server did not unmount; " + root + " is left for a look");
    }
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private void awaitFile(String name) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!Files.exists(mounted(name))) {
      if (!server.isAlive() || System.nanoTime() > deadline) {
        close();
        throw new IOException("the mount did not come up");
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private static Process slabmount(String... arguments) throws IOException {
    List<String> command =
        Stream.concat(Stream.of(COMMAND.toAbsolutePath().toString()), Stream.of(arguments))
            .toList();
    return new ProcessBuilder(command).inheritIO().start();
  }
}
