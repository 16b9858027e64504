package dev.slabmount.cli.control;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;

/** A folder in which no socket may lie; the message is one line that names it and says why. */
public final class RuntimeFolderException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  RuntimeFolderException(final Path folder, final String why) {
    super(folder + " " + why);
  }
}
