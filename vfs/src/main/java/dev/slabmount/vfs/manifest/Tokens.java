package dev.slabmount.vfs.manifest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;

/**
 * Takes single values from a parser, each of exactly one JSON type: nothing is converted, and null
 * is no value. The caller's word for a value ("'size'") goes into the error.
 */
final class Tokens {

  private Tokens() {}

  /** Requires that the parser stands on a token of this kind. */
  static void expect(final JsonParser parser, final JsonToken token, final String what)
      throws IOException {
    if (parser.currentToken() != token) {
      throw mismatch(parser, token, what);
    }
  }

  /** An error: the parser stands on another kind of token than this. */
  static ManifestException mismatch(
      final JsonParser parser, final JsonToken token, final String what) throws IOException {
    return error(parser, what + " must be " + name(token) + ", found " + found(parser));
  }

  static String string(final JsonParser parser, final String what) throws IOException {
    expect(parser, JsonToken.VALUE_STRING, what);
    return parser.getText();
  }

  /** A whole number that fits into 64 bits with sign. */
  static long integer(final JsonParser parser, final String what) throws IOException {
    expect(parser, JsonToken.VALUE_NUMBER_INT, what);
    try {
      return parser.getLongValue();
    } catch (final InputCoercionException _) {
      throw error(
          parser, what + " is beyond 64 bits: " + ManifestException.quote(parser.getText()));
    }
  }

  static boolean bool(final JsonParser parser, final String what) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_TRUE) {
      expect(parser, JsonToken.VALUE_FALSE, what);
      return false;
    }
    return true;
  }

  /** An error at the value on which the parser stands. */
  static ManifestException error(final JsonParser parser, final String reason) {
    return new ManifestException(pointer(parser), reason);
  }

  /** What Jackson says about text that is not JSON, in our form. */
  static ManifestException syntaxError(final JsonParser parser, final IOException cause) {
    final String problem =
        switch (cause) {
          case JsonEOFException _ -> "ends in the middle of a value (is the file cut off?)";
          case StreamConstraintsException e ->
              "exceeds a limit: " + oneLine(e.getOriginalMessage());
          case JsonProcessingException e -> "is not valid JSON: " + oneLine(e.getOriginalMessage());
          default -> "is not valid UTF-8: " + oneLine(String.valueOf(cause.getMessage()));
        };
    final ManifestException error =
        new ManifestException(
            pointer(parser),
            problem
                + " (line "
                + parser.currentLocation().getLineNr()
                + ", column "
                + parser.currentLocation().getColumnNr()
                + ")");
    error.initCause(cause);
    return error;
  }

  private static String pointer(final JsonParser parser) {
    return parser.getParsingContext().pathAsPointer().toString();
  }

  /** Drops line breaks and the names of Jackson's own settings. */
  private static String oneLine(final String text) {
    return text.replaceAll(", from `[^`]*`", "").replaceAll("\\p{Cntrl}+", " ");
  }

  private static String found(final JsonParser parser) throws IOException {
    final JsonToken token = parser.currentToken();
    return switch (token) {
      case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          name(token) + " " + ManifestException.quote(parser.getText());
      case null -> "the end of the document";
      default -> name(token);
    };
  }

  private static String name(final JsonToken token) {
    return switch (token) {
      case START_OBJECT, END_OBJECT -> "an object";
      case START_ARRAY, END_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "a whole number";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction or exponent";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NULL -> "null";
      default -> token.toString();
    };
  }
}
