package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserFoldersTest {

  @Test
  void shouldTakeWhatTheVariablesSay() {
    final var folders = folders(Map.of("XDG_CACHE_HOME", "/c", "XDG_STATE_HOME", "/s"));
    assertEquals(Path.of("/c/slabmount"), folders.cache());
    assertEquals(Path.of("/s/slabmount"), folders.state());
  }

  @Test
  void shouldIgnoreRelativePaths() {
    for (final String relative : new String[] {"", "c", "./c", "../c", "~/c"}) {
      final var folders =
          folders(Map.of("XDG_CACHE_HOME", relative, "XDG_STATE_HOME", relative, "HOME", "/h"));
      assertEquals(Path.of("/h/.cache/slabmount"), folders.cache(), relative);
      assertEquals(Path.of("/h/.local/state/slabmount"), folders.state(), relative);
    }
  }

  @Test
  void shouldAskTheSystemIfThereIsNoHome() {
    assertEquals(Path.of("/user/.cache/slabmount"), folders(Map.of()).cache());
    assertEquals(Path.of("/user/.cache/slabmount"), folders(Map.of("HOME", "")).cache());
  }

  private static UserFolders folders(final Map<String, String> environment) {
    return new UserFolders(environment, "/user");
  }
}
