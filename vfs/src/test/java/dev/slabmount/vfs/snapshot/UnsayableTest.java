package dev.slabmount.vfs.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.ManifestEntry;
import dev.slabmount.vfs.manifest.ManifestReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a manifest cannot say is named, each kind in its own way, and never lost in silence. */
@Timeout(60)
class UnsayableTest {

  @TempDir private Path temp;
  private SampleTree tree;

  @BeforeEach
  void makeTree() throws Exception {
    tree = new SampleTree(temp.resolve("tree"));
  }

  @Test
  void shouldNameOtherPermissions() throws Exception {
    tree.file("a", new byte[0]).mode("a", "r--------");
    tree.file("b", new byte[0]).mode("b", "rwxr-x---");
    tree.file("c", new byte[0]).mode("c", "rw-r-xr-x");
    tree.folder("d").mode("d", "rwx------");
    tree.file("e", new byte[0]);
    SampleTree.run("chmod", "4755", tree.path("e").toString());
    tree.mode("", "rwxrwxr-x");
    assertUnsayable(
        List.of(
            "mode .: mode 0775",
            "mode a: mode 0400",
            "mode b: mode 0750",
            "mode c: mode 0655",
            "mode d: mode 0700",
            "mode e: mode 4755"),
        "d",
        "a",
        "b",
        "c",
        "e");
    assertEquals(List.of("b", "e"), runnable());
  }

  @Test
  void shouldNameOtherOwners() throws Exception {
    tree.file("a", new byte[0]).file("b", new byte[0]).link("l", "a");
    assumeTrue(chown("a", "65534:0"), "changing owners needs root");
    chown("b", "0:65534");
    chown("l", "65534:65534");
    assertUnsayable(
        List.of(
            "owner a: owner 65534:0, the tree's is 0:0",
            "owner b: owner 0:65534, the tree's is 0:0",
            "owner l: owner 65534:65534, the tree's is 0:0"),
        "a",
        "b",
        "l");
  }

  private boolean chown(final String path, final String owner) throws IOException {
    return SampleTree.run("chown", "-h", owner, tree.path(path).toString());
  }

  @Test
  void shouldNameExtendedAttributes() throws Exception {
    tree.file("a", new byte[0]).folder("d").file("z", new byte[0]);
    try {
      attribute("a", "color");
      attribute("d", "shape");
    } catch (final IOException e) {
      assumeTrue(false, "the filesystem has no extended attributes");
    }
    assertUnsayable(
        List.of("extended-attributes a: user.color", "extended-attributes d: user.shape"),
        "d",
        "a",
        "z");
  }

  private void attribute(final String path, final String name) throws IOException {
    Files.getFileAttributeView(tree.path(path), UserDefinedFileAttributeView.class)
        .write(name, ByteBuffer.wrap(new byte[] {1}));
  }

  @Test
  void shouldNameEachNameOfAFile() throws Exception {
    tree.file("a", new byte[] {1});
    Files.createLink(tree.path("b"), tree.path("a"));
    assertUnsayable(
        List.of("hard-link a: one of 2 names of a file", "hard-link b: one of 2 names of a file"),
        "a",
        "b");
  }

  @Test
  void shouldLeaveOutWhatIsNeitherFileNorFolderNorLink() throws Exception {
    SampleTree.run("mkfifo", tree.path("fifo").toString());
    final boolean device = SampleTree.run("mknod", tree.path("null").toString(), "c", "1", "3");
    final Path shortPath = Files.createTempDirectory("s");
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(shortPath.resolve("socket")));
      Files.move(shortPath.resolve("socket"), tree.path("socket"));
    } finally {
      Files.delete(shortPath);
    }
    final String fifo = "special-file fifo: fifo";
    final String socket = "special-file socket: socket";
    assertUnsayable(
        device
            ? List.of(fifo, "special-file null: character device", socket)
            : List.of(fifo, socket));
  }

  @Test
  void shouldLeaveOutNamesThatAreNoText() throws Exception {
    Files.writeString(bytesPath("%FF%41"), "x");
    Files.createDirectories(bytesPath("d%C3"));
    Files.writeString(bytesPath("d%C3/below"), "x");
    tree.folder("caf\u00e9");
    Files.writeString(bytesPath("caf%C3%A9/%ED%A0%80%0A"), "x");
    tree.file("\ufffd", new byte[0]);
    final SnapshotReport report =
        assertUnsayable(
            List.of(
                "name \\xffA: the name is not UTF-8",
                "name caf\u00e9/\\xed\\xa0\\x80\\u000a: the name is not UTF-8",
                "name d\\xc3: the name is not UTF-8"),
            "caf\u00e9",
            "\ufffd");
    final TreePath named = report.unsayable().getFirst().path();
    assertEquals("\\xffA", named.text());
    assertEquals(List.of((byte) 0xff, (byte) 'A'), boxed(named.bytes()));
  }

  /** Only the first folder that is out of reach is named; nobody can look below it. */
  @Test
  void shouldLeaveOutPathsThatAManifestCannotHold() throws Exception {
    final String half = "d".repeat(200) + ("/" + "d".repeat(200)).repeat(14);
    final Path lower = new SampleTree(temp.resolve("lower")).folder(half).root();
    Files.writeString(lower.resolve(half).resolve("file"), "x");
    tree.folder(half);
    final Path joint = tree.path(half).resolve("d".repeat(200));
    Files.move(lower.resolve("d".repeat(200)), joint);
    try {
      final int rootBytes = tree.root().toRealPath().toString().length();
      final int depth = (4095 - rootBytes) / 201;
      final String[] kept = new String[depth];
      kept[0] = "d".repeat(200);
      for (int i = 1; i < depth; i++) {
        kept[i] = kept[i - 1] + "/" + kept[0];
      }
      final String lost = kept[depth - 1] + "/" + kept[0];
      final String why =
          lost.length() > 4095
              ? "the path is longer than 4095 bytes of UTF-8 (" + lost.length() + ")"
              : "the path from / is longer than 4095 bytes ("
                  + (rootBytes + 1 + lost.length())
                  + ")";
      assertUnsayable(List.of("name " + lost + ": " + why), kept);
    } finally {
      Files.move(joint, lower.resolve("d".repeat(200))); // else nobody could delete it
    }
  }

  @Test
  void shouldLeaveOutAFileWhosePathFromTheRootIsAByteTooLong() throws Exception {
    final int rootBytes = tree.root().toRealPath().toString().length();
    final StringBuilder folder = new StringBuilder("d".repeat(150));
    final List<String> kept = new ArrayList<>(List.of(folder.toString()));
    while (rootBytes + 1 + folder.length() < 4095 - 255) {
      kept.add(folder.append('/').append("d".repeat(150)).toString());
    }
    final String fits = "f".repeat(4095 - rootBytes - 1 - folder.length() - 1);
    final String tooLong = fits + "f";
    kept.add(folder + "/" + fits);
    final SampleTree lower = new SampleTree(temp.resolve("lower"));
    lower.file(fits, new byte[1]).file(tooLong, new byte[1]);
    tree.folder(folder.substring(0, folder.length() - 151));
    Files.move(lower.root(), tree.path(folder.toString()));
    try {
      assertUnsayable(
          List.of(
              "name %s/%s: the path from / is longer than 4095 bytes (4096)"
                  .formatted(folder, tooLong)),
          kept.toArray(String[]::new));
    } finally {
      Files.move(tree.path(folder.toString()), lower.root()); // else nobody could delete it
    }
  }

  /** A path below the tree whose bytes are given as in a URI; text could not say it. */
  private Path bytesPath(final String escaped) {
    return Path.of(URI.create(tree.root().toUri() + "/" + escaped));
  }

  private static List<Byte> boxed(final byte[] bytes) {
    final List<Byte> boxed = new ArrayList<>();
    for (final byte b : bytes) {
      boxed.add(b);
    }
    return boxed;
  }

  @Test
  void shouldLeaveOutLinksWhoseTargetWouldNotComeBack() throws Exception {
    tree.folder("$d").file("$d/f", new byte[0]);
    tree.link("fine", "$d/f").link("lost", "$e/f").link("plain", "$x");
    Files.createSymbolicLink(tree.path("bytes"), Path.of(URI.create("file:///%FF")));
    assertUnsayable(
        List.of("link-target bytes: the target is not UTF-8", "link-target lost: to $e/f"),
        "$d",
        "$d/f",
        "fine",
        "plain");
  }

  @Test
  void shouldKeepButNameLinksThatLeadOutOfTheTree() throws Exception {
    tree.folder("d");
    tree.link("absolute", "/nowhere/hosts").link("d/up", "../..").link("d/inside", "../d/../d");
    tree.link("d/through", "up/x").link("newline", "/a\nb");
    assertUnsayable(
        List.of(
            "link-outside absolute: to /nowhere/hosts",
            "link-outside d/through: to up/x",
            "link-outside d/up: to ../..",
            "link-outside newline: to /a\\u000ab"),
        "d",
        "absolute",
        "d/inside",
        "d/through",
        "d/up",
        "newline");
  }

  /** Takes a snapshot; compares what cannot be said and the paths in the manifest. */
  private SnapshotReport assertUnsayable(final List<String> expected, final String... entries)
      throws Exception {
    final SnapshotReport report =
        new Snapshotter(
                new SnapshotRequest(
                    tree.root(), temp.resolve("store"), temp.resolve("m"), 2, false),
                new SnapshotProgress())
            .run();
    assertEquals(
        expected,
        report.unsayable().stream().map(each -> each.kind().id() + " " + each).sorted().toList());
    report.unsayableCounts().entrySet().stream()
        .filter(count -> !count.getKey().isOnlyCounted())
        .forEach(count ->
            assertEquals(
                report.unsayable().stream().filter(each -> each.kind() == count.getKey()).count(),
                count.getValue()));
    assertEquals(
        List.of(entries),
        ManifestReader.read(temp.resolve("m")).entries().stream()
            .map(ManifestEntry::path)
            .toList());
    return report;
  }

  private List<String> runnable() throws IOException {
    return ManifestReader.read(temp.resolve("m")).entries().stream()
        .filter(each -> each instanceof FileEntry file && file.runnable())
        .map(ManifestEntry::path)
        .toList();
  }

  @Test
  void shouldOnlyCountWhatEveryTreeHas() throws Exception {
    tree.folder("d").link("l", "d");
    assertEquals(true, Files.isSymbolicLink(tree.path("l")));
    assertEquals(false, Files.exists(tree.path("x"), LinkOption.NOFOLLOW_LINKS));
    final SnapshotReport report = assertUnsayable(List.of(), "d", "l");
    assertEquals(2, report.unsayableCounts().get(UnsayableKind.DIRECTORY_TIME));
    assertEquals(1, report.unsayableCounts().get(UnsayableKind.LINK_TIME));
  }
}
