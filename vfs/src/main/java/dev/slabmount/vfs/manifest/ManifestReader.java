package dev.slabmount.vfs.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests strictly: what it returns keeps every rule of {@code docs/MANIFEST.md}, and
 * everything else is refused with a {@link ManifestException} that names the place.
 *
 * <p>The document is streamed; memory grows with the resulting {@link Manifest}, not with the text.
 * Keys may come in any order; the canonical order is read in one pass, and a second pass is made
 * only when {@code files} comes before {@code dirs}, or to say which form a document has that could
 * not be read. Unknown keys are skipped, so that later additions to the format do not lock old
 * readers out; a key that comes twice in one object is refused.
 *
 * <p>Static methods; any thread.
 */
public final class ManifestReader {

  /** Deeper than the format (4), to skip unknown values; shallow enough for any stack. */
  private static final int NESTING_DEPTH_MAX = 16;

  /** In characters; a path of the greatest length, each character escaped, is well below it. */
  private static final int STRING_LENGTH_MAX = 1 << 16;

  private static final int NUMBER_LENGTH_MAX = 64;
  private static final int KEY_LENGTH_MAX = 1024;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(NESTING_DEPTH_MAX)
                  .maxStringLength(STRING_LENGTH_MAX)
                  .maxNumberLength(NUMBER_LENGTH_MAX)
                  .maxNameLength(KEY_LENGTH_MAX)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CHARSET_DETECTION) // UTF-8 only
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /** Where the bytes come from; opened once for each pass. */
  @FunctionalInterface
  private interface Source {
    InputStream open() throws IOException;
  }

  private final Source source;
  private final FileRow row = new FileRow();
  private final Manifest.Builder builder = new Manifest.Builder();
  private @Nullable List<String> directories;
  private boolean filesSeen;
  private boolean filesRead;
  private int fileRows;
  private long totalSize = -1;
  private @Nullable String hashAlgorithm;
  private @Nullable String specificationVersion;
  private @Nullable String manifestVersion;

  private ManifestReader(final Source source) {
    this.source = source;
  }

  /**
   * Reads a manifest from a file.
   *
   * @throws ManifestException if the content is not a manifest that can be read
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read or is not a regular file
   */
  public static Manifest read(final Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException(file + " is not a regular file");
    }
    return new ManifestReader(() -> Files.newInputStream(file)).read();
  }

  /**
   * Reads a manifest from memory.
   *
   * @param document the whole document, not changed meanwhile
   * @throws ManifestException if it is not a manifest that can be read
   */
  public static Manifest read(final byte[] document) throws ManifestException {
    try {
      return new ManifestReader(() -> new ByteArrayInputStream(document)).read();
    } catch (final ManifestException e) {
      throw e;
    } catch (final IOException e) {
      throw new AssertionError("memory does not fail", e);
    }
  }

  private Manifest read() throws IOException {
    try {
      pass(this::readKey);
    } catch (final ManifestException e) {
      final ManifestException refusal = refusalOfForm();
      throw refusal == null ? e : refusal;
    }
    final ManifestException refusal = FormatVersion.refusal(specificationVersion, manifestVersion);
    if (refusal != null) {
      throw refusal;
    }
    if (directories == null) {
      throw new ManifestException("", "needs 'dirs'");
    }
    if (filesSeen && !filesRead) {
      pass(this::readFilesOnly);
    }
    return finish();
  }

  private Manifest finish() throws ManifestException {
    if (!filesSeen) {
      throw new ManifestException("", "needs 'files'");
    }
    if (hashAlgorithm == null) {
      throw new ManifestException("", "needs 'hashAlg'");
    }
    if (!hashAlgorithm.equals(FormatVersion.HASH_ALGORITHM)) {
      throw new ManifestException(
          "/hashAlg",
          "content is named by "
              + ManifestException.quote(hashAlgorithm)
              + ", only '"
              + FormatVersion.HASH_ALGORITHM
              + "' is known");
    }
    if (totalSize < 0) {
      throw new ManifestException("", "needs 'totalSize'");
    }
    final Manifest manifest = builder.build();
    if (totalSize != manifest.totalSize()) {
      throw new ManifestException(
          "/totalSize",
          "says "
              + totalSize
              + ", but the files add up to "
              + manifest.totalSize()
              + ": rows were lost, added or changed");
    }
    return manifest;
  }

  /**
   * After an error in a row: why the document could not have been read anyway, or null. A document
   * of another form fails at some row first, which would hide the real reason.
   */
  private @Nullable ManifestException refusalOfForm() throws IOException {
    specificationVersion = null;
    manifestVersion = null;
    try {
      pass(this::readVersionOnly);
    } catch (final ManifestException _) {
      return null;
    }
    return FormatVersion.refusal(specificationVersion, manifestVersion);
  }

  /** What a pass does with the value of one key of the document. */
  @FunctionalInterface
  private interface KeyReader {
    void read(JsonParser parser, String key) throws IOException;
  }

  private void pass(final KeyReader keys) throws IOException {
    try (InputStream in = source.open();
        JsonParser parser = JSON.createParser(in)) {
      try {
        final JsonToken first = parser.nextToken();
        if (first == null) {
          throw new ManifestException("", "is empty, not a JSON document");
        }
        Tokens.expect(parser, JsonToken.START_OBJECT, "a manifest");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          final String key = parser.currentName();
          parser.nextToken();
          keys.read(parser, key);
        }
        if (parser.nextToken() != null) {
          throw new ManifestException("", "has more text after the JSON object");
        }
      } catch (final JsonProcessingException | CharConversionException e) {
        throw Tokens.syntaxError(parser, e);
      }
    }
  }

  private void readKey(final JsonParser parser, final String key) throws IOException {
    switch (key) {
      case "dirs" -> readDirectories(parser);
      case "files" -> {
        filesSeen = true;
        if (directories == null) {
          Tokens.expect(parser, JsonToken.START_ARRAY, "'files'");
          parser.skipChildren();
        } else {
          readFiles(parser, directories);
        }
      }
      case "hashAlg" -> hashAlgorithm = Tokens.string(parser, "'hashAlg'");
      case "totalSize" -> {
        totalSize = Tokens.integer(parser, "'totalSize'");
        if (totalSize < 0) {
          throw Tokens.error(parser, "negative total " + totalSize);
        }
      }
      case "parentManifestHash" ->
          throw Tokens.error(
              parser, "only a manifest of changes has a parent, and those are not read");
      default -> readVersionOnly(parser, key);
    }
  }

  private void readFilesOnly(final JsonParser parser, final String key) throws IOException {
    if (key.equals("files") && directories != null) {
      readFiles(parser, directories);
    } else {
      parser.skipChildren();
    }
  }

  private void readVersionOnly(final JsonParser parser, final String key) throws IOException {
    switch (key) {
      case "specificationVersion" -> specificationVersion = Tokens.string(parser, "the version");
      case "manifestVersion" -> manifestVersion = Tokens.string(parser, "the version");
      default -> parser.skipChildren();
    }
  }

  private void readDirectories(final JsonParser parser) throws IOException {
    final List<String> rows = new ArrayList<>();
    Tokens.expect(parser, JsonToken.START_ARRAY, "'dirs'");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      rows.add(readDirectory(parser, rows));
    }
    directories = rows;
  }

  private String readDirectory(final JsonParser parser, final List<String> earlier)
      throws IOException {
    String path = null;
    Tokens.expect(parser, JsonToken.START_OBJECT, "a row of 'dirs'");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      final String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "path" -> {
          try {
            path = IndexedPath.decode(Tokens.string(parser, "'path'"), earlier);
          } catch (final IllegalArgumentException e) {
            throw Tokens.error(parser, String.valueOf(e.getMessage()));
          }
        }
        case "deleted" -> {
          if (Tokens.bool(parser, "'deleted'")) {
            throw Tokens.error(
                parser, "a snapshot lists what is there, so nothing in it is deleted");
          }
        }
        default -> parser.skipChildren();
      }
    }
    if (path == null) {
      throw Tokens.error(parser, "a row of 'dirs' needs 'path'");
    }
    builder.add(new DirectoryEntry(path));
    return path;
  }

  private void readFiles(final JsonParser parser, final List<String> rows) throws IOException {
    Tokens.expect(parser, JsonToken.START_ARRAY, "'files'");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Tokens.expect(parser, JsonToken.START_OBJECT, "a row of 'files'");
      row.clear();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        final String key = parser.currentName();
        parser.nextToken();
        readFileKey(parser, key);
      }
      builder.add(row.toEntry(rows, fileRows++));
    }
    filesRead = true;
  }

  private void readFileKey(final JsonParser parser, final String key) throws IOException {
    switch (key) {
      case "path" -> row.path = Tokens.string(parser, "'path'");
      case "hash" -> row.hash = Tokens.hash(parser, "'hash'");
      case "chunkhashes" -> {
        row.chunked = true;
        Tokens.expect(parser, JsonToken.START_ARRAY, "'chunkhashes'");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          row.chunkHashes.add(Tokens.hash(parser, "a chunk hash"));
        }
      }
      case "symlink" -> row.target = readSymlink(parser);
      case "size" -> {
        row.size = Tokens.integer(parser, "'size'");
        row.hasSize = true;
      }
      case "mtime" -> {
        row.mtimeMicros = Tokens.integer(parser, "'mtime'");
        row.hasMtime = true;
      }
      case "runnable" -> row.runnable = Tokens.bool(parser, "'runnable'");
      case "deleted" -> row.deleted = Tokens.bool(parser, "'deleted'");
      default -> parser.skipChildren();
    }
  }

  private static String readSymlink(final JsonParser parser) throws IOException {
    String target = null;
    Tokens.expect(parser, JsonToken.START_OBJECT, "'symlink'");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      final String key = parser.currentName();
      parser.nextToken();
      if (key.equals("target")) {
        target = Tokens.string(parser, "'target'");
      } else {
        parser.skipChildren();
      }
    }
    if (target == null) {
      throw Tokens.error(parser, "a symlink needs 'target'");
    }
    return target;
  }
}
