package dev.slabmount.cli.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which folders may hold sockets: those in which nobody else can have a hand. */
class RuntimeFolderTest {
  private static final long ME = ProcessStatus.effectiveUser();
  private static final Path ROOT = Path.of("/");

  @TempDir private Path temp;

  @Test
  void shouldPreferTheVariableAndFallBackToTheUsersOwnFolders() {
    assertEquals(
        List.of("/x/y/slabmount", "/run/user/7/slabmount", "/tmp/slabmount-7"),
        paths(RuntimeFolder.choices("/x/y", ROOT, 7)));
  }

  @Test
  void shouldIgnoreAVariableThatIsUnsetOrNotAbsolute() {
    final List<String> without = List.of("/run/user/7/slabmount", "/tmp/slabmount-7");
    assertEquals(without, paths(RuntimeFolder.choices(null, ROOT, 7)));
    assertEquals(without, paths(RuntimeFolder.choices("", ROOT, 7)));
    assertEquals(without, paths(RuntimeFolder.choices("run", ROOT, 7)));
    assertEquals(without, paths(RuntimeFolder.choices("/run/user/7", ROOT, 7)));
  }

  @Test
  void shouldMakeAFolderForItsUserOnly() throws IOException {
    final RuntimeFolder folder = folder("new");
    assertFalse(folder.isUsable());
    folder.make();
    assertTrue(folder.isUsable());
    assertEquals(
        "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())));
    folder.make();
  }

  @Test
  void shouldNotFollowALink() throws IOException {
    final Path target = Files.createDirectory(temp.resolve("target"));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
    Files.createSymbolicLink(temp.resolve("planted"), target);
    assertRefused(folder("planted"), "planted is no folder");
    Files.createSymbolicLink(temp.resolve("dangling"), temp.resolve("nowhere"));
    assertRefused(folder("dangling"), "dangling is no folder");
    assertFalse(Files.exists(temp.resolve("nowhere")));
  }

  @Test
  void shouldRefuseAFile() throws IOException {
    Files.createFile(temp.resolve("file"));
    assertRefused(folder("file"), "file is no folder");
  }

  @Test
  void shouldRefuseAFolderOfAnotherUser() throws IOException {
    final RuntimeFolder mine = folder("mine");
    mine.make();
    assertRefused(new RuntimeFolder(mine.path(), ME + 1, true), "belongs to user " + ME);
  }

  @Test
  void shouldRefuseAFolderThatLetsOthersIn() throws IOException {
    final RuntimeFolder folder = folder("open");
    folder.make();
    for (final String mode : List.of("rwxr-x---", "rwx-----x", "rwx--x---", "rwx---r--")) {
      Files.setPosixFilePermissions(folder.path(), PosixFilePermissions.fromString(mode));
      assertRefused(folder, "lets others in; run 'chmod 700 " + folder.path() + "'");
    }
  }

  @Test
  void shouldRefuseAFolderThatOthersCanReplace() throws IOException {
    final Path parent = Files.createDirectory(temp.resolve("parent"));
    Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxrwxrwx"));
    final RuntimeFolder folder = new RuntimeFolder(parent.resolve("mine"), ME, true);
    assertRefused(folder, "can be written to by others");
    Files.setAttribute(parent, "unix:mode", 01777);
    folder.make();
    assertTrue(folder.isUsable());
  }

  @Test
  void shouldRefuseAPlaceThatIsNotThere() throws IOException {
    assertRefused(new RuntimeFolder(temp.resolve("a/b"), ME, true), "does not exist");
    Files.createFile(temp.resolve("c"));
    assertRefused(new RuntimeFolder(temp.resolve("c/d"), ME, true), "is no folder");
  }

  @Test
  void shouldRefuseANameThatIsTooLongForASocket() {
    assertRefused(folder("x".repeat(100)), "too long");
  }

  private static void assertRefused(final RuntimeFolder folder, final String why) {
    final RuntimeFolderException refusal = assertThrows(RuntimeFolderException.class, folder::make);
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
    assertEquals(1, refusal.getMessage().lines().count());
    assertFalse(folder.isUsable() && !why.contains("too long"), why);
  }

  private RuntimeFolder folder(final String name) {
    return new RuntimeFolder(temp.resolve(name), ME, true);
  }

  private static List<String> paths(final List<RuntimeFolder> folders) {
    return folders.stream().map(folder -> folder.path().toString()).toList();
  }
}
