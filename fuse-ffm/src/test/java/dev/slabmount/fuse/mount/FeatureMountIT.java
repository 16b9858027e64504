package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.example.memfs.MemFs;
import dev.slabmount.fuse.example.memfs.MemFsOptions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a kernel feature changes in the requests that arrive, switched on and off by the mount. */
@Timeout(60)
class FeatureMountIT extends Mounted {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private void mount(Feature feature, boolean on) throws Exception {
    fs.file("f", "0123456789".getBytes(StandardCharsets.US_ASCII));
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount(fs, feature, on);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.WRITEBACK_CACHE")
  void shouldCollectSmallWritesInTheWritebackCache(boolean on) throws Exception {
    mount(Feature.WRITEBACK_CACHE, on);
    sh("dd if=/dev/zero of=new bs=1 count=200 2>/dev/null");
    int writes = seen("write ").size();
    assertTrue(on ? writes <= 10 : writes == 200, writes + " requests for 200 writes");
  }

  /** As an option of the example, too. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.WRITEBACK_CACHE")
  void shouldCollectSmallWritesToMemFsIfItsOptionSaysSo(boolean on) throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    MemFsOptions options = new MemFsOptions();
    assertTrue(options.set(on ? "writeback_cache" : "no_writeback_cache"));
    mount = describe(new MemFs(options)).requestLog(lines::add).mount();
    sh("dd if=/dev/zero of=new bs=1 count=200 2>/dev/null");
    long writes = lines.stream().filter(line -> line.matches("> \\d+ write .*")).count();
    assertTrue(on ? writes <= 10 : writes == 200, writes + " requests for 200 writes");
    assertEquals("200\n", sh("wc -c <new"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.ATOMIC_O_TRUNC")
  void shouldTruncateWithTheOpen(boolean on) throws Exception {
    mount(Feature.ATOMIC_O_TRUNC, on);
    sh(": >f");
    assertEquals(on ? 0 : 1, seen("setattr 2").size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.CACHE_SYMLINKS")
  void shouldReadLinksOnce(boolean on) throws Exception {
    mount(Feature.CACHE_SYMLINKS, on);
    sh("ln -s f l; readlink l; readlink l; readlink l");
    assertEquals(on ? 1 : 3, seen("readlink").size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"Feature.READDIRPLUS", "readdirplus", "readdir"})
  void shouldListWithAttributes(boolean on) throws Exception {
    fs.without.add(Feature.READDIRPLUS_AUTO);
    mount(Feature.READDIRPLUS, on);
    sh("ls -U");
    assertEquals(on, seen("readdir ").isEmpty());
    assertEquals(on, !seen("readdirplus ").isEmpty());
  }

  /** Who lists names alone gets attributes with the first of them, to see whether they are used. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"Feature.READDIRPLUS_AUTO", "readdirplus", "readdir"})
  void shouldListAttributesIfTheyAreUsed(boolean on) throws Exception {
    for (int i = 0; i < 1000; i++) {
      fs.file("n" + i, new byte[0]);
    }
    mount(Feature.READDIRPLUS_AUTO, on);
    assertEquals("1001\n", sh("ls -U | wc -l"));
    assertTrue(seen("readdirplus ").size() >= 1);
    assertEquals(on, !seen("readdir ").isEmpty(), seen("readdir").toString());
  }

  /** libfuse asks for it whatever it is told, which the log says. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.BIG_WRITES")
  void shouldWriteManyPagesAtOnce(boolean on) throws Exception {
    mount(Feature.BIG_WRITES, on);
    sh("dd if=/dev/zero of=new bs=64K count=1 2>/dev/null");
    int writes = seen("write ").size();
    boolean big = on || transport == TransportKind.LIBFUSE;
    assertTrue(big ? writes <= 2 : writes >= 16, writes + " requests for 16 pages");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.MAX_PAGES")
  void shouldReadAndWriteOneMebibyteAtOnce(boolean on) throws Exception {
    fs.file("large", new byte[1 << 20]);
    fs.directIo = true;
    mount(Feature.MAX_PAGES, on);
    sh("dd if=large of=copy bs=1M 2>/dev/null");
    String longest = on ? "1048576" : "131072";
    call("read 2 \\d+ 0 " + longest);
    assertEquals(on ? 2 : 9, seen("read 2 ").size(), "with the one that sees the end");
    assertEquals(on ? 1 : 8, seen("write ").size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"Feature.DONT_MASK", "Request.umask"})
  void shouldLeaveTheMaskToTheFileSystem(boolean on) throws Exception {
    mount(Feature.DONT_MASK, on);
    sh("umask 027; mkdir x; echo >y; mkfifo z");
    assertEquals(027, call("mkdir 1 x " + (on ? "777" : "750")).umask());
    assertEquals(027, call("create 1 y " + (on ? "100666" : "100640") + " .*").umask());
    assertEquals(027, call("mknod 1 z " + (on ? "10666" : "10640") + " 0").umask());
  }

  /** Finds a folder in itself, as NFS servers need it. */
  private static final class ExportedFs extends RecordingFs {
    @Override
    public synchronized void lookup(Request r, long parent, Name name) {
      if (text(name).equals(".")) {
        record(r, "lookup " + parent + " .");
        r.reply().entry(fill(r.entry(), parent));
      } else {
        super.lookup(r, parent, name);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.EXPORT_SUPPORT")
  void shouldFindAFileByItsHandle(boolean on) throws Exception {
    ExportedFs exported = new ExportedFs();
    exported.file("f", new byte[1]);
    exported.entryTimeoutNanos = HOUR;
    exported.attributesTimeoutNanos = HOUR;
    mount(exported, Feature.EXPORT_SUPPORT, on);
    String[] handle = client("handle", "f").split(" ", -1);
    assertEquals(0, exported.kernel.invalidateEntry(1, new byte[] {'f'}));
    awaitCall(exported, "forget 2 .*");
    assertEquals(on ? "0" : "errno 116", client("byhandle", ".", handle[0], handle[1]), "ESTALE");
    long asked = exported.calls.stream().filter(c -> c.what().equals("lookup 2 .")).count();
    assertEquals(on ? 1 : 0, asked);
  }

  /** Does without opens if that is agreed, and only then. */
  private static final class UnopenedFs extends RecordingFs {
    private boolean files;
    private boolean directories;

    @Override
    public void init(Connection connection) {
      super.init(connection);
      files = connection.enable(Feature.NO_OPEN_SUPPORT);
      directories = connection.enable(Feature.NO_OPENDIR_SUPPORT);
    }

    @Override
    public void open(Request r, long ino, int flags) {
      if (files) {
        record(r, "open " + ino);
        r.reply().error(Errno.ENOSYS);
      } else {
        super.open(r, ino, flags);
      }
    }

    @Override
    public void opendir(Request r, long ino, int flags) {
      if (directories) {
        record(r, "opendir " + ino);
        r.reply().error(Errno.ENOSYS);
      } else {
        super.opendir(r, ino, flags);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NO_OPEN_SUPPORT", "NO_OPENDIR_SUPPORT", "none"})
  @Covers({"Feature.NO_OPEN_SUPPORT", "Feature.NO_OPENDIR_SUPPORT", "open", "opendir"})
  void shouldOpenIfDoingWithoutIsSwitchedOff(String off) throws Exception {
    UnopenedFs unopened = new UnopenedFs();
    unopened.file("f", new byte[1]);
    unopened.entryTimeoutNanos = HOUR;
    unopened.attributesTimeoutNanos = HOUR;
    mount =
        (off.equals("none") ? describe(unopened) : describe(unopened).without(Feature.valueOf(off)))
            .mount();
    sh("cat f f f >&2; ls; ls; ls");
    long opens = unopened.calls.stream().filter(c -> c.what().startsWith("open ")).count();
    long opendirs = unopened.calls.stream().filter(c -> c.what().startsWith("opendir ")).count();
    assertEquals(off.equals("NO_OPEN_SUPPORT") ? 3 : 1, opens);
    assertEquals(off.equals("NO_OPENDIR_SUPPORT") ? 3 : 1, opendirs);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"Feature.POSIX_LOCKS", "getlk", "setlk"})
  void shouldAskTheFileSystemForPosixLocks(boolean on) throws Exception {
    mount(Feature.POSIX_LOCKS, on);
    assertEquals(on ? "0" : "errno 11", client("locktwice", "f", "1"), "it grants everything");
    client("getlk", "f", "1", "5", "10");
    assertEquals(on, !seen("setlk ").isEmpty());
    assertEquals(on, !seen("getlk ").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"Feature.FLOCK_LOCKS", "flock"})
  void shouldAskTheFileSystemForBsdLocks(boolean on) throws Exception {
    mount(Feature.FLOCK_LOCKS, on);
    assertEquals(on ? "0" : "errno 11", client("locktwice", "f", "0"), "it grants everything");
    assertEquals(on, !seen("flock ").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.DIRECT_IO_ALLOW_MMAP")
  void shouldMapFilesThatAreReadDirectly(boolean on) throws Exception {
    fs.directIo = true;
    mount(Feature.DIRECT_IO_ALLOW_MMAP, on);
    boolean agreed = on && has(Feature.DIRECT_IO_ALLOW_MMAP);
    assertEquals(agreed ? "0" : "errno 19", client("mapwrite", "f", "3", "Q"), "ENODEV");
    assertNotEquals(agreed, seen("write ").isEmpty());
  }
}
