package dev.slabmount.vfs.manifest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a document of one form: which keys a row may have, and of which type. What the
 * values mean together is for {@link FileRow} and whoever uses it.
 *
 * <p>A value of the wrong type goes to the {@link Problems}. If they do not throw, the value counts
 * as absent.
 */
final class RowReader {

  /** What is done about an error in a row. */
  @FunctionalInterface
  interface Problems {
    /** Throws it, or makes a note of it. */
    void found(ManifestException error) throws ManifestException;
  }

  /** What is done with a row of {@code dirs} that has been read. */
  @FunctionalInterface
  interface DirectoryRows {
    void read(@Nullable String path, boolean deleted) throws ManifestException;
  }

  /** What is done with a row of files and links; the row is reused for the next one. */
  @FunctionalInterface
  interface FileRows {
    void read(FileRow row) throws ManifestException;
  }

  /** Reads the value of one key of a row. */
  @FunctionalInterface
  private interface ValueReader {
    void read(JsonParser parser, String key) throws IOException;
  }

  private final ManifestForm form;
  private final Problems problems;
  private final FileRow row;

  /** As errors call them; here because putting quotes around a key takes time for every row. */
  private final String pathName;

  private final String deletedName;
  private @Nullable String directoryPath;
  private boolean directoryDeleted;

  RowReader(final ManifestForm form, final Problems problems) {
    this.form = form;
    this.problems = problems;
    this.row = new FileRow(form);
    this.pathName = "'" + form.pathKey() + "'";
    this.deletedName = "'" + form.deletedKey() + "'";
  }

  /**
   * Reads all rows of {@code dirs}.
   *
   * @param earlier the directories read so far, by row; the rows of the document refer to them, and
   *     {@code rows} appends to them
   */
  void readDirectories(
      final JsonParser parser, final List<String> earlier, final DirectoryRows rows)
      throws IOException {
    if (!isArray(parser, "dirs")) {
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      directoryPath = null;
      directoryDeleted = false;
      if (readRow(parser, "dirs", (values, key) -> readDirectoryKey(values, key, earlier))
          && directoryPath == null) {
        problems.found(Tokens.error(parser, "a row of 'dirs' needs '" + form.pathKey() + "'"));
      }
      rows.read(directoryPath, directoryDeleted);
    }
  }

  private void readDirectoryKey(
      final JsonParser parser, final String key, final List<String> earlier) throws IOException {
    if (key.equals(form.pathKey())) {
      final String text = Tokens.string(parser, pathName);
      try {
        directoryPath = IndexedPath.decode(text, earlier);
      } catch (final IllegalArgumentException e) {
        directoryPath = text;
        throw Tokens.error(parser, String.valueOf(e.getMessage()));
      }
    } else if (key.equals(form.deletedKey())) {
      directoryDeleted = Tokens.bool(parser, deletedName);
      if (directoryDeleted && !form.isDiff()) {
        throw Tokens.error(parser, "a snapshot lists what is there, so nothing in it is deleted");
      }
    } else {
      parser.skipChildren();
    }
  }

  /** Reads all rows of files and links. */
  void readFiles(final JsonParser parser, final FileRows rows) throws IOException {
    if (!isArray(parser, form.filesKey())) {
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      row.clear();
      row.broken = !readRow(parser, form.filesKey(), this::readFileKey);
      rows.read(row);
    }
  }

  private void readFileKey(final JsonParser parser, final String key) throws IOException {
    switch (plainKey(key)) {
      case "path" -> row.path = Tokens.string(parser, pathName);
      case "hash" -> row.hash = Tokens.string(parser, "'hash'");
      case "chunkhashes" -> {
        row.chunked = true;
        Tokens.expect(parser, JsonToken.START_ARRAY, "'chunkhashes'");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          row.chunkHashes.add(Tokens.string(parser, "a chunk hash"));
        }
      }
      case "symlink" -> {
        row.targets++;
        row.targetField = "/symlink/" + form.targetKey();
        row.target = readSymlink(parser);
      }
      case "symlink_target" -> {
        row.targets++;
        row.targetField = "/symlink_target";
        row.target = Tokens.string(parser, "'symlink_target'");
      }
      case "size" -> {
        row.size = Tokens.integer(parser, "'size'");
        row.hasSize = true;
      }
      case "mtime" -> {
        row.mtimeMicros = Tokens.integer(parser, "'mtime'");
        row.hasMtime = true;
      }
      case "runnable" -> row.runnable = Tokens.bool(parser, "'runnable'");
      case "deleted" -> row.deleted = Tokens.bool(parser, deletedName);
      default -> parser.skipChildren();
    }
  }

  /** The name that a key has in the forms of today; empty for a key that the form does not have. */
  private String plainKey(final String key) {
    return switch (form) {
      case RELATIVE_SNAPSHOT, RELATIVE_DIFF, ABSOLUTE_SNAPSHOT, ABSOLUTE_DIFF ->
          key.equals("symlink_target") ? "" : key;
      case LEGACY_2023 ->
          switch (key) {
            case "path", "hash", "size", "mtime" -> key;
            default -> "";
          };
      case BETA_SNAPSHOT, BETA_DIFF ->
          switch (key) {
            case "name" -> "path";
            case "delete" -> "deleted";
            case "path", "deleted" -> "";
            default -> key;
          };
    };
  }

  private String readSymlink(final JsonParser parser) throws IOException {
    String target = null;
    Tokens.expect(parser, JsonToken.START_OBJECT, "'symlink'");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      final String key = parser.currentName();
      parser.nextToken();
      if (key.equals(form.targetKey())) {
        target = Tokens.string(parser, "'" + key + "'");
      } else {
        parser.skipChildren();
      }
    }
    if (target == null) {
      throw Tokens.error(parser, "a symlink needs '" + form.targetKey() + "'");
    }
    return target;
  }

  private boolean isArray(final JsonParser parser, final String key) throws IOException {
    try {
      Tokens.expect(parser, JsonToken.START_ARRAY, "'" + key + "'");
      return true;
    } catch (final ManifestException e) {
      problems.found(e);
      parser.skipChildren();
      return false;
    }
  }

  /** Reads one row; whether that went without an error. */
  private boolean readRow(final JsonParser parser, final String key, final ValueReader values)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      problems.found(Tokens.mismatch(parser, JsonToken.START_OBJECT, "a row of '" + key + "'"));
      parser.skipChildren();
      return false;
    }
    final int depth = parser.getParsingContext().getNestingDepth();
    boolean sound = true;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      final String name = parser.currentName();
      parser.nextToken();
      try {
        values.read(parser, name);
      } catch (final ManifestException e) {
        problems.found(e);
        sound = false;
        leaveTo(parser, depth);
      }
    }
    return sound;
  }

  /** Skips the rest of a value that was being read when an error was found in it. */
  private static void leaveTo(final JsonParser parser, final int depth) throws IOException {
    while (parser.getParsingContext().getNestingDepth() > depth) {
      if (parser.nextToken() == null) {
        return;
      }
    }
  }
}
