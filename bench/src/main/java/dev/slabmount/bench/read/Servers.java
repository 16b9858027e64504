package dev.slabmount.bench.read;

import dev.slabmount.bench.process.Server;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.fuse.TransportKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How each of the servers that are compared here is started. */
final class Servers {
  /** The slabmount command as built. */
  static final Path COMMAND = Path.of("cli/target/slabmount/bin/slabmount");

  /** What the run needs to be built. */
  static final List<Path> NEEDED = List.of(COMMAND, Path.of(Workplace.program("client")));

  private Servers() {}

  /** The words that begin a call of it. */
  static String slabmount() {
    return COMMAND.toAbsolutePath().toString();
  }

  /** The slabmount command with its defaults but for the transport and what is given. */
  static Server slabmount(
      Workplace place, List<String> before, TransportKind transport, Tree tree, String... options)
      throws MeasuringException {
    Path folder = place.newFolder("mnt");
    List<String> words = new ArrayList<>(before);
    words.addAll(
        List.of(
            slabmount(),
            "mount",
            tree.manifest().toString(),
            folder.toString(),
            "--store",
            tree.store().toString(),
            "--transport",
            Workplace.option(transport)));
    words.addAll(List.of(options));
    return Server.start(place, folder, words);
  }

  /** The read-only C filesystem in memory. */
  static Server listfs(Workplace place, List<String> before, Path listing, String... options)
      throws MeasuringException {
    Path folder = place.newFolder("mnt");
    List<String> words = new ArrayList<>(before);
    words.add(Workplace.program("listfs"));
    words.addAll(List.of(options));
    words.addAll(List.of(listing.toString(), folder.toString()));
    return Server.start(place, folder, words);
  }

  /** The C filesystem that shows objects as one file named {@code data}. */
  static Server passthrough(Workplace place, List<Path> objects, String... options)
      throws MeasuringException {
    Path folder = place.newFolder("mnt");
    List<String> words = new ArrayList<>(List.of(Workplace.program("passthrough")));
    words.addAll(List.of(options));
    words.add(folder.toString());
    objects.forEach(object -> words.add(object.toString()));
    return Server.start(place, folder, words);
  }
}
