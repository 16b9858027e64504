package dev.slabmount.nativebindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sizes, offsets and bits as C compilers see them: on this machine by running the probes now, for
 * the other releases and processors by what the probes printed when they were recorded.
 */
@Timeout(120)
class AbiLayoutTest {
  private static final Path RECORDED = Path.of("src/test/resources/abi");
  private static final Path PROBES = Path.of("src/test/c").toAbsolutePath();
  private static final List<Platform> PLATFORMS = List.of(Platform.X86_64, Platform.AARCH64);

  @TempDir Path folder;

  /**
   * One release on one processor.
   *
   * @param platform the processor
   * @param version the release
   * @param printed what the probe printed with its headers
   */
  record Recorded(Platform platform, LibfuseVersion version, Map<String, Long> printed) {
    @Override
    public String toString() {
      return version + " on " + platform.name();
    }
  }

  @Test
  void shouldLayOutLibfuseAsTheInstalledHeadersDo() throws Exception {
    final Libfuse3 libfuse = Libfuse3.load();
    final boolean since3141 = libfuse.version().compareTo(new LibfuseVersion(3, 14, 1)) >= 0;
    final Path probe =
        Programs.compile(
            folder,
            PROBES.resolve("abi-probe.c"),
            "-I/usr/include/fuse3",
            "-I/usr/local/include/fuse3",
            since3141 ? "-DPROBE_3_14_1" : "-UPROBE_3_14_1");
    assertSame(ExpectedAbi.ofLibfuse(libfuse.platform(), libfuse.abi()), run(probe));
  }

  @Test
  void shouldLayOutTheWireAsTheInstalledHeadersDo() throws Exception {
    final Path probe = Programs.compile(folder, PROBES.resolve("abi-probe-kernel.c"));
    assertSame(ExpectedAbi.ofKernel(Platform.current().orElseThrow()), run(probe));
  }

  @ParameterizedTest
  @MethodSource("recordedReleases")
  void shouldLayOutLibfuseAsEachReleaseDoes(final Recorded recorded) throws Exception {
    final LibfuseAbi abi = LibfuseAbi.of(recorded.version).orElseThrow();
    assertSame(ExpectedAbi.ofLibfuse(recorded.platform, abi), recorded.printed);
  }

  @ParameterizedTest
  @MethodSource("platforms")
  void shouldLayOutTheWireTheSameOnEachProcessor(final Platform platform) throws Exception {
    final Path recorded = RECORDED.resolve(platform.name() + "-kernel.txt");
    assertSame(
        ExpectedAbi.ofKernel(platform), ExpectedAbi.parse(Files.readAllLines(recorded).stream()));
  }

  @Test
  void shouldHaveTheGeneratedStatOfX86() throws Exception {
    final Map<String, Long> generated = ExpectedAbi.generatedLayouts("libfuse3");
    final Map<String, Long> table =
        ExpectedAbi.ofLibfuse(
            Platform.X86_64, LibfuseAbi.of(new LibfuseVersion(3, 14, 0)).orElseThrow());
    generated.forEach((name, value) -> assertEquals(value, table.get(name), name));
  }

  @Test
  void shouldAllocateEnoughForEveryRelease() throws IOException {
    for (final Recorded recorded : recordedReleases()) {
      assertTrue(LibfuseAbi.LARGEST_FILE_INFO_BYTES >= recorded.printed.get("fuse_file_info"));
      assertTrue(LibfuseAbi.LARGEST_BUF_BYTES >= recorded.printed.get("fuse_buf"));
      assertTrue(LibfuseAbi.LARGEST_OPERATIONS_BYTES >= recorded.printed.get("fuse_lowlevel_ops"));
    }
  }

  @Test
  void shouldHaveRecordedEverySeriesOnEveryProcessor() throws IOException {
    for (final Platform platform : PLATFORMS) {
      final List<Integer> series =
          recordedReleases().stream()
              .filter(r -> r.platform.equals(platform))
              .map(r -> r.version.minor())
              .distinct()
              .sorted()
              .toList();
      assertEquals(List.of(10, 11, 12, 13, 14, 15, 16, 17, 18), series, platform.name());
    }
  }

  static List<Recorded> recordedReleases() throws IOException {
    final List<Recorded> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(RECORDED)) {
      for (final Path file : files.filter(f -> f.toString().contains("-libfuse-")).toList()) {
        final List<String> lines = Files.readAllLines(file);
        final Map<String, Long> printed = ExpectedAbi.parse(lines.stream());
        for (final String line : lines) {
          if (line.startsWith("# release ")) {
            all.add(new Recorded(platformOf(file), releaseOf(line), printed));
          }
        }
      }
    }
    return all;
  }

  static List<Platform> platforms() {
    return PLATFORMS;
  }

  private static Platform platformOf(final Path file) {
    return file.getFileName().toString().startsWith("x86_64-") ? Platform.X86_64 : Platform.AARCH64;
  }

  private static LibfuseVersion releaseOf(final String line) {
    final String[] numbers = line.replaceAll("# release | commit.*", "").split("\\.", -1);
    return new LibfuseVersion(
        Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]), Integer.parseInt(numbers[2]));
  }

  private Map<String, Long> run(final Path probe) throws Exception {
    final Programs.Result result = Programs.run(folder, Map.of(), probe.toString());
    assertEquals(0, result.exit(), result.output());
    return ExpectedAbi.parse(result.output().lines());
  }

  /** Says only what differs: name, ours, C's. */
  private static void assertSame(final Map<String, Long> ours, final Map<String, Long> c) {
    final Map<String, String> differences = new TreeMap<>();
    ours.forEach((name, value) -> {
      if (!value.equals(c.get(name))) {
        differences.put(name, "ours " + value + ", C " + c.get(name));
      }
    });
    c.forEach((name, value) -> {
      if (!ours.containsKey(name)) {
        differences.put(name, "only C " + value);
      }
    });
    assertTrue(c.size() > 100, "the probe printed too little: " + c.size());
    assertEquals(Map.of(), differences);
  }
}
