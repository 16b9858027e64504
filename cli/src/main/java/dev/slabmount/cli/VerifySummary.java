package dev.slabmount.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.scrub.Defect;
import dev.slabmount.vfs.scrub.DefectKind;
import dev.slabmount.vfs.scrub.ScrubReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Says what is wrong with a store: to people in some lines, with commands that repair it, to
 * programs in one line of JSON that names everything. {@code docs/CLI.md} describes the fields.
 *
 * @param hashed whether content was read, or only lengths compared
 */
record VerifySummary(Path manifest, Path store, boolean hashed, ScrubReport report) {

  private static final int NAMED = 20;
  private static final int FILES_NAMED = 3;
  private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  /** Some lines. */
  void writeText(final PrintWriter out) {
    final List<Defect> defects = report.defects();
    line(
        out,
        "%s %d objects (%s) in %s: %s"
            .formatted(
                hashed ? "checked" : "looked at",
                report.objects(),
                ByteSize.format(report.bytes()),
                FailureReport.oneLine(store.toString()),
                defects.isEmpty() ? whole() : defects.size() + " bad"));
    for (int i = 0; i < Math.min(NAMED, defects.size()); i++) {
      final Defect defect = defects.get(i);
      line(
          out,
          "  %-12s %s: %s; needed by %s"
              .formatted(
                  defect.kind().id(),
                  defect.hash(),
                  FailureReport.oneLine(defect.description()),
                  some(report.filesOf(i))));
    }
    if (defects.size() > NAMED) {
      line(out, "  and " + (defects.size() - NAMED) + " more; --json names all");
    }
    if (!defects.isEmpty()) {
      writeRepair(out, defects);
    }
  }

  private String whole() {
    return hashed ? "all whole" : "all there, with the right length; nothing was hashed";
  }

  private void writeRepair(final PrintWriter out, final List<Defect> defects) {
    final List<Defect> inTheWay =
        defects.stream().filter(VerifySummary::isInTheWay).limit(NAMED).toList();
    line(out, "To repair it from the folder DIR that the manifest was made of:");
    for (final Defect defect : inTheWay) {
      final String remove = defect.kind() == DefectKind.UNREADABLE ? "rm -r " : "rm ";
      line(out, "  " + remove + shellWord(object(defect)));
    }
    final long more = defects.stream().filter(VerifySummary::isInTheWay).skip(NAMED).count();
    if (more > 0) {
      line(out, "  # and " + more + " more of the kinds damaged and unreadable; --json names all");
    }
    line(
        out,
        "  slabmount snapshot DIR --store "
            + shellWord(store)
            + " --out "
            + shellWord(manifest.resolveSibling(manifest.getFileName() + ".new")));
    line(
        out,
        "or copy these objects from another store that has them whole. Then verify again."
            + (report.counts().containsKey(DefectKind.UNREADABLE)
                ? " What is unreadable may only lack a permission: see why."
                : ""));
  }

  /** A snapshot does not replace what has the right length, or what is a folder. */
  private static boolean isInTheWay(final Defect defect) {
    return defect.kind() == DefectKind.DAMAGED || defect.kind() == DefectKind.UNREADABLE;
  }

  private Path object(final Defect defect) {
    return store
        .resolve(LocalContentStore.DATA_FOLDER)
        .resolve(defect.hash() + LocalContentStore.OBJECT_SUFFIX);
  }

  private static String shellWord(final Path path) {
    final String text = path.toString();
    return PLAIN_WORD.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  private static String some(final List<String> files) {
    final List<String> named =
        files.stream().limit(FILES_NAMED).map(FailureReport::oneLine).toList();
    final int more = files.size() - named.size();
    return String.join(", ", named) + (more == 0 ? "" : " and " + more + " more");
  }

  private static void line(final PrintWriter out, final String line) {
    out.print(line + '\n');
  }

  /** One line of JSON, written as it is made. */
  void writeJson(final PrintWriter out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      json.writeStringField("manifest", manifest.toString());
      json.writeStringField("store", store.toString());
      json.writeBooleanField("hashed", hashed);
      json.writeNumberField("objects", report.objects());
      json.writeNumberField("bytes", report.bytes());
      json.writeNumberField("bytesHashed", report.bytesHashed());
      json.writeObjectFieldStart("badCounts");
      final Map<DefectKind, Long> counts = report.counts();
      for (final DefectKind kind : DefectKind.values()) {
        json.writeNumberField(kind.id(), counts.getOrDefault(kind, 0L));
      }
      json.writeEndObject();
      json.writeArrayFieldStart("bad");
      final List<Defect> defects = report.defects();
      for (int i = 0; i < defects.size(); i++) {
        writeDefect(json, defects.get(i), report.filesOf(i));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    out.print('\n');
  }

  private void writeDefect(final JsonGenerator json, final Defect defect, final List<String> files)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("hash", defect.hash().toString());
    json.writeNumberField("length", defect.length());
    json.writeStringField("object", object(defect).toString());
    json.writeStringField("kind", defect.kind().id());
    switch (defect.kind()) {
      case MISSING -> {}
      case WRONG_LENGTH -> {
        json.writeNumberField("expected", defect.length());
        json.writeNumberField("found", Long.parseLong(defect.found()));
      }
      case DAMAGED -> {
        json.writeStringField("expected", defect.hash().toString());
        json.writeStringField("found", defect.found());
      }
      case UNREADABLE -> json.writeStringField("reason", defect.found());
    }
    json.writeArrayFieldStart("files");
    for (final String file : files) {
      json.writeString(file);
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
