package dev.slabmount.vfs.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Makes trees for tests. Files get 0644 and folders 0755, whatever the umask. */
final class SampleTree {

  private final Path root;

  SampleTree(final Path root) throws IOException {
    this.root = root;
    folder("");
  }

  Path root() {
    return root;
  }

  Path path(final String path) {
    return root.resolve(path);
  }

  SampleTree folder(final String path) throws IOException {
    mode(Files.createDirectories(root.resolve(path)), "rwxr-xr-x");
    return this;
  }

  SampleTree file(final String path, final byte[] content) throws IOException {
    mode(Files.write(root.resolve(path), content), "rw-r--r--");
    return this;
  }

  SampleTree mode(final String path, final String mode) throws IOException {
    mode(root.resolve(path), mode);
    return this;
  }

  SampleTree link(final String path, final String target) throws IOException {
    Files.createSymbolicLink(root.resolve(path), Path.of(target));
    return this;
  }

  SampleTree modified(final String path, final long micros) throws IOException {
    Files.setLastModifiedTime(root.resolve(path), time(micros));
    return this;
  }

  static FileTime time(final long micros) {
    return FileTime.from(
        Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000), 1000L * Math.floorMod(micros, 1_000_000)));
  }

  private static void mode(final Path path, final String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  /** Runs a program that makes what Java cannot. */
  static boolean run(final String... command) throws IOException {
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .onExit()
            .orTimeout(30, TimeUnit.SECONDS)
            .join()
            .exitValue()
        == 0;
  }
}
