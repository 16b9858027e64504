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
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A document as JSON: one object in UTF-8, read in one or several passes from the same source,
 * within limits that no real manifest reaches and no hostile one can raise.
 */
final class ManifestJson {

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
  interface Source {
    InputStream open() throws IOException;
  }

  /** What a pass does with the value of one key of the document. */
  @FunctionalInterface
  interface KeyReader {
    void read(JsonParser parser, String key) throws IOException;
  }

  private final Source source;

  private ManifestJson(final Source source) {
    this.source = source;
  }

  /**
   * A document in a file.
   *
   * @throws IOException if there is something that is not a regular file
   */
  static ManifestJson of(final Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException(file + " is not a regular file");
    }
    return new ManifestJson(() -> Files.newInputStream(file));
  }

  static ManifestJson of(final byte[] document) {
    return new ManifestJson(() -> new ByteArrayInputStream(document));
  }

  /** Goes once through the document and hands each key with its value to {@code keys}. */
  void pass(final KeyReader keys) throws IOException {
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

  /** Reads which form the document says it has, in a pass of its own. */
  ManifestForm form() throws IOException {
    final Versions versions = new Versions();
    pass(versions::read);
    return versions.form();
  }

  /** The keys that say which form a document has. */
  static final class Versions {
    private @Nullable String specification;
    private @Nullable String manifest;
    private boolean hasParent;

    /** Takes the value if the key is one of these, else skips it. */
    void read(final JsonParser parser, final String key) throws IOException {
      switch (key) {
        case "specificationVersion" -> specification = Tokens.string(parser, "the version");
        case "manifestVersion" -> manifest = Tokens.string(parser, "the version");
        default -> {
          hasParent |= key.equals("parentManifestHash");
          parser.skipChildren();
        }
      }
    }

    /** Whether anything was said so far. */
    boolean isSaid() {
      return specification != null || manifest != null;
    }

    /** What has been said so far. */
    ManifestForm form() throws ManifestException {
      return ManifestForm.of(specification, manifest, hasParent);
    }
  }
}
