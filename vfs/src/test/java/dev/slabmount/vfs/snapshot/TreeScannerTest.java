package dev.slabmount.vfs.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slabmount.vfs.content.ChildJvm;
import dev.slabmount.vfs.content.SmallDisk;
import dev.slabmount.vfs.manifest.ManifestForm;
import dev.slabmount.vfs.snapshot.ScannedTree.Problem;
import dev.slabmount.vfs.snapshot.ScannedTree.ScannedFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Trees that change, or may not be read, while they are looked at. */
@Timeout(60)
class TreeScannerTest {

  @TempDir private Path temp;
  private SampleTree tree;

  @BeforeEach
  void makeTree() throws Exception {
    tree = new SampleTree(temp.resolve("tree"));
  }

  /** Something that happens to the tree. */
  private interface Mishap {
    void happen() throws IOException;
  }

  /** Lets it happen when the scanner asks for the n-th time whether to go on. */
  private static BooleanSupplier at(final int question, final Mishap mishap) {
    final int[] asked = {0};
    return () -> {
      if (++asked[0] == question) {
        try {
          mishap.happen();
        } catch (final IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return false;
    };
  }

  @Test
  void shouldLeaveOutAFileThatVanishesAfterItWasListed() throws Exception {
    tree.file("a", new byte[0]).file("b", new byte[0]).file("c", new byte[0]);
    // The first question is before the folder is listed, the second before "a".
    final ScannedTree scanned = scan(at(2, () -> Files.delete(tree.path("b"))));
    assertEquals(List.of("a", "c"), scanned.files.stream().map(ScannedFile::path).toList());
    assertEquals(List.of(TreePath.of("b")), scanned.vanished);
    assertEquals(List.of(), scanned.problems);
  }

  @Test
  void shouldLeaveOutAFolderThatVanishesBeforeItIsListed() throws Exception {
    tree.folder("d").file("e", new byte[0]);
    final ScannedTree scanned = scan(at(4, () -> Files.delete(tree.path("d"))));
    assertEquals(List.of("e"), scanned.files.stream().map(ScannedFile::path).toList());
    assertEquals(Set.of(), scanned.directories);
    assertEquals(List.of(TreePath.of("d")), scanned.vanished);
  }

  @Test
  void shouldNotTakeAFolderThatVanishedForAnEmptyOne() throws Exception {
    final ScannedTree scanned = scan(at(1, () -> Files.delete(tree.root())));
    assertEquals(
        List.of(new Problem(TreePath.of("."), "no such file or folder")), scanned.problems);
  }

  @Test
  void shouldRefuseAFileTooLongForAManifest() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(temp.resolve("disk"), "1m")) {
      assumeTrue(disk != null, "only a disk in memory takes such files, and mounting needs root");
      try (RandomAccessFile sparse =
          new RandomAccessFile(disk.folder().resolve("endless").toFile(), "rw")) {
        sparse.setLength(Long.MAX_VALUE - 4095);
      }
      final ScannedTree scanned =
          TreeScanner.scan(
              disk.folder(), ManifestForm.RELATIVE_SNAPSHOT, new SnapshotProgress(), () -> false);
      assertEquals(
          List.of(
              new Problem(
                  TreePath.of("endless"),
                  "it is too long for a manifest: 9223372036854771712 bytes")),
          scanned.problems);
    }
  }

  @Test
  void shouldNotBeLedOutOfTheTreeByALinkThatTakesAFoldersPlace() throws Exception {
    final Path outside = Files.createDirectory(temp.resolve("outside"));
    Files.createFile(outside.resolve("secret"));
    tree.folder("d").file("e", new byte[0]);
    final ScannedTree scanned =
        scan(
            at(
                4,
                () -> {
                  Files.delete(tree.path("d"));
                  Files.createSymbolicLink(tree.path("d"), outside);
                }));
    assertEquals(List.of("e"), scanned.files.stream().map(ScannedFile::path).toList());
    assertEquals(
        List.of(
            new Problem(
                TreePath.of("d"), "it was replaced while the snapshot was taken; take it again")),
        scanned.problems);
  }

  @Test
  void shouldStopWhenCancelled() throws Exception {
    for (int i = 0; i < 100; i++) {
      tree.file("f" + i, new byte[0]);
    }
    final int[] asked = {0};
    assertTrue(scan(() -> ++asked[0] > 10).files.size() <= 10);
  }

  @Test
  void shouldWalkADeepTree() throws Exception {
    final String deep = "d/".repeat(300) + "d";
    tree.folder(deep);
    assertEquals(301, scan(() -> false).directories.size());
  }

  @Test
  void shouldRefuseWhatIsNotThere() {
    assertThrows(
        IOException.class,
        () ->
            TreeScanner.scan(
                temp.resolve("x"),
                ManifestForm.RELATIVE_SNAPSHOT,
                new SnapshotProgress(),
                () -> false));
  }

  /** Root may read everything, so this needs a process that has laid down that power. */
  @Test
  void shouldNameWhatMayNotBeReadAndKeepTheOldManifest() throws Exception {
    Files.writeString(temp.resolve("m"), "the old one");
    tree.folder("d").file("d/x", new byte[0]).mode("d", "---------");
    tree.file("f", new byte[] {1}).mode("f", "---------").file("g", new byte[] {1});
    final List<String> prefix = ChildJvm.withoutRootsPower();
    assertEquals(
        List.of("cannot read d: permission denied; no manifest was written"), failures(prefix));
    tree.mode("d", "rwxr-xr-x");
    assertEquals(
        List.of("cannot read f: permission denied; no manifest was written"), failures(prefix));
    tree.file("e", new byte[] {1}).mode("e", "---------");
    assertEquals(
        List.of("cannot read e: permission denied (and 1 others); no manifest was written"),
        failures(prefix));
    assertEquals("the old one", Files.readString(temp.resolve("m")));
  }

  private List<String> failures(final List<String> prefix) throws Exception {
    try (ChildJvm child =
        ChildJvm.start(
            FailToTake.class,
            Map.of(),
            prefix,
            tree.root().toString(),
            temp.resolve("store").toString(),
            temp.resolve("m").toString())) {
      return child.awaitEnd();
    }
  }

  /** FOLDER STORE MANIFEST; prints why no snapshot was taken. */
  static final class FailToTake {
    private FailToTake() {}

    public static void main(final String[] arguments) {
      final SnapshotRequest request =
          new SnapshotRequest(
              Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), 2, false);
      System.out.println(
          assertThrows(
                  SnapshotException.class,
                  () -> new Snapshotter(request, new SnapshotProgress()).run())
              .getMessage());
    }
  }

  private ScannedTree scan(final BooleanSupplier cancelled) throws IOException {
    return TreeScanner.scan(
        tree.root(), ManifestForm.RELATIVE_SNAPSHOT, new SnapshotProgress(), cancelled);
  }
}
