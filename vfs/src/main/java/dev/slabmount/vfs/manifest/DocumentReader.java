package dev.slabmount.vfs.manifest;

import com.fasterxml.jackson.core.JsonParser;
import dev.slabmount.vfs.content.ContentHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link ManifestDocument}: first which form it has, then its rows, leniently. The rules
 * are those of {@link ManifestReader}; but whoever breaks one is noted and the next row is read.
 */
final class DocumentReader {

  /** More than anybody reads; a document with more of them is garbage. */
  static final int DEFECTS_MAX = 10_000;

  /** Stands for hashes of other forms while the rest of their rows is checked. */
  private static final ContentHash OPAQUE = new ContentHash(0, 0);

  private final ManifestJson json;
  private final List<ManifestDocument.Finding> defects = new ArrayList<>();
  private final List<DirectoryRow> directories = new ArrayList<>();

  /** The paths of {@link #directories}, to which rows refer by number. */
  private final List<String> directoryPaths = new ArrayList<>();

  private final List<ManifestRow> files = new ArrayList<>();
  private boolean directoriesSeen;
  private boolean filesSeen;
  private boolean filesRead;
  private long directoryChars;
  private @Nullable String hashAlgorithm;
  private @Nullable String parentHash;
  private @Nullable Long totalSize;
  private @Nullable String firstOpaque;
  private @Nullable String firstOpaquePointer;
  private int opaqueHashes;

  DocumentReader(final ManifestJson json) {
    this.json = json;
  }

  ManifestDocument read() throws IOException {
    final ManifestForm form = json.form();
    final RowReader rows = new RowReader(form, this::found);
    json.pass((parser, key) -> readKey(parser, key, form, rows));
    if (filesSeen && !filesRead) {
      json.pass((parser, key) -> {
        if (key.equals(form.filesKey())) {
          rows.readFiles(parser, row -> addFile(row, form));
        } else {
          parser.skipChildren();
        }
      });
    }
    return finish(form);
  }

  private void readKey(
      final JsonParser parser, final String key, final ManifestForm form, final RowReader rows)
      throws IOException {
    if (key.equals(form.filesKey())) {
      filesSeen = true;
      if (directoriesSeen || !form.hasDirectories()) {
        rows.readFiles(parser, row -> addFile(row, form));
        filesRead = true;
      } else {
        parser.skipChildren();
      }
    } else if (key.equals("dirs") && form.hasDirectories()) {
      directoriesSeen = true;
      rows.readDirectories(
          parser, directoryPaths, (path, deleted) -> addDirectory(path, deleted, form));
    } else {
      try {
        readScalar(parser, key);
      } catch (final ManifestException e) {
        found(e);
        parser.skipChildren();
      }
    }
  }

  private void readScalar(final JsonParser parser, final String key) throws IOException {
    switch (key) {
      case "hashAlg" -> hashAlgorithm = Tokens.string(parser, "'hashAlg'");
      case "totalSize" -> totalSize = Tokens.integer(parser, "'totalSize'");
      case "parentManifestHash" -> parentHash = Tokens.string(parser, "'parentManifestHash'");
      default -> parser.skipChildren();
    }
  }

  private void addDirectory(
      final @Nullable String path, final boolean deleted, final ManifestForm form)
      throws ManifestException {
    final String full = path == null ? "" : path;
    directoryChars += full.length();
    if (directoryChars > Manifest.DIRECTORY_CHARS_MAX) {
      throw new ManifestException("", Manifest.TOO_MANY_DIRECTORY_CHARS);
    }
    if (path != null) {
      check(
          ManifestValidator.pathDefect(path, form.isAbsolute()),
          "/dirs/" + directories.size(),
          form);
    }
    directories.add(new DirectoryRow(full, deleted));
    directoryPaths.add(full);
  }

  private void addFile(final FileRow row, final ManifestForm form) throws ManifestException {
    final int number = files.size();
    String path = row.path == null ? "" : row.path;
    String target = row.target == null ? "" : row.target;
    try {
      if (row.path != null || !row.broken) {
        path = row.fullPath(directoryPaths, number);
      }
      if (!row.broken) {
        if (row.target != null && !row.deleted) {
          target = row.fullTarget(directoryPaths, number);
        }
        checkRow(row, path, number, form);
      }
    } catch (final ManifestException e) {
      found(e);
    }
    files.add(
        new ManifestRow(
            path,
            kind(row),
            row.hasSize ? row.size : ManifestRow.NOT_SAID,
            row.hasMtime ? row.mtimeMicros : ManifestRow.NOT_SAID,
            row.runnable,
            row.hash == null ? row.chunkHashes : List.of(row.hash),
            target));
  }

  private void checkRow(
      final FileRow row, final String path, final int number, final ManifestForm form)
      throws ManifestException {
    check(ManifestValidator.pathDefect(path, form.isAbsolute()), row.pointer(number), form);
    if (row.deleted && form.isDiff()) {
      row.requireNothingElse(number);
    } else {
      final ManifestEntry entry =
          row.toEntry(directoryPaths, number, text -> hash(text, row, number));
      check(ManifestValidator.contentDefect(entry), row.pointer(number), form);
    }
  }

  private static ManifestRow.Kind kind(final FileRow row) {
    if (row.deleted) {
      return ManifestRow.Kind.DELETED;
    }
    if (row.targets > 0) {
      return ManifestRow.Kind.LINK;
    }
    if (row.chunked) {
      return ManifestRow.Kind.CHUNKED_FILE;
    }
    return row.hash == null ? ManifestRow.Kind.UNHASHED_FILE : ManifestRow.Kind.FILE;
  }

  private ContentHash hash(final String text, final FileRow row, final int number) {
    try {
      return ContentHash.parse(text);
    } catch (final IllegalArgumentException _) {
      if (opaqueHashes++ == 0) {
        firstOpaque = text;
        firstOpaquePointer = row.pointer(number) + (row.chunked ? "/chunkhashes" : "/hash");
      }
      return OPAQUE;
    }
  }

  private ManifestDocument finish(final ManifestForm form) throws ManifestException {
    if (form.hasDirectories() && !directoriesSeen) {
      found(new ManifestException("", "needs 'dirs'"));
    }
    if (!filesSeen) {
      found(new ManifestException("", "needs '" + form.filesKey() + "'"));
    }
    if (firstOpaque != null && firstOpaquePointer != null) {
      found(
          new ManifestException(
              firstOpaquePointer,
              "the hash "
                  + ManifestValidator.hashDefect(firstOpaque)
                  + (opaqueHashes == 1 ? "" : ", as are " + (opaqueHashes - 1) + " more")
                  + "; taken as an opaque name"));
    }
    final DocumentRules rules = new DocumentRules(form, directories, files, this::found);
    rules.checkPaths();
    rules.checkHeader(hashAlgorithm, parentHash, totalSize);
    return new ManifestDocument(
        form, directories, files, parentHash, defects, LinksOut.find(form, files));
  }

  private void check(
      final ManifestValidator.@Nullable Defect defect,
      final String pointer,
      final ManifestForm form)
      throws ManifestException {
    if (defect != null) {
      final String field = defect.field().equals("/path") ? "/" + form.pathKey() : defect.field();
      found(new ManifestException(pointer + field, defect.reason()));
    }
  }

  private void found(final ManifestException error) throws ManifestException {
    if (defects.size() == DEFECTS_MAX) {
      throw new ManifestException(
          defects.getFirst(), " (the first of more than " + DEFECTS_MAX + " defects)");
    }
    defects.add(ManifestDocument.Finding.of(error));
  }
}
