package dev.slabmount.vfs.content;

import java.text.MessageFormat;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;

/** A logger that keeps what it is told. */
final class LogCapture implements System.Logger {

  private final List<String> lines = new CopyOnWriteArrayList<>();

  List<String> lines() {
    return lines;
  }

  @Override
  public String getName() {
    return "capture";
  }

  @Override
  public boolean isLoggable(final Level level) {
    return true;
  }

  @Override
  public void log(
      final Level level,
      final ResourceBundle bundle,
      final String message,
      final Throwable thrown) {
    lines.add(level + " " + message);
  }

  @Override
  public void log(
      final Level level, final ResourceBundle bundle, final String format, final Object... values) {
    lines.add(level + " " + (values == null ? format : MessageFormat.format(format, values)));
  }
}
