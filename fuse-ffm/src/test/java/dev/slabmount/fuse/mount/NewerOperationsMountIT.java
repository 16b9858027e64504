package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What not every kernel and libfuse has, and what a request says beside its arguments. */
@Timeout(60)
class NewerOperationsMountIT extends Mounted {
  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  @Covers({"tmpfile"})
  void shouldMakeAFileWithoutAName() throws Exception {
    mount();
    String said = sh("umask 027; \"$c\" tmpfile . text named").strip();
    if (!has(17, 1)) {
      assertEquals("errno 95", said, "EOPNOTSUPP, where the library does not know it");
      return;
    }
    assertEquals("0", said);
    TreeFs.Call call = call("tmpfile 1 100640 \\d+ -> \\d+");
    assertEquals(027, call.umask());
    int flags = Integer.parseInt(call.what().split(" ", -1)[3], 8);
    assertEquals(2, flags & 3, "O_RDWR");
    call("write 2 1000 0 text");
    call("link 2 1 named");
    assertEquals("text", sh("cat named"));
  }

  @Test
  @Covers({"statx"})
  void shouldShowTheTimeOfBirth() throws Exception {
    long ino = fs.file("f", new byte[1234]);
    fs.nodes.get(ino).modifyNanos = 5;
    mount("dev");
    sh("mknod block b 259 70000");
    String said = client("statx", "f", "0xfff");
    if (!has(18, 6)) {
      assertTrue(said.startsWith("7ff "), "all but the birth: " + said);
      return;
    }
    assertEquals("fff 100644 1234 1599999999.77 1600000000.5 0,0", said);
    call("statx 2 -1 \\d+ [0-9a-f]*[89a-f]ff");
    assertTrue(client("statx", "block", "0xfff").endsWith(" 259,70000"));
  }

  @Test
  @Covers({"Request.supplementaryGroups"})
  void shouldTellTheSupplementaryGroupsOfWhoAsks() throws Exception {
    int[][] groups = new int[1][];
    RecordingFs asking =
        new RecordingFs() {
          @Override
          public void mkdir(Request r, long parent, Name name, int mode) {
            groups[0] = r.supplementaryGroups();
            super.mkdir(r, parent, name, mode);
          }
        };
    asking.nodes.get(1L).mode |= 0777;
    mount = describe(asking).mount();
    sh(
        "setpriv --reuid 1234 --regid 2345 --groups 77,4294967294 --inh-caps +dac_read_search"
            + " --ambient-caps +dac_read_search mkdir x");
    assertArrayEquals(new int[] {77, -2}, groups[0]);
    sh("setpriv --clear-groups mkdir y");
    assertArrayEquals(new int[0], groups[0]);
  }

  @Test
  @Covers({"Request.pollEvents", "poll"})
  void shouldTellWhatAPollWaitsFor() throws Exception {
    fs.file("f", new byte[1]);
    mount();
    assertEquals("1 1", client("poll", "f", "1", "0"));
    TreeFs.Call call = call("poll 2 \\d+ (true|false) \\d+");
    int events = Integer.parseInt(call.what().substring(call.what().lastIndexOf(' ') + 1));
    assertEquals(1, events & 5, "POLLIN and not POLLOUT, beside what is always waited for");
  }

  @Test
  @Covers({"Request.fromPageCache", "write"})
  void shouldTellWhatTheKernelWritesBackFromWhatAProgramWrites() throws Exception {
    long ino = fs.file("f", new byte[4096]);
    mount();
    client("pwrite", "f", "2", "5", "by hand");
    call("write 2 1000 5 by hand");
    assertEquals("0", client("mapwrite", "f", "7", "Q"));
    TreeFs.Call back =
        fs.calls.stream().filter(c -> c.what().endsWith(" cached")).findFirst().orElseThrow();
    assertTrue(back.what().startsWith("write 2 "), back.what());
    assertEquals('Q', fs.nodes.get(ino).content[7]);
    assertTrue(Arrays.equals(ascii("by"), Arrays.copyOfRange(fs.nodes.get(ino).content, 5, 7)));
  }

  /** Linux 6.18 asks with a longer answer in mind, and again as before if it gets ENOSYS. */
  @Test
  @Covers({"copyFileRange"})
  void shouldCopyWithoutBeingAskedTwice() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    fs.file("f", ascii("0123456789"));
    fs.file("g", new byte[0]);
    mount = describe(fs).requestLog(lines::add).mount();
    assertEquals("4", client("copyrange", "f", "3", "g", "100", "4"));
    assertEquals(1, seen("copyFileRange ").size());
    boolean refused = lines.stream().anyMatch(line -> line.contains(" opcode 53 "));
    assertEquals(!has(18, 0), refused, lines.toString());
  }
}
