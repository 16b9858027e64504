package dev.slabmount.cli;

import java.nio.file.Path;

/**
 * Where slabmount keeps things of the user who runs it, by the XDG Base Directory Specification: a
 * variable names the folder if it is set and not empty, else it is below the home.
 */
final class UserFolders {

  private UserFolders() {}

  /** What can be made again: {@code $XDG_CACHE_HOME/slabmount} or {@code ~/.cache/slabmount}. */
  static Path cache() {
    return folder("XDG_CACHE_HOME", ".cache");
  }

  private static Path folder(final String variable, final String below) {
    final String named = System.getenv(variable);
    if (named != null && !named.isEmpty()) {
      return Path.of(named).resolve("slabmount");
    }
    final String home = System.getenv("HOME");
    return Path.of(home != null && !home.isEmpty() ? home : System.getProperty("user.home"))
        .resolve(below)
        .resolve("slabmount");
  }
}
