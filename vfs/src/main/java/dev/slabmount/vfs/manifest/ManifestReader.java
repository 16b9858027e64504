package dev.slabmount.vfs.manifest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.slabmount.vfs.content.ContentHash;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests to be mounted, strictly: what it returns keeps every rule of {@code
 * docs/MANIFEST.md}, and everything else is refused with a {@link ManifestException} that names the
 * place. Every form that describes a whole tree is read; forms that do not are refused by name. To
 * look at any document, whatever its form and state, see {@link ManifestDocument}.
 *
 * <p>The document is streamed; memory grows with the resulting {@link Manifest}, not with the text.
 * Keys may come in any order; the canonical order of {@link ManifestForm#RELATIVE_SNAPSHOT} and
 * {@link ManifestForm#LEGACY_2023} is read in one pass. Further passes are made when the rows come
 * before what is needed to read them (another form, or {@code files} before {@code dirs}), and to
 * say which form a document has that could not be read. Unknown keys are skipped, so that later
 * additions to the format do not lock old readers out; a key that comes twice in one object is
 * refused.
 *
 * <p>Static methods; any thread.
 */
public final class ManifestReader {

  private final ManifestJson document;
  private final ManifestJson.Versions versions = new ManifestJson.Versions();

  /** The form that the rows are read as. */
  private ManifestForm form;

  /** Whether {@link #form} stays: it is known, or something was read or skipped because of it. */
  private boolean formFixed;

  private @Nullable RowReader rows;
  private Manifest.@Nullable Builder builder;
  private @Nullable List<String> directories;
  private boolean filesSeen;
  private boolean filesRead;
  private int fileRows;
  private long totalSize = -1;
  private @Nullable String hashAlgorithm;
  private @Nullable ManifestException parentRefusal;

  private ManifestReader(
      final ManifestJson document, final ManifestForm form, final boolean formFixed) {
    this.document = document;
    this.form = form;
    this.formFixed = formFixed;
  }

  /**
   * Reads a manifest from a file.
   *
   * @throws ManifestException if the content is not a manifest that can be mounted
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read or is not a regular file
   */
  public static Manifest read(final Path file) throws IOException {
    return read(ManifestJson.of(file));
  }

  /**
   * Reads a manifest from memory.
   *
   * @param document the whole document, not changed meanwhile
   * @throws ManifestException if it is not a manifest that can be mounted
   */
  public static Manifest read(final byte[] document) throws ManifestException {
    try {
      return read(ManifestJson.of(document));
    } catch (final ManifestException e) {
      throw e;
    } catch (final IOException e) {
      throw new AssertionError("memory does not fail", e);
    }
  }

  private static Manifest read(final ManifestJson document) throws IOException {
    final ManifestReader guess =
        new ManifestReader(document, ManifestForm.RELATIVE_SNAPSHOT, false);
    ManifestException failure = null;
    try {
      guess.readRows();
    } catch (final ManifestException e) {
      failure = e;
    }
    // A document of another form fails at some row, which must not hide the real reason.
    final ManifestForm form = guess.declaredForm(failure);
    form.requireMountable();
    if (form == guess.form) {
      if (failure != null) {
        throw failure;
      }
      return guess.finish();
    }
    final ManifestReader second = new ManifestReader(document, form, true);
    second.readRows();
    return second.finish();
  }

  /** The form that the document has; if it could not be read to its end, found in a new pass. */
  private ManifestForm declaredForm(final @Nullable ManifestException failure) throws IOException {
    if (failure == null) {
      return versions.form();
    }
    final ManifestJson.Versions again = new ManifestJson.Versions();
    try {
      document.pass(again::read);
    } catch (final ManifestException _) {
      throw failure;
    }
    return again.form();
  }

  private void readRows() throws IOException {
    document.pass(this::readKey);
    if (filesSeen && !filesRead && directories != null) {
      document.pass(this::readFilesOnly);
    }
  }

  private Manifest finish() throws ManifestException {
    if (parentRefusal != null) {
      throw parentRefusal;
    }
    if (form.hasDirectories() && directories == null) {
      throw new ManifestException("", "needs 'dirs'");
    }
    if (!filesSeen) {
      throw new ManifestException("", "needs '" + form.filesKey() + "'");
    }
    DocumentRules.requireHashAlgorithm(hashAlgorithm);
    if (totalSize < 0) {
      throw new ManifestException("", "needs 'totalSize'");
    }
    final Manifest manifest = builder().build();
    DocumentRules.requireTotal(totalSize, manifest.totalSize());
    return manifest;
  }

  private void readKey(final JsonParser parser, final String key) throws IOException {
    switch (key) {
      case "dirs" -> {
        formFixed = true;
        readDirectories(parser);
      }
      case "files", "paths" -> {
        formFixed = true;
        if (key.equals(form.filesKey())) {
          readFilesOrSkip(parser, key);
        } else {
          parser.skipChildren();
        }
      }
      case "hashAlg" -> hashAlgorithm = Tokens.string(parser, "'hashAlg'");
      case "totalSize" -> {
        totalSize = Tokens.integer(parser, "'totalSize'");
        if (totalSize < 0) {
          throw Tokens.error(parser, "negative total " + totalSize);
        }
      }
      default -> readVersion(parser, key);
    }
  }

  private void readVersion(final JsonParser parser, final String key) throws IOException {
    if (key.equals("parentManifestHash") && parentRefusal == null) {
      parentRefusal = Tokens.error(parser, DocumentRules.PARENT_OF_A_SNAPSHOT);
    }
    versions.read(parser, key);
    if (!formFixed && versions.isSaid()) {
      // No row has come by yet, so the guess can still be mended without another pass.
      try {
        form = versions.form();
      } catch (final ManifestException _) {
        form =
            ManifestForm.RELATIVE_SNAPSHOT; // Another key may say it better; if not, see the end.
      }
    }
  }

  private void readDirectories(final JsonParser parser) throws IOException {
    if (!form.hasDirectories()) {
      parser.skipChildren();
      return;
    }
    final List<String> paths = new ArrayList<>();
    rows()
        .readDirectories(
            parser,
            paths,
            (path, _) -> {
              final String full = path == null ? "" : path;
              builder().add(new DirectoryEntry(full));
              paths.add(full);
            });
    directories = paths;
  }

  private void readFilesOrSkip(final JsonParser parser, final String key) throws IOException {
    filesSeen = true;
    if (!form.hasDirectories()) {
      directories = List.of();
    }
    if (directories == null) {
      Tokens.expect(parser, JsonToken.START_ARRAY, "'" + key + "'");
      parser.skipChildren();
    } else {
      readFiles(parser, directories);
    }
  }

  private void readFilesOnly(final JsonParser parser, final String key) throws IOException {
    if (key.equals(form.filesKey()) && directories != null) {
      readFiles(parser, directories);
    } else {
      parser.skipChildren();
    }
  }

  private void readFiles(final JsonParser parser, final List<String> paths) throws IOException {
    rows()
        .readFiles(
            parser, row -> builder().add(row.toEntry(paths, fileRows++, ContentHash::parse)));
    filesRead = true;
  }

  private RowReader rows() {
    if (rows == null) {
      rows =
          new RowReader(
              form,
              error -> {
                throw error;
              });
    }
    return rows;
  }

  private Manifest.Builder builder() {
    if (builder == null) {
      builder = new Manifest.Builder(form);
    }
    return builder;
  }
}
