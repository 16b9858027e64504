package dev.slabmount.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.slabmount.vfs.snapshot.SnapshotReport;
import dev.slabmount.vfs.snapshot.TreePath;
import dev.slabmount.vfs.snapshot.Unsayable;
import dev.slabmount.vfs.snapshot.UnsayableKind;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Says what is in a snapshot: to people in some lines, to programs in one line of JSON that names
 * everything. {@code docs/STORE.md} describes the fields.
 */
record SnapshotSummary(Path folder, Path store, Path manifest, SnapshotReport report) {

  private static final int NAMED_OF_EACH_KIND = 3;

  /** Some lines, each ended. */
  String toText() {
    final StringBuilder text = new StringBuilder();
    line(
        text,
        "snapshot of %s: %d files (%s), %d folders, %d links"
            .formatted(
                printable(folder),
                report.files(),
                ByteSize.format(report.bytes()),
                report.directories(),
                report.links()));
    line(
        text,
        "read %d files (%s), %d are as they were"
            .formatted(
                report.filesRead(),
                ByteSize.format(report.bytesRead()),
                report.files() - report.filesRead()));
    line(
        text,
        "stored %d new objects (%s) in %s, %d were there"
            .formatted(
                report.objectsWritten(),
                ByteSize.format(report.bytesWritten()),
                printable(store),
                report.objectsPresent()));
    line(text, "manifest %s".formatted(printable(manifest)));
    if (!report.vanished().isEmpty()) {
      line(
          text,
          "%d removed meanwhile and left out: %s"
              .formatted(report.vanished().size(), some(report.vanished())));
    }
    if (!report.unsayableCounts().isEmpty()) {
      line(text, "what the manifest cannot say:");
      report.unsayableCounts().forEach((kind, count) -> unsayable(text, kind, count));
    }
    return text.toString();
  }

  private void unsayable(final StringBuilder text, final UnsayableKind kind, final long count) {
    final String what = kind.description() + (kind.isLeftOut() ? ", left out" : "");
    if (kind.isOnlyCounted()) {
      line(text, "  %d × %s".formatted(count, what));
    } else {
      line(
          text,
          "  %d × %s: %s"
              .formatted(
                  count,
                  what,
                  some(report.unsayable().stream().filter(each -> each.kind() == kind).toList())));
    }
  }

  /** The first of them, and how many more there are. */
  private static String some(final List<?> all) {
    final List<String> named =
        all.stream().limit(NAMED_OF_EACH_KIND).map(Object::toString).toList();
    final int more = all.size() - named.size();
    return String.join("; ", named) + (more == 0 ? "" : "; and " + more + " more (--json has all)");
  }

  private static void line(final StringBuilder text, final String line) {
    text.append(line).append('\n');
  }

  private static String printable(final Path path) {
    return FailureReport.oneLine(path.toString());
  }

  /** One line of JSON, ended. */
  String toJson() {
    return json(generator -> {
      generator.writeStringField("folder", folder.toString());
      generator.writeStringField("store", store.toString());
      generator.writeStringField("manifest", manifest.toString());
      generator.writeNumberField("files", report.files());
      generator.writeNumberField("folders", report.directories());
      generator.writeNumberField("links", report.links());
      generator.writeNumberField("bytes", report.bytes());
      generator.writeNumberField("filesRead", report.filesRead());
      generator.writeNumberField("bytesRead", report.bytesRead());
      generator.writeNumberField("objectsWritten", report.objectsWritten());
      generator.writeNumberField("bytesWritten", report.bytesWritten());
      generator.writeNumberField("objectsPresent", report.objectsPresent());
      generator.writeArrayFieldStart("vanished");
      for (final TreePath path : report.vanished()) {
        generator.writeStartObject();
        writePath(generator, path);
        generator.writeEndObject();
      }
      generator.writeEndArray();
      generator.writeObjectFieldStart("unsayableCounts");
      for (final Map.Entry<UnsayableKind, Long> count : report.unsayableCounts().entrySet()) {
        generator.writeNumberField(count.getKey().id(), count.getValue());
      }
      generator.writeEndObject();
      writeUnsayable(generator, report.unsayable());
    });
  }

  /** One line of JSON about a snapshot that was refused for what it could not say. */
  static String toJson(final List<Unsayable> unsayable) {
    return json(generator -> writeUnsayable(generator, unsayable));
  }

  private static void writeUnsayable(final JsonGenerator generator, final List<Unsayable> all)
      throws IOException {
    generator.writeArrayFieldStart("unsayable");
    for (final Unsayable each : all) {
      generator.writeStartObject();
      writePath(generator, each.path());
      generator.writeStringField("kind", each.kind().id());
      generator.writeBooleanField("leftOut", each.kind().isLeftOut());
      generator.writeStringField("detail", each.detail());
      generator.writeEndObject();
    }
    generator.writeEndArray();
  }

  private static void writePath(final JsonGenerator generator, final TreePath path)
      throws IOException {
    generator.writeStringField("path", path.text());
    if (!path.isText()) {
      generator.writeBinaryField("pathBytes", path.bytes());
    }
  }

  private interface Fields {
    void writeTo(JsonGenerator generator) throws IOException;
  }

  private static String json(final Fields fields) {
    final StringWriter text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      generator.writeStartObject();
      fields.writeTo(generator);
      generator.writeEndObject();
    } catch (final IOException e) {
      throw new AssertionError("a string takes everything", e);
    }
    return text.append('\n').toString();
  }
}
