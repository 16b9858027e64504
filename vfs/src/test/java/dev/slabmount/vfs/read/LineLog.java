package dev.slabmount.vfs.read;

import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;

/** A logger that keeps the lines it is given. */
final class LineLog implements System.Logger {

  final List<String> lines = new CopyOnWriteArrayList<>();
  final List<Throwable> thrown = new CopyOnWriteArrayList<>();

  @Override
  public String getName() {
    return "lines";
  }

  @Override
  public boolean isLoggable(final Level level) {
    return true;
  }

  @Override
  public void log(
      final Level level, final ResourceBundle bundle, final String message, final Throwable cause) {
    lines.add(level + " " + message);
    if (cause != null) {
      thrown.add(cause);
    }
  }

  @Override
  public void log(
      final Level level, final ResourceBundle bundle, final String format, final Object... values) {
    lines.add(level + " " + format);
  }
}
