package dev.slabmount.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;

/**
 * Writes a record of figures as a JSON object whose fields are named after its components, so that
 * a figure that is added below is never forgotten up here.
 */
final class RecordFields {
  private RecordFields() {}

  /**
   * Writes numbers, booleans, durations (in seconds) and records of these as they are, and anything
   * else as its text.
   *
   * @param figures a record whose type is public, in an exported package
   */
  static void write(final JsonGenerator json, final String name, final Record figures)
      throws IOException {
    json.writeObjectFieldStart(name);
    writeFields(json, figures);
    json.writeEndObject();
  }

  /** As {@link #write}, into an object that is begun and ended by the caller. */
  static void writeFields(final JsonGenerator json, final Record figures) throws IOException {
    for (final RecordComponent component : figures.getClass().getRecordComponents()) {
      writeValue(json, component.getName(), valueOf(component, figures));
    }
  }

  private static Object valueOf(final RecordComponent component, final Record figures) {
    try {
      return component.getAccessor().invoke(figures);
    } catch (final ReflectiveOperationException e) {
      throw new LinkageError("the accessors of a public record can be called", e);
    }
  }

  private static void writeValue(final JsonGenerator json, final String name, final Object value)
      throws IOException {
    switch (value) {
      case Record nested -> write(json, name, nested);
      case Integer number -> json.writeNumberField(name, number);
      case Long number -> json.writeNumberField(name, number);
      case Double number -> json.writeNumberField(name, number);
      case Boolean truth -> json.writeBooleanField(name, truth);
      case Duration duration -> json.writeNumberField(name, duration.toMillis() / 1000.0);
      default -> json.writeStringField(name, value.toString());
    }
  }
}
