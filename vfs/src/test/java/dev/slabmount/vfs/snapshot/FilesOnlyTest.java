package dev.slabmount.vfs.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestEntry;
import dev.slabmount.vfs.manifest.ManifestForm;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.manifest.TextConvention;
import dev.slabmount.vfs.manifest.WriteOptions;
import dev.slabmount.vfs.scrub.ScrubProgress;
import dev.slabmount.vfs.scrub.ScrubReport;
import dev.slabmount.vfs.scrub.Scrubber;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots in the form that has files of any length, and nothing else. */
@Timeout(120)
class FilesOnlyTest {

  private static final long LARGE = Manifest.CHUNK_BYTES + 1;

  @TempDir private Path temp;
  private SampleTree tree;
  private Path store;
  private Path manifest;

  @BeforeEach
  void makeTree() throws Exception {
    tree = new SampleTree(temp.resolve("tree"));
    tree.folder("d").file("d/f", new byte[] {1});
    store = temp.resolve("store");
    manifest = temp.resolve("m");
  }

  @Test
  void shouldStoreALongFileAsOneObjectAndKnowIt() throws Exception {
    makeLarge();
    final ContentHash hash = hashOf(tree.path("large"));

    final SnapshotReport first = take(legacy(false), false);
    assertEquals(2, first.objectsWritten());
    assertEquals(List.of(hash), large().hashes());
    assertEquals(LARGE, Files.size(store.resolve("Data/" + hash + ".xxh128")));
    assertSameBytesBesideTheChunkBoundary(hash);
    assertWhole(LARGE + 1);

    final SnapshotReport again = take(legacy(false), false);
    assertEquals(0, again.filesRead());
    assertEquals(0, again.bytesRead());
    assertEquals(List.of(hash), large().hashes());

    // What is known of whole files says nothing about chunks, and stays known beside them.
    take(WriteOptions.defaults(), false);
    assertEquals(2, large().hashes().size());
    assertWhole(LARGE + 1);
    assertEquals(0, take(legacy(false), false).filesRead());
    assertEquals(List.of(hash), large().hashes());
  }

  @Test
  void shouldKeepAFileThatMayBeExecutedAndNameTheBit() throws Exception {
    tree.file("run", new byte[] {2}).mode("run", "rwxr-xr-x");
    final SnapshotReport report = take(legacy(false), false);
    assertEquals(List.of("d", "d/f", "run"), paths());
    assertEquals(1, report.unsayableCounts().get(UnsayableKind.EXECUTE_BIT));
    assertEquals(
        List.of("execute-bit run: its owner may execute it"),
        report.unsayable().stream().map(each -> each.kind().id() + " " + each).toList());
    assertEquals(List.of(), take(WriteOptions.defaults(), false).unsayable());

    final UnsayableException strict =
        assertThrows(UnsayableException.class, () -> take(legacy(false), true));
    assertEquals(
        "a manifest cannot hold everything of this tree: run: its owner may execute it (execute"
            + " bit, which this form has no words for); nothing was stored",
        strict.getMessage());
  }

  @Test
  void shouldRefuseLinksAndEmptyFoldersBeforeAnythingIsStored() throws Exception {
    tree.link("l", "/nowhere").link("d/m", "f").folder("e/e");
    for (final boolean strict : List.of(false, true)) {
      final SnapshotException refused =
          assertThrows(SnapshotException.class, () -> take(legacy(false), strict));
      assertEquals(SnapshotException.Fault.SOURCE, refused.fault());
      assertEquals(
          "'2023-03-03' has no words for 2 links, 2 folders without files (the first is 'd/m');"
              + " nothing was stored; --lossy leaves that out",
          refused.getMessage());
      assertFalse(Files.exists(store));
      assertFalse(Files.exists(manifest));
    }
    final SnapshotReport report = take(legacy(true), false);
    assertEquals(List.of("d", "d/f"), paths());
    assertEquals(1, report.directories());
    assertEquals(0, report.links());
    assertEquals(
        List.of(
            "link d/m: to f",
            "link l: to /nowhere",
            "empty-folder e: no file below it",
            "empty-folder e/e: no file below it"),
        report.unsayable().stream().map(each -> each.kind().id() + " " + each).toList());
    assertThrows(UnsayableException.class, () -> take(legacy(true), true));
  }

  @Test
  void shouldRefuseALinkOrAnEmptyFolderAlone() throws Exception {
    tree.link("l", "d");
    assertThrows(SnapshotException.class, () -> take(legacy(false), false));
    Files.delete(tree.path("l"));
    tree.folder("e");
    assertThrows(SnapshotException.class, () -> take(legacy(false), false));
    Files.delete(tree.path("e"));
    assertEquals(List.of(), take(legacy(false), false).unsayable());
  }

  private void makeLarge() throws Exception {
    tree.file("large", new byte[0]);
    try (RandomAccessFile sparse = new RandomAccessFile(tree.path("large").toFile(), "rw")) {
      sparse.seek(Manifest.CHUNK_BYTES - 2);
      sparse.write(new byte[] {1, 2, 3});
    }
    final Instant changed = FileStat.of(tree.path("large")).changed().toInstant();
    while (Instant.now().isBefore(changed.plusMillis(25))) {
      Thread.onSpinWait(); // until it is old enough to be remembered
    }
  }

  private void assertSameBytesBesideTheChunkBoundary(final ContentHash hash) throws Exception {
    final byte[] read = new byte[5];
    try (LocalContentStore open = LocalContentStore.open(store)) {
      assertEquals(
          4,
          new VerifyingReader(open)
              .read(hash, LARGE, Manifest.CHUNK_BYTES - 3, MemorySegment.ofArray(read)));
    }
    assertArrayEquals(new byte[] {0, 1, 2, 3, 0}, read);
  }

  private void assertWhole(final long bytes) throws Exception {
    try (LocalContentStore open = LocalContentStore.open(store)) {
      final ScrubReport report =
          new Scrubber(ManifestReader.read(manifest), open, 2, true, new ScrubProgress()).run();
      assertEquals(List.of(), report.defects());
      assertEquals(bytes, report.bytesHashed());
    }
  }

  private static ContentHash hashOf(final Path file) throws IOException {
    final Xxh128 hasher = new Xxh128();
    try (FileChannel channel = FileChannel.open(file)) {
      final ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
      while (channel.read(buffer.clear()) > 0) {
        hasher.update(MemorySegment.ofBuffer(buffer.flip()));
      }
    }
    return hasher.digest();
  }

  private FileEntry large() throws IOException {
    return (FileEntry) ManifestReader.read(manifest).entries().getLast();
  }

  private List<String> paths() throws IOException {
    return ManifestReader.read(manifest).entries().stream().map(ManifestEntry::path).toList();
  }

  private static WriteOptions legacy(final boolean lossy) {
    return new WriteOptions(ManifestForm.LEGACY_2023, TextConvention.ASCII, lossy);
  }

  private SnapshotReport take(final WriteOptions options, final boolean strict)
      throws SnapshotException {
    return new Snapshotter(
            new SnapshotRequest(tree.root(), store, manifest, 2, strict)
                .withIndex(temp.resolve("index"), false)
                .withWriteOptions(options),
            new SnapshotProgress())
        .run();
  }
}
