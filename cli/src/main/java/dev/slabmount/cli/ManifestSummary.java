package dev.slabmount.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.DirectoryRow;
import dev.slabmount.vfs.manifest.ManifestDocument;
import dev.slabmount.vfs.manifest.ManifestException;
import dev.slabmount.vfs.manifest.ManifestForm;
import dev.slabmount.vfs.manifest.ManifestRow;
import dev.slabmount.vfs.manifest.ManifestWriter;
import dev.slabmount.vfs.manifest.PathRules;
import dev.slabmount.vfs.manifest.TextConvention;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code slabmount show} says: to people in some lines, to programs in one JSON object. {@code
 * docs/MANIFEST.md} describes the fields.
 *
 * @param length bytes of the file
 * @param hash hash of the file's bytes: what a list of changes against it names as its parent
 * @param canonical the convention in which writing it again gives the same bytes, or null
 */
record ManifestSummary(
    Path file,
    ManifestDocument document,
    long length,
    ContentHash hash,
    @Nullable TextConvention canonical,
    ManifestCounts counts) {

  private static final int FINDINGS_SHOWN = 20;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Reads a manifest of any form. */
  static ManifestSummary of(final Path file) throws IOException {
    final ManifestDocument document = ManifestDocument.read(file);
    final Xxh128 hash = new Xxh128();
    long length = 0;
    final byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hash.update(buffer, 0, read);
        length += read;
      }
    }
    final ContentHash digest = hash.digest();
    return new ManifestSummary(
        file, document, length, digest, canonical(document, digest), ManifestCounts.of(document));
  }

  private static @Nullable TextConvention canonical(
      final ManifestDocument document, final ContentHash digest) throws IOException {
    for (final TextConvention convention : TextConvention.values()) {
      final HashingStream out = new HashingStream();
      try {
        ManifestWriter.write(document, out, convention);
      } catch (final ManifestException _) {
        return null; // It has defects, or its form is not written.
      }
      if (out.hash.digest().equals(digest)) {
        return convention;
      }
    }
    return null;
  }

  /** Hashes what is written, and keeps nothing. */
  private static final class HashingStream extends OutputStream {
    final Xxh128 hash = new Xxh128();

    @Override
    public void write(final int b) {
      hash.update(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(final byte[] bytes, final int offset, final int length) {
      hash.update(bytes, offset, length);
    }
  }

  /** Whether it can be mounted. */
  private boolean isMountable() {
    return document.form().isMountable() && document.defects().isEmpty();
  }

  /** Prints some lines, and before them all entries if wanted. */
  void writeText(final PrintWriter out, final boolean list) {
    if (list) {
      new ManifestListing(out).print(document);
    }
    final ManifestForm form = document.form();
    line(out, "manifest", FailureReport.oneLine(file.toString()));
    line(
        out,
        "form",
        form.text()
            + (form.isDiff() ? ": changes" : ": a tree")
            + (form.isAbsolute() ? ", absolute paths" : ""));
    line(out, "entries", counts.entries());
    if (form.isDiff()) {
      line(out, "deleted", counts.deleted());
      line(
          out,
          "parent",
          document.parentHash() == null ? "none" : PathRules.printable(document.parentHash()));
    }
    line(
        out,
        "content",
        "%s (%d bytes) in %d distinct objects"
            .formatted(
                ByteSize.format(document.totalSize()), document.totalSize(), counts.objects()));
    line(
        out,
        "hash",
        "%s of %d bytes, %s"
            .formatted(
                hash,
                length,
                canonical == null
                    ? "not canonical"
                    : "canonical (" + canonical.name().toLowerCase(Locale.ROOT) + ")"));
    line(out, "mountable", isMountable() ? "yes" : "no");
    findings(out, "defects", document.defects());
    findings(out, "notes", document.notes());
  }

  private static void findings(
      final PrintWriter out, final String name, final List<ManifestDocument.Finding> findings) {
    if (findings.isEmpty()) {
      return;
    }
    line(out, name, String.valueOf(findings.size()));
    for (final ManifestDocument.Finding finding :
        findings.subList(0, Math.min(FINDINGS_SHOWN, findings.size()))) {
      out.print("  " + finding.message() + "\n");
    }
    if (findings.size() > FINDINGS_SHOWN) {
      out.print("  and " + (findings.size() - FINDINGS_SHOWN) + " more (--json has all)\n");
    }
  }

  private static void line(final PrintWriter out, final String name, final String value) {
    out.print(String.format(Locale.ROOT, "%-10s %s\n", name, value));
  }

  /** Prints one line of JSON, with all entries if wanted. */
  void writeJson(final PrintWriter out, final boolean list) {
    final JsonFactory factory =
        JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    try (JsonGenerator json = factory.createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      writeHeader(json);
      counts.writeTo(json);
      writeFindings(json, "defects", document.defects());
      writeFindings(json, "notes", document.notes());
      if (list) {
        json.writeArrayFieldStart("entries");
        for (final DirectoryRow row : document.directories()) {
          writeRow(json, row);
        }
        for (final ManifestRow row : document.files()) {
          writeRow(json, row);
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    } catch (final IOException e) {
      throw new AssertionError("a PrintWriter takes everything", e);
    }
    out.print("\n");
  }

  private void writeHeader(final JsonGenerator json) throws IOException {
    json.writeStringField("manifest", file.toString());
    json.writeStringField("form", document.form().text());
    json.writeStringField("type", document.form().isDiff() ? "diff" : "snapshot");
    json.writeStringField("paths", document.form().isAbsolute() ? "absolute" : "relative");
    json.writeNumberField("length", length);
    json.writeStringField("hash", hash.toString());
    json.writeStringField(
        "canonical", canonical == null ? null : canonical.name().toLowerCase(Locale.ROOT));
    json.writeStringField("parentHash", document.parentHash());
    json.writeBooleanField("mountable", isMountable());
    json.writeNumberField("totalSize", document.totalSize());
  }

  private static void writeFindings(
      final JsonGenerator json, final String name, final List<ManifestDocument.Finding> findings)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (final ManifestDocument.Finding finding : findings) {
      json.writeStartObject();
      json.writeStringField("pointer", finding.pointer());
      json.writeStringField("message", finding.message());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeRow(final JsonGenerator json, final DirectoryRow row)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("path", row.path());
    json.writeStringField("kind", "directory");
    if (row.deleted()) {
      json.writeBooleanField("deleted", true);
    }
    json.writeEndObject();
  }

  private static void writeRow(final JsonGenerator json, final ManifestRow row) throws IOException {
    json.writeStartObject();
    json.writeStringField("path", row.path());
    switch (row.kind()) {
      case DELETED -> json.writeBooleanField("deleted", true);
      case LINK -> {
        json.writeStringField("kind", "link");
        json.writeStringField("target", row.target());
      }
      case FILE, CHUNKED_FILE, UNHASHED_FILE -> writeFile(json, row);
    }
    json.writeEndObject();
  }

  private static void writeFile(final JsonGenerator json, final ManifestRow row)
      throws IOException {
    json.writeStringField("kind", "file");
    if (row.size() != ManifestRow.NOT_SAID) {
      json.writeNumberField("size", row.size());
    }
    if (row.mtimeMicros() != ManifestRow.NOT_SAID) {
      json.writeNumberField("mtime", row.mtimeMicros());
    }
    json.writeBooleanField("runnable", row.runnable());
    json.writeArrayFieldStart("hashes");
    for (final String hash : row.hashes()) {
      json.writeString(hash);
    }
    json.writeEndArray();
  }
}
