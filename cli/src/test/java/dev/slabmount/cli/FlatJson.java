package dev.slabmount.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A JSON document as its scalars by their JSON pointers. */
record FlatJson(Map<String, String> values, Set<String> names) {

  static FlatJson parse(final String text) {
    final Map<String, String> values = new LinkedHashMap<>();
    final Set<String> names = new TreeSet<>();
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.FIELD_NAME) {
          names.add(parser.currentName());
        } else if (token.isScalarValue()) {
          final JsonPointer pointer = parser.getParsingContext().pathAsPointer();
          values.put(pointer.toString(), parser.getText());
        }
      }
    } catch (final IOException e) {
      throw new UncheckedIOException(text, e);
    }
    return new FlatJson(values, names);
  }

  String text(final String pointer) {
    final String value = values.get(pointer);
    if (value == null) {
      throw new AssertionError("no " + pointer + " in " + values);
    }
    return value;
  }

  long number(final String pointer) {
    return Long.parseLong(text(pointer));
  }
}
