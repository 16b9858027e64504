package dev.slabmount.cli.control;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What is known of a mount without asking it, and stays known when its process is killed.
 *
 * @param mountpoint where, absolute and without symbolic links
 * @param manifest what is mounted, absolute
 * @param store where its content lies, absolute
 * @param transport how requests reach the process
 * @param log where a daemon's messages go; empty for one in the foreground
 * @param version of the slabmount that serves it
 * @param since when it was mounted
 * @param device {@code major:minor} of the mount, which tells it from a later one at the same place
 * @param pid the process that serves it
 * @param startTicks when that process started, see {@link ProcessStatus#startTicks}
 */
public record MountRecord(
    Path mountpoint,
    Path manifest,
    Path store,
    String transport,
    String log,
    String version,
    Instant since,
    String device,
    long pid,
    long startTicks) {

  /** Whether the process that made this record still runs. */
  public boolean isProcessAlive() {
    return startTicks != 0 && ProcessStatus.startTicks(pid) == startTicks;
  }

  /** One JSON object, without a line break. */
  String toJson() {
    final StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      writeFields(json);
      json.writeStringField("device", device);
      json.writeNumberField("startTicks", startTicks);
      json.writeEndObject();
    } catch (final IOException e) {
      throw new AssertionError("a string takes everything", e);
    }
    return text.toString();
  }

  /** Writes what is of interest to others, as fields of the object that was begun. */
  public void writeFields(final JsonGenerator json) throws IOException {
    json.writeStringField("mountpoint", mountpoint.toString());
    json.writeStringField("manifest", manifest.toString());
    json.writeStringField("store", store.toString());
    json.writeStringField("transport", transport);
    json.writeStringField("log", log);
    json.writeStringField("version", version);
    json.writeStringField("since", since.toString());
    json.writeNumberField("pid", pid);
  }

  /**
   * Reads what {@link #toJson} wrote; unknown fields, of a later version, are passed over.
   *
   * @throws IOException if it is anything else
   */
  static MountRecord parse(final byte[] json) throws IOException {
    final Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        final String name = parser.currentName();
        if (parser.nextToken().isScalarValue()) {
          fields.put(name, parser.getText());
        } else {
          parser.skipChildren();
        }
      }
    }
    try {
      return new MountRecord(
          Path.of(field(fields, "mountpoint")),
          Path.of(field(fields, "manifest")),
          Path.of(field(fields, "store")),
          field(fields, "transport"),
          field(fields, "log"),
          field(fields, "version"),
          Instant.parse(field(fields, "since")),
          field(fields, "device"),
          Long.parseLong(field(fields, "pid")),
          Long.parseLong(field(fields, "startTicks")));
    } catch (final InvalidPathException | DateTimeException | NumberFormatException e) {
      throw new IOException("a field is malformed: " + e.getMessage(), e);
    }
  }

  private static String field(final Map<String, String> fields, final String name)
      throws IOException {
    final String value = fields.get(name);
    if (value == null) {
      throw new IOException("field " + name + " is missing");
    }
    return value;
  }
}
