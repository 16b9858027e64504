package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code slabmount snapshot} as its users run it. */
@Timeout(120)
class SnapshotIT {

  @TempDir private Path temp;
  private Path tree;
  private Path store;
  private Path manifest;

  @BeforeEach
  void makeTree() throws Exception {
    tree = folder(temp.resolve("tree"));
    store = temp.resolve("store");
    manifest = temp.resolve("m.json");
    file("a", "alpha\n");
    file("b", "alpha\n");
  }

  @Test
  void shouldSayWhatWasDone() {
    assertEquals(
        """
        snapshot of %s: 2 files (12 B), 0 folders, 0 links
        read 2 files (12 B), 0 are as they were
        stored 1 new objects (6 B) in %s, 1 were there
        manifest %s
        what the manifest cannot say:
          1 × folder's time
        """
            .formatted(tree, store, manifest),
        snapshot().assertOk().out());
    assertTrue(Files.exists(store.resolve("Data/890c8a5c5ad2a8a2edba9e94785346a3.xxh128")));
    assertTrue(Files.exists(manifest));
  }

  @Test
  void shouldNameSomeOfWhatCannotBeSaidAndCountTheRest() throws Exception {
    for (int i = 0; i < 5; i++) {
      file("m" + i, "x");
      Files.setPosixFilePermissions(
          tree.resolve("m" + i), PosixFilePermissions.fromString("rw-------"));
    }
    mkfifo("pipe\nline");
    final String out = snapshot().assertOk().out();
    assertTrue(
        out.contains(
            "  1 × device, fifo or socket, left out: pipe\\u000aline: fifo\n"
                + "  5 × permissions other than 0644 and 0755: m0: mode 0600; m1: mode 0600;"
                + " m2: mode 0600; and 2 more (--json has all)\n"),
        out);
  }

  @Test
  void shouldPrintOneJsonObjectForPrograms() throws Exception {
    mkfifo("pipe");
    Files.createSymbolicLink(tree.resolve("out"), Path.of("/nowhere"));
    Files.writeString(Path.of(URI.create(tree.toUri() + "/%FFx")), "x");
    final String folder = tree.toString();
    assertEquals(
        "{'folder':'%s','store':'%s','manifest':'%s',"
                .formatted(folder, store, manifest)
                .replace('\'', '"')
            + "'files':2,'folders':0,'links':1,'bytes':12,'filesRead':2,'bytesRead':12,"
                .replace('\'', '"')
            + "'objectsWritten':1,'bytesWritten':6,'objectsPresent':1,".replace('\'', '"')
            + "'vanished':[],".replace('\'', '"')
            + ("'unsayableCounts':{'name':1,'special-file':1,'link-outside':1,"
                    + "'directory-time':1,'link-time':1},")
                .replace('\'', '"')
            + ("'unsayable':[{'path':'\\\\xffx','pathBytes':'/3g=','kind':'name','leftOut':true,"
                    + "'detail':'the name is not UTF-8'},"
                    + "{'path':'pipe','kind':'special-file','leftOut':true,'detail':'fifo'},"
                    + "{'path':'out','kind':'link-outside','leftOut':false,"
                    + "'detail':'to /nowhere'}]}\n")
                .replace('\'', '"'),
        snapshot("--json").assertOk().out());
  }

  @Test
  void shouldListExactlyWhatIsLeftOut() throws Exception {
    mkfifo("pipe\nline");
    Files.createSymbolicLink(tree.resolve("out"), Path.of("/nowhere"));
    Files.writeString(Path.of(URI.create(tree.toUri() + "/%FFx")), "x");
    final Path list = temp.resolve("list");
    snapshot("--left-out", list.toString()).assertOk();
    assertArrayEquals(
        new byte[] {(byte) 0xff, 'x', 0, 'p', 'i', 'p', 'e', '\n', 'l', 'i', 'n', 'e', 0},
        Files.readAllBytes(list));
  }

  @Test
  void shouldFailAndSayWhatWouldBeLostIfStrict() throws Exception {
    snapshot("--strict").assertOk();
    Files.delete(manifest);
    mkfifo("pipe");
    final Launcher.Result refused = snapshot("--strict", "--json");
    refused.assertFailed(
        ExitCode.INPUT,
        "pipe: fifo (device, fifo or socket); nothing was stored; leave out --strict to accept");
    assertEquals(
        "{\"unsayable\":[{\"path\":\"pipe\",\"kind\":\"special-file\",\"leftOut\":true,"
            + "\"detail\":\"fifo\"}]}\n",
        refused.out());
    assertFalse(Files.exists(manifest));
  }

  @Test
  void shouldReadNoFileTwiceUnlessTold() {
    snapshot().assertOk();
    final String again = snapshot("--json").assertOk().out();
    assertTrue(again.contains("\"files\":2,"), again);
    assertTrue(again.contains("\"filesRead\":0,\"bytesRead\":0,"), again);
    final String rehashed = snapshot("--json", "--rehash").assertOk().out();
    assertTrue(rehashed.contains("\"filesRead\":2,\"bytesRead\":12,"), rehashed);
  }

  @Test
  void shouldReadEverythingAndSaySoWhenTheIndexIsDamaged() throws Exception {
    snapshot().assertOk();
    final Path index;
    try (Stream<Path> files = Files.list(temp.resolve(".cache/slabmount/index"))) {
      index = files.filter(file -> file.toString().endsWith(".index")).findFirst().orElseThrow();
    }
    final byte[] half = Files.readAllBytes(index);
    Files.write(index, Arrays.copyOf(half, half.length / 2));
    final Launcher.Result result = snapshot("--json");
    assertEquals(0, result.exitCode());
    assertTrue(result.out().contains("\"filesRead\":2,"), result.out());
    assertTrue(result.err().contains("the index " + index + " cannot be used"), result.err());
    assertEquals("", snapshot().assertOk().err(), "it is mended");
  }

  @Test
  void shouldWriteOtherForms() throws Exception {
    file("caf\u00e9", "x");
    snapshot("--utf8").assertOk();
    assertTrue(Files.readString(manifest).contains("caf\u00e9"), Files.readString(manifest));
    Files.createSymbolicLink(tree.resolve("link"), Path.of("a"));
    folder(tree.resolve("empty"));
    Files.setPosixFilePermissions(tree.resolve("b"), PosixFilePermissions.fromString("rwxr-xr-x"));
    snapshot("--form", "2023-03-03")
        .assertFailed(
            ExitCode.INPUT,
            "'2023-03-03' has no words for 1 link, 1 folder without files (the first is 'link');"
                + " nothing was stored; --lossy leaves that out");
    final String out = snapshot("--form", "2023-03-03", "--lossy").assertOk().out();
    assertTrue(
        out.contains(
            "  1 × link, which this form has no words for, left out: link: to a\n"
                + "  1 × folder without files, which this form has no words for, left out: empty:"
                + " no file below it\n"
                + "  1 × execute bit, which this form has no words for: b: its owner may execute"
                + " it\n"),
        out);
    final String written = Files.readString(manifest);
    assertTrue(written.contains("\"manifestVersion\":\"2023-03-03\""), written);
    assertTrue(written.contains("caf\\u00e9"), written);
    snapshot("--form", "2024").assertFailed(ExitCode.USAGE, "'2024' is neither");
  }

  @Test
  void shouldLeaveAUsableStoreOnAFullDisk() throws Exception {
    assumeTrue(Namespace.isPossible(), "needs to mount a small disk");
    final Path disk = folder(temp.resolve("disk"));
    try (RandomAccessFile big = new RandomAccessFile(tree.resolve("big").toFile(), "rw")) {
      big.seek(8 << 20);
      big.write(1);
    }
    final String script =
        """
        program=$1 disk=$2 tree=$3
        mount -t tmpfs -o size=6m tmpfs "$disk" || exit 99
        "$program" snapshot "$tree" --store "$disk/s" --out "$disk/m"
        echo "full: $?, $(find "$disk" -name '*.tmp' | wc -l) unfinished, $(ls "$disk"/m* 2>&1 | grep -c 'No such')"
        rm "$tree/big"
        "$program" snapshot "$tree" --store "$disk/s" --out "$disk/m" >/dev/null
        echo "then: $?"
        """;
    final Launcher.Result result =
        new Launcher(temp).through(Namespace.command(script)).run(disk.toString(), tree.toString());
    assertEquals("full: 4, 0 unfinished, 1\nthen: 0\n", result.out(), result.err());
    assertTrue(
        result.err().matches("slabmount: cannot write object .*: No space left on device\n"),
        result.err());
  }

  /** The full size, 200 000 files, is run by scripts/soak.d/snapshot-scale.sh. */
  @Test
  void shouldTakeManyFilesAndAHugeOneWithLittleHeap() throws Exception {
    for (int i = 0; i < 5000; i++) {
      if (i % 100 == 0) {
        folder(tree.resolve("d" + i / 100));
      }
      file("d" + i / 100 + "/f" + i, "content " + i);
    }
    try (RandomAccessFile sparse = new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    final Launcher little = new Launcher(temp).with("SLABMOUNT_JAVA_OPTS", "-Xmx32m");
    final String[] command = {
      "snapshot",
      tree.toString(),
      "--store",
      store.toString(),
      "--out",
      manifest.toString(),
      "--json"
    };
    final String first = little.run(command).assertOk().out();
    assertTrue(first.contains("\"files\":5003,\"folders\":50,"), first);
    assertTrue(first.contains("\"objectsWritten\":5002,"), first);
    final String second = little.run(command).assertOk().out();
    assertTrue(second.contains("\"filesRead\":0,\"bytesRead\":0,"), second);
  }

  @Test
  void shouldRefuseWrongArguments() {
    new Launcher(temp)
        .run("snapshot", tree.toString(), "--out", manifest.toString())
        .assertFailed(ExitCode.USAGE, "'--store=STORE'");
    for (final String jobs : List.of("0", "1025", "99999", "1.5", "x")) {
      snapshot("--jobs", jobs)
          .assertFailed(
              ExitCode.USAGE, "'--jobs': '" + jobs + "' is not a whole number from 1 to 1024;");
    }
    snapshot("--lossy").assertFailed(ExitCode.USAGE, "'--lossy': it goes with --form 2023-03-03");
    snapshot("another").assertFailed(ExitCode.USAGE, "another");
    assertFalse(Files.exists(store));
  }

  @Test
  void shouldTellInputFromOutput() throws Exception {
    tree = temp.resolve("missing");
    snapshot().assertFailed(ExitCode.INPUT, "cannot take a snapshot of " + tree + ": no such file");
    tree = temp.resolve("tree");
    store = Files.createFile(temp.resolve("file"));
    snapshot().assertFailed(ExitCode.OUTPUT, "cannot make store " + store);
    store = temp.resolve("store");
    manifest = temp.resolve("missing/m");
    snapshot().assertFailed(ExitCode.OUTPUT, "cannot write manifest " + manifest);
    manifest = temp.resolve("m.json");
    final Path list = temp.resolve("missing/list");
    snapshot("--left-out", list.toString())
        .assertFailed(ExitCode.OUTPUT, "cannot write " + list + ": it does not exist");
  }

  @Test
  void shouldTakeAFolderOutsideAsciiInTheCLocale() throws Exception {
    tree = folder(temp.resolve("caf\u00e9"));
    file("\ud83d\ude00", "x");
    final Launcher.Result result =
        new Launcher(temp)
            .with("LC_ALL", "C")
            .run(
                "snapshot",
                tree.toString(),
                "--store",
                store.toString(),
                "--out",
                manifest.toString(),
                "--strict")
            .assertOk();
    assertTrue(result.out().startsWith("snapshot of " + tree + ": 1 files"), result.out());
    assertTrue(
        Files.readString(manifest).contains("\"path\":\"\\ud83d\\ude00\""),
        Files.readString(manifest));
  }

  @Test
  void shouldCleanUpAndSayOneLineWhenInterrupted() throws Exception {
    hugeFile();
    final Path err = temp.resolve("err");
    final Process process =
        new Launcher(temp)
            .builder(
                "snapshot",
                tree.toString(),
                "--store",
                store.toString(),
                "--out",
                manifest.toString())
            .redirectError(err.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (unfinished() == 0) {
        assertTrue(process.isAlive() && System.nanoTime() < deadline, "not yet writing");
      }
      assertEquals(
          0, new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor());
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it does not end");
    } finally {
      process.destroyForcibly();
    }
    assertEquals("slabmount: cancelled; no manifest was written\n", Files.readString(err));
    assertEquals(ExitCode.ABORTED.code(), process.exitValue());
    assertEquals(0, unfinished());
    assertFalse(Files.exists(manifest));
  }

  @Test
  void shouldDrawABarOnATerminalOnly() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "needs a terminal to run in");
    try (RandomAccessFile sparse = new RandomAccessFile(tree.resolve("huge").toFile(), "rw")) {
      sparse.setLength(500L << 30);
    }
    final Path transcript = temp.resolve("transcript");
    final String command =
        "%s snapshot %s --store %s --out %s --jobs 1"
            .formatted(Launcher.DISTRIBUTION.resolve("bin/slabmount"), tree, store, manifest);
    final Process script =
        new Launcher(temp)
            .with("TERM", "xterm")
            .program(Path.of("/usr/bin/script"))
            .builder("-qefc", command, transcript.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      final Pattern bar =
          Pattern.compile("\r\u001b\\[K\\[[#-]{20}\\] +\\d+ % of 500\\.0 GiB, \\d of 3 files");
      final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!Files.exists(transcript)
          || !bar.matcher(Files.readString(transcript, StandardCharsets.ISO_8859_1)).find()) {
        assertTrue(script.isAlive() && System.nanoTime() < deadline, "no bar");
        TimeUnit.MILLISECONDS.sleep(20);
      }
      for (final ProcessHandle each : script.descendants().toList()) {
        new ProcessBuilder("kill", "-INT", String.valueOf(each.pid())).start().waitFor();
      }
      assertTrue(script.waitFor(30, TimeUnit.SECONDS), "it does not end");
    } finally {
      script.descendants().forEach(ProcessHandle::destroyForcibly);
      script.destroyForcibly();
    }
    final String shown = Files.readString(transcript);
    assertTrue(
        shown.contains("\r\u001b[Kslabmount: cancelled"), "the bar is gone in the end: " + shown);
    Files.delete(tree.resolve("huge"));
    assertEquals("", snapshot().assertOk().err());
  }

  /** 10 GiB that take a while but no room; no two chunks of it are equal. */
  private void hugeFile() throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(tree.resolve("huge").toFile(), "rw")) {
      for (int chunk = 0; chunk < 40; chunk++) {
        sparse.seek(chunk * (256L << 20));
        sparse.write(chunk);
      }
      sparse.setLength(10L << 30);
    }
  }

  private long unfinished() throws IOException {
    if (!Files.isDirectory(store.resolve("Data"))) {
      return 0;
    }
    try (Stream<Path> files = Files.list(store.resolve("Data"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(".")).count();
    }
  }

  private Launcher.Result snapshot(final String... more) {
    final String[] arguments =
        Stream.concat(
                Stream.of(
                    "snapshot",
                    tree.toString(),
                    "--store",
                    store.toString(),
                    "--out",
                    manifest.toString()),
                List.of(more).stream())
            .toArray(String[]::new);
    return new Launcher(temp).run(arguments);
  }

  private static Path folder(final Path path) throws IOException {
    Files.setPosixFilePermissions(
        Files.createDirectory(path), PosixFilePermissions.fromString("rwxr-xr-x"));
    return path;
  }

  private void file(final String name, final String content) throws IOException {
    final Path file = Files.writeString(tree.resolve(name), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private void mkfifo(final String name) throws Exception {
    assertEquals(0, new ProcessBuilder("mkfifo", tree.resolve(name).toString()).start().waitFor());
  }
}
