package dev.slabmount.bench.fuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.bench.peer.JfuseServer;
import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Server;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.MeasuringException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The filesystems that ours is compared with have to serve what was written, and the client has to
 * notice when one does not: their speed would mean nothing otherwise.
 */
@Timeout(120)
class BenchProgramsIT {
  private static final Path PROGRAMS = Path.of("target/c").toAbsolutePath();
  private static final Duration AT_MOST = Duration.ofSeconds(60);
  private static final long SEED = 5;
  private static final int BYTES = 400_000;

  @TempDir private Path temp;
  private Workplace place;
  private Server server;

  /** A filesystem and how it is served. */
  @SuppressWarnings("ImmutableEnumChecker") // the list is made by List.of
  enum Kind {
    C_ONE_THREAD(PROGRAMS.resolve("memfs").toString(), "-T", "1", "-k"),
    C_THREADS(PROGRAMS.resolve("memfs").toString(), "-T", "4", "-a", "0", "-e", "0", "-n", "0"),
    JFUSE(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        JfuseServer.class.getName());

    private final List<String> words;

    Kind(String... words) {
      this.words = List.of(words);
    }

    List<String> on(Path folder) {
      List<String> all = new ArrayList<>(words);
      all.add(folder.toString());
      if (this == JFUSE) {
        all.addAll(List.of("1", "1"));
      }
      return all;
    }
  }

  @BeforeAll
  static void compile() throws Exception {
    Process build = new ProcessBuilder("src/c/build.sh").inheritIO().start();
    assertEquals(0, build.waitFor());
  }

  @BeforeEach
  void makeWorkplace() throws MeasuringException {
    place = new Workplace(temp, List.of(), List.of(), "bench-fuse");
  }

  @AfterEach
  void endEverything() {
    place.close();
  }

  private Path mount(Kind kind) throws MeasuringException {
    Path folder = place.newFolder("mnt");
    server = Server.start(place, folder, kind.on(folder));
    return folder;
  }

  private String load(String... words) throws MeasuringException {
    List<String> all = new ArrayList<>(List.of(PROGRAMS.resolve("load").toString()));
    all.addAll(List.of(words));
    return Command.run(place, AT_MOST, all);
  }

  @ParameterizedTest
  @EnumSource
  void shouldServeWhatWasWrittenBesideAnArray(Kind kind) throws Exception {
    Path file = mount(kind).resolve("file");
    Random random = new Random(SEED);
    byte[] model = new byte[BYTES];
    int size = 0;
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      for (int i = 0; i < 400; i++) {
        int offset = random.nextInt(i < 20 ? 4000 : BYTES); // small files are kept in another way
        int length = 1 + random.nextInt(i < 20 ? 90 : BYTES - offset);
        switch (random.nextInt(8)) {
          case 0 -> {
            if (offset < size) {
              channel.truncate(offset);
              Arrays.fill(model, offset, size, (byte) 0);
              size = offset;
            }
          }
          case 1, 2, 3 -> {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertEquals(length, channel.write(ByteBuffer.wrap(bytes), offset));
            System.arraycopy(bytes, 0, model, offset, length);
            size = Math.max(size, offset + length);
          }
          default -> {
            ByteBuffer read = ByteBuffer.allocate(length);
            int count = Math.max(0, channel.read(read, offset));
            assertEquals(Math.max(0, Math.min(length, size - offset)), count, "seed " + SEED);
            assertArrayEquals(
                Arrays.copyOfRange(model, offset, offset + count),
                Arrays.copyOf(read.array(), count),
                "seed " + SEED);
          }
        }
        assertEquals(size, channel.size(), "seed " + SEED);
      }
    }
    assertArrayEquals(Arrays.copyOf(model, size), Files.readAllBytes(file), "seed " + SEED);
  }

  @ParameterizedTest
  @EnumSource
  void shouldListExactlyTheNamesThatThereAre(Kind kind) throws Exception {
    Path mount = mount(kind);
    Path folder = Files.createDirectory(mount.resolve("folder"));
    Path other = Files.createDirectory(mount.resolve("other"));
    Set<String> expected = new TreeSet<>();
    for (int i = 0; i < 300; i++) {
      Files.createFile(folder.resolve("a-name-of-some-length-" + i));
      expected.add("a-name-of-some-length-" + i);
    }
    assertEquals(expected, names(folder));
    for (int i = 0; i < 300; i += 3) {
      Files.delete(folder.resolve("a-name-of-some-length-" + i));
      expected.remove("a-name-of-some-length-" + i);
    }
    Files.move(folder.resolve("a-name-of-some-length-1"), other.resolve("moved"));
    expected.remove("a-name-of-some-length-1");
    Files.move(
        folder.resolve("a-name-of-some-length-2"),
        folder.resolve("a-name-of-some-length-4"),
        StandardCopyOption.REPLACE_EXISTING);
    expected.remove("a-name-of-some-length-2");
    assertEquals(expected, names(folder));
    assertEquals(Set.of("moved"), names(other));
    assertThrows(IOException.class, () -> Files.delete(folder));
    Files.delete(other.resolve("moved"));
    Files.delete(other);
    assertEquals(Set.of("folder"), names(mount));
  }

  private static Set<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldBearEveryLoad(Kind kind) throws Exception {
    String mount = mount(kind).toString();
    assertEquals("", load("fill", mount, "2", "4"));
    for (String timed : List.of("read", "write", "stat")) {
      assertMeasured(load("-c", "0", timed, mount, "2", "0.05"));
    }
    for (String through : List.of("write-through", "read-through")) {
      assertMeasured(load(through, mount, "0.05"));
    }
    for (String counted : List.of("create", "small", "unlink", "names", "list", "unlink")) {
      String folder = Files.createDirectories(Path.of(mount, "names")).toString();
      Slice slice = Slice.parse(load(counted, folder, "60"), Duration.ofMillis(6));
      assertEquals(60, slice.operations());
      assertEquals(100, slice.serverMicros());
    }
    server.close();
    assertEquals(Set.of(), names(Path.of(mount)), "still mounted");
  }

  private static void assertMeasured(String said) throws MeasuringException {
    Slice slice = Slice.parse(said, Duration.ZERO);
    assertTrue(slice.operations() > 0 && slice.seconds() >= 0.05, said);
    assertTrue(slice.medianMicros() <= slice.p99Micros(), said);
  }

  @ParameterizedTest
  @EnumSource(names = "C_ONE_THREAD")
  void shouldNoticeOtherBytesThanWereWritten(Kind kind) throws Exception {
    Path mount = mount(kind);
    load("fill", mount.toString(), "1", "1");
    Files.write(mount.resolve("f0"), new byte[1 << 20]);
    MeasuringException noticed =
        assertThrows(MeasuringException.class, () -> load("read", mount.toString(), "1", "1"));
    assertTrue(noticed.getMessage().contains("other bytes than were written"), noticed.toString());
  }
}
