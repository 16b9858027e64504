package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Plants every kind of difference for {@code scripts/compare-trees.sh}, the judge of the demo,
 * which knows nothing of slabmount: a judge that cannot say no proves nothing.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class CompareTreesIT {
  private static final Path SCRIPT = Path.of("../scripts/compare-trees.sh").toAbsolutePath();
  private static final FileTime TIME = FileTime.from(1_700_000_000_123_456L, TimeUnit.MICROSECONDS);

  @TempDir private Path temp;
  private Path original;
  private Path copy;

  private record Verdict(int exitCode, String said) {}

  @BeforeEach
  void makeEqualTrees() throws IOException, InterruptedException {
    original = makeTree(temp.resolve("original"));
    copy = makeTree(temp.resolve("copy"));
  }

  @Test
  void shouldFindEqualTreesEqual() throws IOException, InterruptedException {
    final Verdict verdict = compare("-r", "4");
    assertEquals("equal: 9 entries, 5 files, 0.1 MiB, read by 4 at once\n", verdict.said());
    assertEquals(0, verdict.exitCode());
  }

  @Test
  void shouldIgnoreWhatLiesBelowAMicrosecond() throws IOException, InterruptedException {
    final FileTime later = FileTime.from(1_700_000_000_123_456_999L, TimeUnit.NANOSECONDS);
    Files.setLastModifiedTime(original.resolve("file"), later);
    assertEquals(0, compare().exitCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "printf X | dd of=file conv=notrunc bs=1 seek=40000 status=none", // one byte
        "printf X >>file", // length
        "truncate -s -1 file",
        "rm file",
        "touch new",
        "mkdir folder/new",
        "rmdir empty",
        "rmdir empty && touch empty", // type
        "rm link && cp file link",
        "ln -sfn other link", // link target
        "chmod u+x file", // exec bit
        "chmod u-x folder/run",
        "touch -d @1700000000.123457 file", // the next microsecond
        "mv 'odd\nname' 'odd name'", // name
        "printf Y >'odd\nname'"
      })
  void shouldFindADifference(final String change) throws IOException, InterruptedException {
    change(change);
    for (final String file : List.of("file", "odd\nname")) { // the change alone shall tell
      if (!change.contains("touch -d") && Files.exists(copy.resolve(file))) {
        Files.setLastModifiedTime(copy.resolve(file), TIME);
      }
    }
    final Verdict verdict = compare("-r", "4");
    assertEquals(1, verdict.exitCode(), verdict.said());
    assertTrue(
        verdict.said().matches("(?s).*compare-trees: [1-9]\\d* differences\n"), verdict.said());
  }

  @Test
  void shouldLeaveOutWhatIsExcludedAndAllBelow() throws IOException, InterruptedException {
    change("rm -r folder");
    change("rm 'odd\nname'");
    final Path list = temp.resolve("list");
    Files.write(list, "folder\0odd\nname\0".getBytes(StandardCharsets.UTF_8));
    final Verdict verdict = compare("-x", list.toString());
    assertEquals(0, verdict.exitCode(), verdict.said());
  }

  /** No system call takes so long a path: it has to be walked. */
  @Test
  void shouldLeaveOutWhatIsTooDeepToBeOpened() throws IOException, InterruptedException {
    final String name = "d".repeat(200);
    final String descend = "mkdir " + name + " && cd " + name + " || exit";
    run(original, "for ((i = 0; i < 30; i++)); do " + descend + "; done; echo x >file");
    run(copy, "mkdir -p " + (name + "/").repeat(19));
    try {
      assertEquals(1, compare().exitCode());
      final Path list = temp.resolve("list");
      Files.writeString(list, (name + "/").repeat(19) + name + "\0");
      final Verdict verdict = compare("-x", list.toString());
      assertEquals("equal: 28 entries, 5 files, 0.1 MiB, read by 1 at once\n", verdict.said());
    } finally {
      run(original, "rm -r " + name);
    }
  }

  @Test
  void shouldNotLeaveOutWhatOnlyBeginsWithAnExcludedName()
      throws IOException, InterruptedException {
    change("rm -r folder");
    final Path list = temp.resolve("list");
    Files.write(list, "fold\0folder/run\0".getBytes(StandardCharsets.UTF_8));
    assertEquals(1, compare("-x", list.toString()).exitCode());
  }

  @Test
  void shouldFindWhatIsExcludedAndStillInTheCopy() throws IOException, InterruptedException {
    final Path list = temp.resolve("list");
    Files.write(list, "folder\0".getBytes(StandardCharsets.UTF_8));
    final Verdict verdict = compare("-x", list.toString());
    assertEquals(1, verdict.exitCode(), verdict.said());
    assertTrue(verdict.said().contains("copy:     folder/run"), verdict.said());
  }

  @Test
  void shouldNotCallATreeThatIsMissingEqual() throws IOException, InterruptedException {
    assertEquals(2, run(List.of(original.toString(), temp + "/none")).exitCode());
  }

  private void change(final String command) throws IOException, InterruptedException {
    run(copy, command);
  }

  private static void run(final Path folder, final String command)
      throws IOException, InterruptedException {
    final Process process =
        new ProcessBuilder("bash", "-c", command).directory(folder.toFile()).start();
    assertEquals(0, process.waitFor());
  }

  private Path makeTree(final Path root) throws IOException {
    Files.createDirectories(root.resolve("folder/deep"));
    Files.createDirectory(root.resolve("empty"));
    Files.write(root.resolve("file"), new byte[70_000]);
    Files.writeString(root.resolve("folder/run"), "#!/bin/sh\n");
    assertTrue(root.resolve("folder/run").toFile().setExecutable(true));
    Files.writeString(root.resolve("folder/deep/file"), "deep");
    Files.createFile(root.resolve("nothing"));
    Files.writeString(root.resolve("odd\nname"), "X");
    Files.createSymbolicLink(root.resolve("link"), Path.of("folder/run//f - 1 1.1//"));
    for (final String file :
        List.of("file", "folder/run", "folder/deep/file", "nothing", "odd\nname")) {
      Files.setLastModifiedTime(root.resolve(file), TIME);
    }
    return root;
  }

  private Verdict compare(final String... options) throws IOException, InterruptedException {
    final List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add(original.toString());
    arguments.add(copy.toString());
    return run(arguments);
  }

  private Verdict run(final List<String> arguments) throws IOException, InterruptedException {
    final List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    command.addAll(arguments);
    final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("TMPDIR", temp.toString());
    final Process process = builder.start();
    final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Verdict(process.waitFor(), said);
  }
}
