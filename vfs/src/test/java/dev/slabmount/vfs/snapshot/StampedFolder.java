package dev.slabmount.vfs.snapshot;

import dev.slabmount.vfs.content.FileStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Temporary folders where change times can be believed: in memory if not in the usual place. */
final class StampedFolder implements TempDirFactory {

  @Override
  public Path createTempDirectory(
      final AnnotatedElementContext element, final ExtensionContext context) throws IOException {
    final Path usual = Files.createTempDirectory("junit");
    final Path probe = Files.createFile(usual.resolve("probe"));
    final boolean believed = new ChangeTimes().proveContent(probe, FileStat.of(probe));
    Files.delete(probe);
    if (believed) {
      return usual;
    }
    Files.delete(usual);
    return Files.createTempDirectory(Path.of("/dev/shm"), "junit");
  }
}
