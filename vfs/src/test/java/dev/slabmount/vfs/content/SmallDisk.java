package dev.slabmount.vfs.content;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A disk in memory that is soon full; unmounted when closed. */
public final class SmallDisk implements AutoCloseable {

  private final Path folder;

  private SmallDisk(final Path folder) {
    this.folder = folder;
  }

  /** Mounts one, or returns null where that is not permitted. */
  public static SmallDisk mount(final Path folder, final String size) throws IOException {
    Files.createDirectories(folder);
    return run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder.toString())
        ? new SmallDisk(folder)
        : null;
  }

  /** Where it is mounted. */
  public Path folder() {
    return folder;
  }

  @Override
  public void close() throws IOException {
    if (!run("umount", folder.toString()) && !run("umount", "-l", folder.toString())) {
      throw new IOException("cannot unmount " + folder);
    }
  }

  private static boolean run(final String... command) throws IOException {
    final Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.onExit().orTimeout(30, TimeUnit.SECONDS).join().exitValue() == 0;
  }
}
