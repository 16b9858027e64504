package dev.slabmount.vfs.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.SmallDisk;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.DirectoryEntry;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.ManifestEntry;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.manifest.SymlinkEntry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SnapshotterTest {

  private static final int BLOCK = 64 << 10;

  @TempDir private Path temp;
  private SampleTree tree;
  private Path store;
  private Path manifest;

  @BeforeEach
  void makeTree() throws Exception {
    tree = new SampleTree(temp.resolve("tree"));
    store = temp.resolve("store");
    manifest = temp.resolve("m.json");
  }

  @Test
  void shouldDescribeEveryEntry() throws Exception {
    final byte[] large = TestBytes.random(1, 3_000_000);
    tree.folder("bin").folder("empty").folder("a/b/c");
    tree.file("bin/run", "#!/bin/sh\n".getBytes(UTF_8)).mode("bin/run", "rwxr-xr-x");
    tree.file("a/b/large", large).file("a/nothing", new byte[0]);
    tree.file("caf\u00e9 \ud83d\ude00", "x".getBytes(UTF_8));
    // Java's paths would tidy the target up.
    assertTrue(SampleTree.run("ln", "-s", "b/../b//large/", tree.path("a/link").toString()));
    tree.link("dangling", "no/where");
    tree.modified("bin/run", 1_700_000_001_500_000L);
    assertTrue(
        SampleTree.run(
            "touch", "-d", "1969-12-31 23:59:59.9999995 UTC", tree.path("a/nothing").toString()));
    tree.modified("a/b/large", 0).modified("caf\u00e9 \ud83d\ude00", 1);

    final SnapshotReport report = take();

    final ContentHash largeHash = Xxh128.hash(large);
    assertEquals(
        List.of(
            new DirectoryEntry("a"),
            new DirectoryEntry("a/b"),
            new DirectoryEntry("a/b/c"),
            new DirectoryEntry("bin"),
            new DirectoryEntry("empty"),
            new FileEntry("a/b/large", 3_000_000, 0, false, List.of(largeHash)),
            new SymlinkEntry("a/link", "b/../b//large/"),
            new FileEntry("a/nothing", 0, -1, false, List.of(ContentHash.EMPTY)),
            new FileEntry(
                "bin/run",
                10,
                1_700_000_001_500_000L,
                true,
                List.of(Xxh128.hash("#!/bin/sh\n".getBytes(UTF_8)))),
            new FileEntry(
                "caf\u00e9 \ud83d\ude00", 1, 1, false, List.of(Xxh128.hash("x".getBytes(UTF_8)))),
            new SymlinkEntry("dangling", "no/where")),
        entries());
    assertEquals(4, report.files());
    assertEquals(5, report.directories());
    assertEquals(2, report.links());
    assertEquals(3_000_011, report.bytes());
    assertEquals(4, report.objectsWritten());
    assertEquals(3_000_011, report.bytesWritten());
    assertEquals(List.of(), report.unsayable());
    assertEquals(List.of(), report.vanished());
    assertContent("a/b/large", large);
    assertContent("a/nothing", new byte[0]);
    assertNoTemporaryFiles();
  }

  @Test
  void shouldTakeAnEmptyFolder() throws Exception {
    final SnapshotReport report = take();
    assertEquals(List.of(), entries());
    assertEquals(0, report.files());
  }

  @Test
  void shouldWriteNothingTwice() throws Exception {
    tree.file("a", TestBytes.random(1, 3_000_000)).file("b", TestBytes.random(2, 1000));
    tree.file("same", TestBytes.random(2, 1000));
    final SnapshotReport first = take();
    assertEquals(2, first.objectsWritten());
    assertEquals(1, first.objectsPresent());
    final byte[] document = Files.readAllBytes(manifest);

    final SnapshotReport second = take();
    assertEquals(0, second.objectsWritten());
    assertEquals(0, second.bytesWritten());
    assertEquals(3, second.objectsPresent());
    assertArrayEquals(document, Files.readAllBytes(manifest));
  }

  @Test
  void shouldMendAStoreThatHoldsAnObjectOfTheWrongLength() throws Exception {
    final byte[] content = TestBytes.random(1, 1000);
    tree.file("a", content);
    take();
    final Path object = store.resolve("Data/" + Xxh128.hash(content) + ".xxh128");
    try (RandomAccessFile file = new RandomAccessFile(object.toFile(), "rw")) {
      file.setLength(999);
    }
    assertEquals(1, take().objectsWritten());
    assertContent("a", content);
  }

  @Test
  void shouldCutALargeFileIntoChunks() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(tree.path("big").toFile(), "rw")) {
      sparse.setLength(300L << 20);
    }
    tree.mode("big", "rw-r--r--").modified("big", 5);
    final SnapshotProgress progress = new SnapshotProgress();
    final SnapshotReport report = new Snapshotter(request(false), progress).run();
    assertEquals(
        List.of(
            new FileEntry(
                "big",
                300L << 20,
                5,
                false,
                List.of(
                    ContentHash.parse("e7e6e2cfd0fb193c998e510addb2da2d"),
                    ContentHash.parse("9872ce5eb2ae11905d6348f8e683f04b")))),
        entries());
    assertEquals(2, report.objectsWritten());
    assertEquals(300L << 20, progress.bytesTotal());
    assertEquals(300L << 20, progress.bytesDone());
    assertEquals(1, progress.filesDone());
  }

  @Test
  void shouldKeepExactlyOneChunkAsOneObject() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(tree.path("big").toFile(), "rw")) {
      sparse.setLength(256L << 20);
    }
    take();
    assertEquals(
        List.of(ContentHash.parse("e7e6e2cfd0fb193c998e510addb2da2d")),
        ((FileEntry) entries().getFirst()).hashes());
  }

  @Test
  void shouldFollowALinkToTheFolderButNoneInsideIt() throws Exception {
    final Path outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "x");
    tree.link("out", outside.toString()).link("self", ".");
    final Path link = Files.createSymbolicLink(temp.resolve("link"), tree.root());
    new Snapshotter(new SnapshotRequest(link, store, manifest, 2, false), new SnapshotProgress())
        .run();
    assertEquals(
        List.of(new SymlinkEntry("out", outside.toString()), new SymlinkEntry("self", ".")),
        entries());
  }

  @Test
  void shouldTakeManyFilesWithManyThreads() throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<String> names = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      final String folder = "d" + random.nextInt(20);
      tree.folder(folder);
      names.add(folder + "/f" + i);
      tree.file(names.getLast(), TestBytes.random(random.nextInt(100), random.nextInt(20_000)));
    }
    final SnapshotReport report =
        new Snapshotter(
                new SnapshotRequest(tree.root(), store, manifest, 16, false),
                new SnapshotProgress())
            .run();
    assertEquals(500, report.files(), "seed " + seed);
    assertEquals(500, report.objectsWritten() + report.objectsPresent(), "seed " + seed);
    for (final String name : names) {
      assertContent(name, Files.readAllBytes(tree.path(name)));
    }
  }

  @Test
  void shouldLetSeveralSnapshotsUseOneStore() throws Exception {
    for (int i = 0; i < 100; i++) {
      tree.file("f" + i, TestBytes.random(i % 50, 50_000));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      final List<Future<SnapshotReport>> runs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        final SnapshotRequest request =
            new SnapshotRequest(tree.root(), store, temp.resolve("m" + i), 4, true);
        runs.add(threads.submit(() -> new Snapshotter(request, new SnapshotProgress()).run()));
      }
      for (final Future<SnapshotReport> run : runs) {
        assertEquals(100, run.get(60, TimeUnit.SECONDS).files());
      }
    }
    for (int i = 1; i < 4; i++) {
      assertArrayEquals(
          Files.readAllBytes(temp.resolve("m0")), Files.readAllBytes(temp.resolve("m" + i)));
    }
    try (Stream<Path> objects = Files.list(store.resolve("Data"))) {
      assertEquals(50, objects.count());
    }
  }

  @Test
  void shouldSayThatTheDiskIsFullAndLeaveNothingHalfDone() throws Exception {
    tree.file("a", TestBytes.random(1, 2_000_000)).file("b", TestBytes.random(2, 100));
    try (SmallDisk disk = SmallDisk.mount(temp.resolve("disk"), "1m")) {
      assumeTrue(disk != null, "mounting a small disk needs root");
      store = disk.folder().resolve("store");
      final SnapshotException full = assertThrows(SnapshotException.class, this::take);
      assertEquals(SnapshotException.Fault.DESTINATION, full.fault());
      assertEquals(
          "cannot write object %s to %s: No space left on device"
              .formatted(
                  Xxh128.hash(TestBytes.random(1, 2_000_000)), store.toRealPath().resolve("Data")),
          full.getMessage());
      assertFalse(Files.exists(manifest));
      assertNoTemporaryFiles();
    }
  }

  @Test
  void shouldSayThatTheManifestsDiskIsFullAndLeaveNoManifest() throws Exception {
    for (int i = 0; i < 200; i++) {
      tree.file("f".repeat(100) + i, new byte[0]);
    }
    try (SmallDisk disk = SmallDisk.mount(temp.resolve("disk"), "4k")) {
      assumeTrue(disk != null, "mounting a small disk needs root");
      manifest = disk.folder().resolve("m.json");
      assertFails(
          SnapshotException.Fault.DESTINATION,
          "cannot write manifest " + manifest + ": No space left on device");
      try (Stream<Path> left = Files.list(disk.folder())) {
        assertEquals(List.of(), left.toList());
      }
    }
  }

  @Test
  void shouldStopWhenCancelled() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(tree.path("big").toFile(), "rw")) {
      sparse.setLength(20L << 30);
    }
    final SnapshotProgress progress = new SnapshotProgress();
    final Snapshotter snapshotter = new Snapshotter(request(false), progress);
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      final Future<SnapshotReport> run = thread.submit(snapshotter::run);
      while (progress.bytesDone() == 0) {
        Thread.onSpinWait();
      }
      assertTrue(snapshotter.cancel(Duration.ofSeconds(30)));
      final ExecutionException failed = assertThrows(ExecutionException.class, run::get);
      final SnapshotException cancelled = (SnapshotException) failed.getCause();
      assertEquals(SnapshotException.Fault.CANCELLED, cancelled.fault());
      assertEquals("cancelled; no manifest was written", cancelled.getMessage());
    }
    assertFalse(Files.exists(manifest));
    assertNoTemporaryFiles();
  }

  @Test
  void shouldWriteNothingWhenSomethingCannotBeSaidAndIsNotToBeLost() throws Exception {
    tree.file("a", new byte[10]).file("b", new byte[10]).mode("b", "rw-------");
    tree.file("c", new byte[10]).mode("c", "rw-rw-r--");
    final UnsayableException refused =
        assertThrows(
            UnsayableException.class,
            () -> new Snapshotter(request(true), new SnapshotProgress()).run());
    assertEquals(SnapshotException.Fault.SOURCE, refused.fault());
    assertEquals(
        "a manifest cannot hold everything of this tree: b: mode 0600 (permissions other than"
            + " 0644 and 0755) and 1 other things; nothing was stored",
        refused.getMessage());
    assertEquals(2, refused.unsayable().size());
    assertFalse(Files.exists(store));
    assertFalse(Files.exists(manifest));
  }

  @Test
  void shouldAcceptTimesOfFoldersAndLinksEvenIfStrict() throws Exception {
    tree.folder("d").link("l", "d").file("f", new byte[0]);
    final SnapshotReport report = new Snapshotter(request(true), new SnapshotProgress()).run();
    assertEquals(List.of(), report.unsayable());
    assertEquals(2, report.unsayableCounts().get(UnsayableKind.DIRECTORY_TIME));
    assertEquals(1, report.unsayableCounts().get(UnsayableKind.LINK_TIME));
  }

  @Test
  void shouldRefuseAStoreInsideTheFolder() throws Exception {
    for (final Path inside : List.of(tree.root(), tree.path("x/store"))) {
      store = inside;
      assertFails(
          SnapshotException.Fault.SOURCE,
          "the store %s lies inside the folder %s; use a store elsewhere"
              .formatted(store, tree.root()));
    }
    store = Files.createSymbolicLink(temp.resolve("link"), tree.folder("d").path("d"));
    assertFails(
        SnapshotException.Fault.SOURCE,
        "the store %s lies inside the folder %s; use a store elsewhere"
            .formatted(store, tree.root()));
    try (Stream<Path> files = Files.list(tree.root())) {
      assertEquals(List.of(tree.path("d")), files.toList());
    }
  }

  @Test
  void shouldRefuseAFolderAmongTheObjects() throws Exception {
    LocalContentStore.create(store).close();
    assertEquals(
        "the folder %s lies among the objects of the store %s; use a store elsewhere"
            .formatted(store.resolve("Data"), store),
        assertThrows(
                SnapshotException.class,
                () ->
                    new Snapshotter(
                            new SnapshotRequest(store.resolve("Data"), store, manifest, 1, false),
                            new SnapshotProgress())
                        .run())
            .getMessage());
  }

  @Test
  void shouldRefuseAManifestInsideTheFolder() throws Exception {
    manifest = tree.path("m.json");
    assertFails(
        SnapshotException.Fault.SOURCE,
        "the manifest %s would lie inside the folder %s; write it elsewhere"
            .formatted(manifest, tree.root()));
    assertFalse(Files.exists(store));
  }

  @Test
  void shouldRefuseAManifestThatCannotBeWrittenBeforeAnythingIsRead() throws Exception {
    manifest = temp.resolve("missing/m.json");
    assertFails(
        SnapshotException.Fault.DESTINATION,
        "cannot write manifest %s: there is no folder %s"
            .formatted(manifest, temp.resolve("missing")));
    manifest = Files.createDirectory(temp.resolve("folder"));
    final String notPlain = "cannot write manifest %s: something is there that is not a plain file";
    assertFails(SnapshotException.Fault.DESTINATION, notPlain.formatted(manifest));
    manifest = Files.createSymbolicLink(temp.resolve("link"), Path.of("folder"));
    assertFails(SnapshotException.Fault.DESTINATION, notPlain.formatted(manifest));
    assertFalse(Files.exists(store));
  }

  @Test
  void shouldRefuseWhatIsNoFolder() throws Exception {
    final Path file = Files.createFile(temp.resolve("file"));
    final Path missing = temp.resolve("missing");
    assertEquals("cannot take a snapshot of " + file + ": it is not a folder", failureOf(file));
    assertEquals(
        "cannot take a snapshot of " + missing + ": no such file or folder", failureOf(missing));
    assertFalse(Files.exists(store));
  }

  private String failureOf(final Path folder) {
    return assertThrows(
            SnapshotException.class,
            () ->
                new Snapshotter(
                        new SnapshotRequest(folder, store, manifest, 1, false),
                        new SnapshotProgress())
                    .run())
        .getMessage();
  }

  private void assertFails(final SnapshotException.Fault fault, final String message) {
    final SnapshotException failed = assertThrows(SnapshotException.class, this::take);
    assertEquals(message, failed.getMessage());
    assertEquals(fault, failed.fault());
  }

  private SnapshotReport take() throws SnapshotException {
    return new Snapshotter(request(false), new SnapshotProgress()).run();
  }

  private SnapshotRequest request(final boolean strict) {
    return new SnapshotRequest(tree.root(), store, manifest, 4, strict);
  }

  private List<ManifestEntry> entries() throws IOException {
    return List.copyOf(ManifestReader.read(manifest).entries());
  }

  private void assertContent(final String path, final byte[] expected) throws Exception {
    final FileEntry entry =
        (FileEntry)
            entries().stream().filter(each -> each.path().equals(path)).findFirst().orElseThrow();
    assertEquals(expected.length, entry.size(), path);
    assertEquals(1, entry.hashes().size(), path);
    try (LocalContentStore open = LocalContentStore.open(store)) {
      final VerifyingReader reader = new VerifyingReader(open);
      for (int offset = 0; offset < expected.length; offset += BLOCK) {
        assertArrayEquals(
            Arrays.copyOfRange(expected, offset, Math.min(expected.length, offset + BLOCK)),
            TestBytes.read(reader, entry.hashes().getFirst(), expected.length, offset, BLOCK),
            path);
      }
    }
  }

  private void assertNoTemporaryFiles() throws IOException {
    final List<Path> odd = new ArrayList<>();
    for (final Path folder : List.of(store.resolve("Data"), temp)) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.getFileName().toString().startsWith(".")).forEach(odd::add);
      }
    }
    Collections.sort(odd);
    assertEquals(List.of(), odd);
  }
}
