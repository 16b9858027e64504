package dev.slabmount.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where slabmount keeps things of the user who runs it, by the XDG Base Directory Specification: a
 * variable names the folder if it is set to an absolute path, else it is below the home. Relative
 * paths are ignored, as the specification says: they would mean another folder each time.
 *
 * @param environment the variables
 * @param home of the user if {@code HOME} does not say
 */
record UserFolders(Map<String, String> environment, String home) {

  /** Those of the user who runs this. */
  static UserFolders ofThisUser() {
    return new UserFolders(System.getenv(), System.getProperty("user.home"));
  }

  /** What can be made again: {@code $XDG_CACHE_HOME/slabmount} or {@code ~/.cache/slabmount}. */
  Path cache() {
    return folder("XDG_CACHE_HOME", ".cache");
  }

  /** Logs: {@code $XDG_STATE_HOME/slabmount} or {@code ~/.local/state/slabmount}. */
  Path state() {
    return folder("XDG_STATE_HOME", ".local/state");
  }

  private Path folder(final String variable, final String below) {
    final Path named = absolute(environment.get(variable));
    if (named != null) {
      return named.resolve("slabmount");
    }
    final String told = environment.get("HOME");
    return Path.of(told != null && !told.isEmpty() ? told : home)
        .resolve(below)
        .resolve("slabmount");
  }

  private static @Nullable Path absolute(final @Nullable String value) {
    return value != null && value.startsWith("/") ? Path.of(value) : null;
  }
}
