package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damages a store in every way, and repairs it as the command says. */
@Timeout(120)
class VerifyIT {

  @TempDir private Path temp;
  private Path tree;
  private Path store;
  private Path manifest;

  @BeforeEach
  void makeSnapshot() throws Exception {
    tree = Files.createDirectory(temp.resolve("tree"));
    store = temp.resolve("the store");
    manifest = temp.resolve("tree.json");
    for (final String name : List.of("damaged", "missing", "short", "folder", "whole")) {
      Files.writeString(tree.resolve(name), "content of " + name);
    }
    Files.copy(tree.resolve("damaged"), tree.resolve("copy of damaged"));
    run("snapshot", tree.toString(), "--store", store.toString(), "--out", manifest.toString())
        .assertOk();
  }

  private void damage() throws IOException {
    Files.writeString(object("damaged"), "content of DAMAGED");
    Files.delete(object("missing"));
    Files.writeString(object("short"), "conten");
    Files.delete(object("folder"));
    Files.createDirectory(object("folder"));
  }

  @Test
  void shouldFindNothingWrongWithAWholeStore() {
    assertEquals(
        "checked 5 objects (85 B) in " + store + ": all whole\n", verify().assertOk().out());
    assertEquals(
        "looked at 5 objects (85 B) in "
            + store
            + ": all there, with the right length; nothing was hashed\n",
        verify("--quick").assertOk().out());
  }

  @Test
  void shouldSayWhatIsBadAndHowToRepairIt() throws Exception {
    damage();
    final Launcher.Result bad = verify();
    bad.assertFailed(ExitCode.DAMAGED, "4 of 5 objects that " + manifest + " needs", "stdout");
    final String[] lines = bad.out().split("\n", -1);
    assertEquals("checked 5 objects (85 B) in " + store + ": 4 bad", lines[0]);
    assertEquals(
        "  damaged      %s: its bytes hash to %s; needed by copy of damaged, damaged"
            .formatted(
                Xxh128.hash(Files.readAllBytes(tree.resolve("damaged"))),
                Xxh128.hash(Files.readAllBytes(object("damaged")))),
        lines[1]);
    assertTrue(lines[2].endsWith("is a directory, not a plain file; needed by folder"), lines[2]);
    assertTrue(lines[3].endsWith(": it is not there; needed by missing"), lines[3]);
    assertTrue(lines[4].endsWith(": it has 6 bytes, not 16; needed by short"), lines[4]);

    // The indented lines that follow are commands.
    final List<String> commands =
        bad.out().lines().skip(5).filter(line -> line.startsWith("  ")).toList();
    assertEquals(3, commands.size(), commands.toString());
    for (final String command : commands) {
      sh(
          command
              .replace("slabmount ", Launcher.DISTRIBUTION.resolve("bin/slabmount") + " ")
              .replace(" DIR ", " " + tree + " "));
    }
    verify().assertOk();
    assertArrayEquals(
        Files.readAllBytes(manifest), Files.readAllBytes(temp.resolve("tree.json.new")));
  }

  @Test
  void shouldPrintOneJsonObjectForPrograms() throws Exception {
    damage();
    final Launcher.Result bad = verify("--json");
    bad.assertFailed(ExitCode.DAMAGED, "4 of 5 objects");
    final String expected =
        "{'manifest':'%s','store':'%s','hashed':true,'objects':5,'bytes':85,'bytesHashed':34,"
                .formatted(manifest, store)
            + "'badCounts':{'missing':1,'wrong-length':1,'damaged':1,'unreadable':1},'bad':["
            + "{'hash':'%1$s','length':18,'object':'%2$s','kind':'damaged','expected':'%1$s',"
                .formatted(hash("damaged"), object("damaged"))
            + "'found':'%s','files':['copy of damaged','damaged']},"
                .formatted(Xxh128.hash(Files.readAllBytes(object("damaged"))))
            + "{'hash':'%1$s','length':17,'object':'%2$s','kind':'unreadable','reason':"
                .formatted(hash("folder"), object("folder"))
            + "'object %1$s is refused: %2$s is a directory, not a plain file','files':['folder']},"
                .formatted(hash("folder"), object("folder"))
            + "{'hash':'%s','length':18,'object':'%s','kind':'missing','files':['missing']},"
                .formatted(hash("missing"), object("missing"))
            + "{'hash':'%s','length':16,'object':'%s','kind':'wrong-length','expected':16,"
                .formatted(hash("short"), object("short"))
            + "'found':6,'files':['short']}]}\n";
    assertEquals(expected.replace('\'', '"'), bad.out());
  }

  @Test
  void shouldNotNoticeAFlippedBitIfQuick() throws Exception {
    damage();
    final Launcher.Result bad = verify("--quick");
    bad.assertFailed(ExitCode.DAMAGED, "3 of 5 objects");
    assertFalse(bad.out().contains("damaged      "), bad.out());
  }

  @Test
  void shouldNameTwentyOfMany() throws Exception {
    for (int i = 0; i < 30; i++) {
      Files.writeString(tree.resolve("many" + i), "file " + i);
    }
    run("snapshot", tree.toString(), "--store", store.toString(), "--out", manifest.toString())
        .assertOk();
    for (int i = 0; i < 30; i++) {
      Files.writeString(object("many" + i), "FILE " + i);
    }
    final Launcher.Result bad = verify("--jobs=2");
    bad.assertFailed(ExitCode.DAMAGED, "30 of 35 objects");
    assertTrue(bad.out().contains("\n  and 10 more; --json names all\n"), bad.out());
    assertTrue(bad.out().contains("\n  # and 10 more of the kinds damaged"), bad.out());
    assertEquals(20, bad.out().lines().filter(line -> line.startsWith("  damaged ")).count());
    assertEquals(20, bad.out().lines().filter(line -> line.startsWith("  rm ")).count());
  }

  @Test
  void shouldRefuseWhatItCannotUse() throws Exception {
    verify("--jobs=0").assertFailed(ExitCode.USAGE, "'--jobs'", "from 1 to 1024");
    final Path whole = manifest;
    manifest = temp.resolve("none");
    verify().assertFailed(ExitCode.INPUT, "cannot read manifest " + manifest);
    Files.writeString(manifest, "{}");
    verify().assertFailed(ExitCode.INPUT, "cannot use manifest " + manifest);
    manifest = whole;
    store = temp.resolve("no store");
    verify().assertFailed(ExitCode.INPUT, "cannot use store " + store);
    run("verify", manifest.toString()).assertFailed(ExitCode.USAGE, "'--store=STORE'");
  }

  @Test
  void shouldSayOneLineWhenInterrupted() throws Exception {
    final Manifest.Builder huge = new Manifest.Builder();
    for (int i = 0; i < 200; i++) {
      final ContentHash hash = new ContentHash(1, i);
      huge.add(new FileEntry("f" + i, 256 << 20, 0, false, List.of(hash)));
      try (RandomAccessFile sparse = new RandomAccessFile(object(hash).toFile(), "rw")) {
        sparse.setLength(256 << 20);
      }
    }
    ManifestWriter.write(huge.build(), manifest);
    final Path err = temp.resolve("err");
    final Process process =
        new Launcher(temp)
            .builder("verify", manifest.toString(), "--store", store.toString(), "--jobs", "1")
            .redirectError(err.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!isReading(process.pid())) {
        assertTrue(process.isAlive() && System.nanoTime() < deadline, "not yet reading");
        TimeUnit.MILLISECONDS.sleep(5);
      }
      sh("kill -INT " + process.pid());
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it does not end");
    } finally {
      process.destroyForcibly();
    }
    final String said = Files.readString(err);
    assertTrue(
        said.matches("slabmount: cancelled after \\d+ of 200 objects, \\d+ of them defective\n"),
        said);
    assertEquals(ExitCode.ABORTED.code(), process.exitValue());
  }

  private static boolean isReading(final long pid) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (final Path task : tasks.toList()) {
        if (Files.readString(task.resolve("comm")).equals("verify-0\n")) {
          return true;
        }
      }
    }
    return false;
  }

  private Launcher.Result verify(final String... more) {
    final List<String> arguments =
        new ArrayList<>(List.of("verify", manifest.toString(), "--store", store.toString()));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  private Launcher.Result run(final String... arguments) {
    return new Launcher(temp).run(arguments);
  }

  private void sh(final String command) throws Exception {
    final ProcessBuilder builder = new ProcessBuilder("sh", "-c", command);
    builder.environment().put("HOME", temp.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    final Process process =
        builder
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals(0, process.waitFor(), command);
  }

  private ContentHash hash(final String file) throws IOException {
    return Xxh128.hash(Files.readAllBytes(tree.resolve(file)));
  }

  private Path object(final String file) throws IOException {
    return object(hash(file));
  }

  private Path object(final ContentHash hash) {
    return store.resolve("Data").resolve(hash + ".xxh128");
  }
}
