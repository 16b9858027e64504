package dev.slabmount.cli;

import dev.slabmount.vfs.manifest.DirectoryRow;
import dev.slabmount.vfs.manifest.ManifestDocument;
import dev.slabmount.vfs.manifest.ManifestRow;
import dev.slabmount.vfs.manifest.PathRules;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * Lists the entries of a manifest, a line for each: kind, size, time, path.
 *
 * <pre>
 *   d                -  -                            assets
 *   -        314572800  2023-11-14T22:13:20Z         assets/big.bin
 *   x               18  2023-11-14T22:13:21.500Z     run.sh
 *   l                -  -                            latest -> assets/tex/a.txt
 *   D                -  -                            gone
 * </pre>
 *
 * <p>{@code x} is a file that may be executed, {@code D} what is deleted, {@code ?} a file without
 * content. Control characters in names are escaped.
 */
final class ManifestListing {

  private static final String NONE = "-";

  private final PrintWriter out;

  ManifestListing(final PrintWriter out) {
    this.out = out;
  }

  void print(final ManifestDocument document) {
    for (final DirectoryRow row : document.directories()) {
      line(row.deleted() ? 'D' : 'd', NONE, NONE, row.path(), "");
    }
    for (final ManifestRow row : document.files()) {
      line(
          kind(row),
          row.size() == ManifestRow.NOT_SAID ? NONE : String.valueOf(row.size()),
          row.mtimeMicros() == ManifestRow.NOT_SAID ? NONE : time(row.mtimeMicros()),
          row.path(),
          row.kind() == ManifestRow.Kind.LINK ? " -> " + PathRules.printable(row.target()) : "");
    }
  }

  private static char kind(final ManifestRow row) {
    return switch (row.kind()) {
      case DELETED -> 'D';
      case LINK -> 'l';
      case UNHASHED_FILE -> '?';
      case FILE, CHUNKED_FILE -> row.runnable() ? 'x' : '-';
    };
  }

  private static String time(final long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
  }

  private void line(
      final char kind,
      final String size,
      final String time,
      final String path,
      final String suffix) {
    out.print(
        String.format(
            Locale.ROOT,
            "%c %16s  %-27s  %s%s\n",
            kind,
            size,
            time,
            PathRules.printable(path),
            suffix));
  }
}
