package dev.slabmount.cli.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which mounts are found, and what is cleaned up on the way. */
@Timeout(60)
class RegistryTest {
  private static final Path POINT = Path.of("/mnt/\u00fc");

  @TempDir private Path temp;
  private RuntimeFolder folder;
  private Registry registry;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = new RuntimeFolder(temp.resolve("run"), ProcessStatus.effectiveUser(), true);
    folder.make();
    final RuntimeFolder missing = new RuntimeFolder(temp.resolve("none"), folder.user(), true);
    registry = new Registry(List.of(missing, folder));
  }

  @Test
  void shouldFindAMountThatAnswersUntilItEnds() throws IOException {
    final MountRecord record = Records.ofThisProcess(POINT);
    try (ControlServer _ = ControlServer.start(folder, record, question -> Optional.of("!"))) {
      final Registry.Found found = registry.at(POINT).orElseThrow();
      assertEquals(Registry.State.ANSWERING, found.state());
      assertEquals(record, found.mount());
      assertEquals("!", found.ask("anything"));
    }
    assertEquals(List.of(), registry.find());
    assertEquals(List.of(), files());
  }

  @Test
  void shouldFindTwoMountsOfOneProcess() throws IOException {
    final MountRecord record = Records.ofThisProcess(POINT);
    try (ControlServer first = ControlServer.start(folder, record, question -> Optional.empty())) {
      final Path second;
      try (ControlServer other =
          ControlServer.start(folder, record, question -> Optional.empty())) {
        second = other.socket();
        assertFalse(first.socket().equals(second));
        assertEquals(2, registry.find().size());
      }
      assertEquals(first.socket(), registry.at(POINT).orElseThrow().socket());
    }
  }

  @Test
  void shouldCallAProcessSilentThatRunsAndDoesNotListen() throws IOException {
    write("7.json", Records.ofThisProcess(POINT).toJson());
    assertEquals(Registry.State.SILENT, registry.at(POINT).orElseThrow().state());
    assertEquals(1, files().size());
  }

  @Test
  void shouldTellAProcessWhoseMountWasTakenAwayFromTheMountOfThePlace() throws IOException {
    write("7.json", Records.ofADetachedMount(POINT).toJson());
    assertEquals(Registry.State.DETACHED, registry.find().getFirst().state());
    assertEquals(Optional.empty(), registry.at(POINT));
    final MountRecord record = Records.ofADetachedMount(POINT);
    try (ControlServer _ = ControlServer.start(folder, record, question -> Optional.of("!"))) {
      assertEquals(
          List.of(Registry.State.DETACHED, Registry.State.DETACHED),
          registry.find().stream().map(Registry.Found::state).toList());
    }
  }

  @Test
  void shouldRemoveWhatAKilledProcessLeftWhenItsMountIsGone() throws IOException {
    write("7.json", Records.ofADeadProcess(POINT).toJson());
    write("7.sock", "");
    assertEquals(List.of(), registry.find());
    assertEquals(List.of(), files());
  }

  @Test
  void shouldRemoveASocketWithoutARecordWhoseProcessIsGone() throws IOException {
    final long own = ProcessHandle.current().pid();
    write("999999999.sock", "");
    write(own + ".sock", "");
    assertEquals(List.of(), registry.find());
    assertEquals(List.of(own + ".sock"), files(), "its process may be about to write the record");
  }

  @Test
  void shouldPassOverWhatIsNoRecord() throws IOException {
    write("1.json", "");
    write("2.json", "{");
    write("3.json", "[]");
    write("4.json", "{\"mountpoint\":\"/a\"}");
    write("5.json", Records.ofThisProcess(POINT).toJson().replace("2026-", "x"));
    write("6.json", "\u0000\u0001");
    write("7.json", " ".repeat(1 << 17));
    write("8.json", "{\"a\":" + "[".repeat(500));
    Files.createDirectory(folder.path().resolve("9.json"));
    assertEquals(List.of(), registry.find());
    assertEquals(9, files().size());
  }

  @Test
  void shouldPassOverFieldsOfALaterVersion() throws IOException {
    final String later =
        Records.ofThisProcess(POINT).toJson().replaceFirst("\\{", "{\"new\":[{\"a\":1}],");
    write("7.json", later);
    assertEquals(Records.ofThisProcess(POINT), registry.at(POINT).orElseThrow().mount());
  }

  @Test
  void shouldNotLookIntoAFolderThatLetsOthersIn() throws IOException {
    write("7.json", Records.ofThisProcess(POINT).toJson());
    Files.setAttribute(folder.path(), "unix:mode", 0755);
    assertEquals(List.of(), registry.find());
    Files.setAttribute(folder.path(), "unix:mode", 0700);
    assertEquals(1, registry.find().size());
  }

  @Test
  void shouldSayThatNobodyListens() throws IOException {
    write("7.json", Records.ofThisProcess(POINT).toJson());
    final Registry.Found found = registry.at(POINT).orElseThrow();
    assertTrue(!assertThrows(IOException.class, () -> found.ask("x")).getMessage().isEmpty());
  }

  private void write(final String name, final String text) throws IOException {
    Files.write(folder.path().resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder.path())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
