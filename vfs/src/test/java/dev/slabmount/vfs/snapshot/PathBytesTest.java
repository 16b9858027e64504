package dev.slabmount.vfs.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slabmount.vfs.content.ChildJvm;
import dev.slabmount.vfs.manifest.ManifestEntry;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.manifest.SymlinkEntry;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PathBytesTest {

  @TempDir private Path temp;

  @Test
  void shouldGiveTheBytesOfAnyPath() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      final byte[] name = new byte[random.nextInt(1, 9)];
      random.nextBytes(name);
      for (int at = 0; at < name.length; at++) {
        if (name[at] == 0 || name[at] == '/' || name[at] == '.') {
          name[at] = 'x';
        }
      }
      final StringBuilder escaped = new StringBuilder();
      for (final byte b : name) {
        escaped.append("%").append(HexFormat.of().toHexDigits(b));
      }
      final Path absolute = Path.of(URI.create("file:///a%20/" + escaped));
      assertArrayEquals(name, PathBytes.of(absolute.getFileName()), "seed " + seed);
      assertArrayEquals(
          ("/a /" + new String(name, java.nio.charset.StandardCharsets.ISO_8859_1))
              .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1),
          PathBytes.of(absolute),
          "seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "a//b/../\u00e9/", "/", "/etc", "/etc/", "\ufffd/./x", "%41 ?#;"})
  void shouldGiveALinksTargetAsItIs(final String target) throws Exception {
    assertTrue(SampleTree.run("ln", "-s", target, temp.resolve("link").toString()));
    final byte[] bytes = PathBytes.of(Files.readSymbolicLink(temp.resolve("link")));
    assertEquals(target, PathBytes.textOf(bytes));
  }

  @Test
  void shouldKnowUtf8() {
    assertEquals("\u00e9\ud83d\ude00", PathBytes.textOf("\u00e9\ud83d\ude00".getBytes(UTF_8)));
    assertNull(PathBytes.textOf(new byte[] {(byte) 0xe9}));
    assertNull(PathBytes.textOf(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}), "surrogate");
    assertNull(PathBytes.textOf(new byte[] {(byte) 0xc0, (byte) 0x80}), "overlong");
  }

  /** The JDK turns names into text by the locale; nothing that matters here may depend on it. */
  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8", "no_SUCH.locale"})
  void shouldTakeTheSameSnapshotInEveryLocale(final String locale) throws Exception {
    assertSameSnapshot(
        Map.of("LC_ALL", locale), "C.UTF-8".equals(locale) ? "UTF-8" : "ANSI_X3.4-1968");
  }

  /** Here every byte is a letter to the JDK, so that nothing looks odd and everything is wrong. */
  @Test
  void shouldTakeTheSameSnapshotInALatinLocale() throws Exception {
    final Path locales = Files.createDirectory(temp.resolve("locales"));
    final String locale = "en_US.ISO-8859-1";
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/localedef"))
            && SampleTree.run(
                "localedef", "-i", "en_US", "-f", "ISO-8859-1", locales.resolve(locale).toString()),
        "no such locale can be made here");
    assertSameSnapshot(Map.of("LC_ALL", locale, "LOCPATH", locales.toString()), "ISO-8859-1");
  }

  private void assertSameSnapshot(final Map<String, String> environment, final String encoding)
      throws Exception {
    final SampleTree tree = new SampleTree(temp.resolve("tree"));
    tree.folder("caf\u00e9").file("caf\u00e9/\ud83d\ude00", new byte[] {1});
    tree.file("rep\ufffd", new byte[] {2}).link("link", "caf\u00e9/\ud83d\ude00");
    Files.write(Path.of(URI.create(tree.root().toUri() + "/bad%FF")), new byte[] {3});
    final Path target = Path.of(URI.create("file:///%FF/x"));
    Files.createSymbolicLink(tree.path("odd\u00e9"), target);

    try (ChildJvm child =
        ChildJvm.start(
            TakeSnapshot.class,
            environment,
            List.of(),
            tree.root().toString(),
            temp.resolve("store").toString(),
            temp.resolve("m").toString())) {
      assertEquals(
          List.of("encoding " + encoding, "name bad\\xff", "link-target odd\\u00e9", "done"),
          child.awaitEnd());
    }

    final List<ManifestEntry> entries = ManifestReader.read(temp.resolve("m")).entries();
    assertEquals(
        List.of("caf\u00e9", "caf\u00e9/\ud83d\ude00", "link", "rep\ufffd"),
        entries.stream().map(ManifestEntry::path).toList());
    assertEquals("caf\u00e9/\ud83d\ude00", ((SymlinkEntry) entries.get(2)).target());
    final Set<String> objects = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(temp.resolve("store/Data"))) {
      files.forEach(file -> objects.add(file.getFileName().toString()));
    }
    assertEquals(2, objects.size());
  }

  /** FOLDER STORE MANIFEST; prints what cannot be said, in ASCII. */
  static final class TakeSnapshot {
    private TakeSnapshot() {}

    public static void main(final String[] arguments) throws Exception {
      System.out.println("encoding " + System.getProperty("sun.jnu.encoding"));
      final SnapshotRequest request =
          new SnapshotRequest(
              Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), 2, false);
      for (final Unsayable each :
          new Snapshotter(request, new SnapshotProgress()).run().unsayable()) {
        final StringBuilder ascii = new StringBuilder(each.kind().id()).append(' ');
        for (final char c : each.path().toString().toCharArray()) {
          ascii.append(c < 0x80 ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        System.out.println(ascii);
      }
      System.out.println("done");
    }
  }
}
