package dev.slabmount.bench.fuse;

import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.example.memfs.MemFs;
import dev.slabmount.fuse.example.memfs.MemFsOptions;
import java.nio.file.Path;
import java.util.Locale;

/**
 * {@code MemServer TRANSPORT OPTION... FOLDER}: serves a {@link MemFs} until SIGTERM. Its options
 * are those of MemFs.
 */
final class MemServer {
  private MemServer() {}

  public static void main(String[] arguments) throws Exception {
    MemFsOptions options = new MemFsOptions();
    int last = arguments.length - 1;
    for (int i = 1; i < last; i++) {
      if (!options.set(arguments[i])) {
        throw new IllegalArgumentException("MemFs has no option " + arguments[i]);
      }
    }
    TransportKind transport = TransportKind.valueOf(arguments[0].toUpperCase(Locale.ROOT));
    Path folder = Path.of(arguments[last]);
    try (FuseMount mount =
        FuseMount.of(new MemFs(options)).at(folder).transport(transport).mount()) {
      System.out.println("mounted MemFs on " + mount.mountPoint());
      mount.awaitEnd();
    }
  }
}
