package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.TransportKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel is told or asked behind its back. */
@Timeout(60)
class NotificationsMountIT extends Mounted {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  @Covers({"retrieveReply", "Notifier.retrieve", "Notifier.store"})
  void shouldPutBytesIntoTheCacheAndGetThemBack() throws Exception {
    byte[] content = new byte[20_000];
    new Random(1).nextBytes(content);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) ('a' + (content[i] & 15));
    }
    long ino = fs.file("f", content.clone());
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount();
    sh("stat f");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(12_288);
      MemorySegment.copy(content, 0, data, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, 12_288);
      assertEquals(0, fs.kernel.store(ino, 0, data));
      assertEquals(Errno.ENOENT, fs.kernel.store(4711, 0, data));
      assertThrows(
          IllegalArgumentException.class,
          () -> fs.kernel.store(ino, 0, MemorySegment.ofArray(content)));
    }
    assertEquals(0, fs.kernel.retrieve(ino, 4096, 100, 1234567890123L));
    awaitCall("retrieveReply .*");
    call(
        "retrieveReply 2 1234567890123 4096 "
            + new String(content, 4096, 100, StandardCharsets.US_ASCII));
    assertEquals(0, fs.kernel.retrieve(ino, 16_384, 100, 7));
    awaitCall("retrieveReply 2 7 16384 ");
    assertEquals(Errno.ENOENT, fs.kernel.retrieve(4711, 0, 100, 8));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(4096).fill((byte) 'z');
      assertEquals(0, fs.kernel.store(ino, 12_288, page));
    }
    assertEquals(0, fs.kernel.retrieve(ino, 12_288, 3, 6));
    awaitCall("retrieveReply 2 6 12288 zzz");
    assertEquals(0, seen("read ").size(), "nobody has read anything yet");

    mount.close();
    assertEquals(Errno.ENODEV, fs.kernel.retrieve(ino, 0, 1, 9));
    assertEquals(Errno.ENODEV, fs.kernel.store(ino, 0, MemorySegment.NULL));
  }

  @Test
  @Covers({"Notifier.store"})
  void shouldServeFromTheCacheWhatWasStored() throws Exception {
    long ino = fs.file("f", ascii("from the filesystem"));
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    RecordingFs keeping =
        new RecordingFs() {
          @Override
          public void open(Request r, long file, int flags) {
            r.reply().opened(r.openedFile().fh(1).keepCache(true));
          }
        };
    keeping.nodes.putAll(fs.nodes);
    keeping.entryTimeoutNanos = HOUR;
    keeping.attributesTimeoutNanos = HOUR;
    mount = describe(keeping).mount();
    sh("stat f");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(4096);
      MemorySegment.copy(
          ascii("out of the cache!!!"), 0, page, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, 19);
      assertEquals(0, keeping.kernel.store(ino, 0, page.asSlice(0, 19)));
    }
    assertEquals("out of the cache!!!", sh("cat f"));
    assertEquals(0, keeping.calls.stream().filter(c -> c.what().startsWith("read ")).count());
  }

  @Test
  @Covers({"Notifier.expireEntry"})
  void shouldExpireANameWithoutLosingWhatIsOpenBelow() throws Exception {
    fs.file("f", ascii("text"));
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount();
    sh("stat f; stat f");
    assertEquals(1, seen("lookup 1 f").size());
    int said = fs.kernel.expireEntry(1, ascii("f"));
    if (!has(13, 2)) {
      assertEquals(Errno.ENOSYS, said);
      return;
    }
    assertEquals(0, said);
    sh("stat f; stat f");
    assertEquals(2, seen("lookup 1 f").size(), "asked again, once");
    assertEquals(Errno.ENOENT, fs.kernel.expireEntry(1, ascii("never heard of")));
  }

  /** Where somebody works in a folder: to lose its name would leave him nowhere. */
  @Test
  @Covers({"Notifier.expireEntry", "Notifier.invalidateEntry"})
  void shouldLeaveAFolderThatIsInUseItsNameIfItIsOnlyExpired() throws Exception {
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount();
    for (boolean expire : has(13, 2) ? new boolean[] {true, false} : new boolean[] {false}) {
      String folder = expire ? "kept" : "lost";
      sh("mkdir " + folder);
      Process working =
          new ProcessBuilder(
                  "sh", "-c", "cd \"$1\"; echo; read go; readlink /proc/$$/cwd", "sh", path(folder))
              .start();
      try {
        assertEquals('\n', working.getInputStream().read());
        byte[] name = ascii(folder);
        assertEquals(
            0, expire ? fs.kernel.expireEntry(1, name) : fs.kernel.invalidateEntry(1, name));
        working.outputWriter().append('\n').close();
        String where = new String(working.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(expire, where.strip().equals(path(folder)), where);
      } finally {
        working.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  @Covers({"Notifier.invalidateInode"})
  void shouldDropThePagesOfARangeAndNoOthers() throws Exception {
    int mib = 1 << 20;
    RecordingFs keeping =
        new RecordingFs() {
          @Override
          public void open(Request r, long file, int flags) {
            r.reply().opened(r.openedFile().fh(1).keepCache(true));
          }
        };
    byte[] content = new byte[3 * mib];
    long ino = keeping.file("f", content);
    keeping.entryTimeoutNanos = HOUR;
    keeping.attributesTimeoutNanos = HOUR;
    mount = describe(keeping).mount();
    for (char before : new char[] {'a', 'b'}) {
      Arrays.fill(content, (byte) before);
      for (int at = 0; at < 3; at++) {
        String expected = before == 'a' || at == 1 ? "1 " + before : "1 a";
        assertEquals(expected, client("pread", "f", "0", String.valueOf(at * mib), "1"));
      }
      Arrays.fill(content, (byte) 'b');
      assertEquals(0, keeping.kernel.invalidateInode(ino, mib, 4096));
    }
  }

  @Test
  @Covers({"Notifier.expireAllEntries"})
  void shouldExpireAllNames() throws Exception {
    fs.file("f", ascii("text"));
    fs.file("g", ascii("text"));
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount();
    sh("stat f g; stat f g");
    assertEquals(2, seen("lookup 1 ").size());
    int said = fs.kernel.expireAllEntries();
    if (!has(18, 16)) {
      assertEquals(Errno.ENOSYS, said);
      return;
    }
    assertEquals(0, said);
    sh("stat f g; stat f g");
    assertEquals(4, seen("lookup 1 ").size(), "each asked again, once");
    mount.close();
    assertEquals(Errno.ENODEV, fs.kernel.expireAllEntries());
  }

  @Test
  @Covers({"Notifier.prune"})
  void shouldForgetWhatIsPrunedUnlessItIsInUse() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      fs.file(name, ascii("text"));
    }
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount();
    Process using =
        new ProcessBuilder("sh", "-c", "exec 3<\"$1\"; echo; read end", "sh", path("b")).start();
    try {
      assertEquals('\n', using.getInputStream().read());
      sh("stat a c");
      int said = fs.kernel.prune(2, 3, 4711);
      if (transport == TransportKind.LIBFUSE || !has(0, 18)) {
        assertEquals(Errno.ENOSYS, said);
        return;
      }
      assertEquals(0, said);
      awaitCall("forget 2 1");
      assertEquals(List.of(), seen("forget 3"), "it is open");
      assertThrows(IllegalArgumentException.class, () -> fs.kernel.prune(new long[70_000]));
    } finally {
      using.destroyForcibly().waitFor();
    }
  }

  private String path(String name) {
    return point.resolve(name).toString();
  }
}
