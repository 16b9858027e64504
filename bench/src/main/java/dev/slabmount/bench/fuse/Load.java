package dev.slabmount.bench.fuse;

import dev.slabmount.fuse.TransportKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that the client does to a mount, and what should come out.
 *
 * @param row its name in the report
 * @param kind what {@code load} calls it
 * @param amount how many jobs (0: it knows only one) of a time slice, or how many files
 * @param counted whether the amount is files
 * @param goals what should come out
 */
record Load(String row, String kind, int amount, boolean counted, Goals goals) {
  /** In the mount: where counted files are made and listed. */
  static final String FOLDER = "names";

  private static final String SLICE_SECONDS = "0.5";

  /** So many jobs for the time of a slice; 0 if it knows only one. */
  static Load timed(String row, String kind, int jobs, Goals goals) {
    return new Load(row, kind, jobs, false, goals);
  }

  /** So many files, one after the other. */
  static Load counted(String row, String kind, int files, Goals goals) {
    return new Load(row, kind, files, true, goals);
  }

  /** The name of the line about the server's processor time. */
  String timeRow() {
    return row + "-server-cpu";
  }

  /** The name of the line that compares with jFUSE. */
  String jfuseRow() {
    return row + "-against-jfuse";
  }

  /** The names of all its lines. */
  List<String> rows() {
    List<String> rows = new ArrayList<>(List.of(row));
    if (goals.time(TransportKind.DEV).isPresent()) {
      rows.add(timeRow());
    }
    if (goals.toJfuse(TransportKind.DEV).isPresent()) {
      rows.add(jfuseRow());
    }
    return rows;
  }

  /** The client's words for a time slice of the usual length. */
  List<String> words(Path mount) {
    return words(mount, SLICE_SECONDS);
  }

  /** The client's words. */
  List<String> words(Path mount, String seconds) {
    if (counted) {
      return List.of(kind, mount.resolve(FOLDER).toString(), String.valueOf(amount));
    }
    return amount == 0
        ? List.of(kind, mount.toString(), seconds)
        : List.of(kind, mount.toString(), String.valueOf(amount), seconds);
  }
}
