package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.dispatch.Operation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names, links and attributes: what clients do, as the filesystem sees it and the other way. */
@Timeout(60)
class OperationsMountIT extends Mounted {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  /**
   * bmap is forwarded for block devices only, which a mount of ours is not; see {@code
   * WireServerTest}. What the installed libfuse or the kernel does not have cannot come.
   */
  @Test
  void shouldServeEveryOperationThatTheKernelForwards() throws Exception {
    fs.file("a", new byte[2000]);
    fs.without.add(Feature.READDIRPLUS_AUTO);
    mount();
    sh(
        """
        echo one >b; cat b; ln b c; ln -s b d; readlink d; mkdir e; mkfifo f; mv f g; rm g
        chmod 600 b; sync b; sync e; stat -f . >&2; rmdir e; $as ls -U; "$c" access b 4
        "$c" setxattr b user.x y 0; "$c" getxattr b user.x 9; "$c" listxattr b 9
        "$c" removexattr b user.x; "$c" getlk b 1 0 9; "$c" setlk b 1 0 9; "$c" flock b 2
        "$c" ioctl b abc; "$c" poll b 1 0; "$c" fallocate b 0 0 9; "$c" seek b 3 5
        "$c" copyrange b 0 c 10 4; "$c" tmpfile . x t; "$c" statx b 0xfff
        """);
    assertEquals(0, fs.kernel.retrieve(2, 0, 10, 1));
    awaitCall("retrieveReply .*");
    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "2");
    awaitCall("forget .*");
    mount.close();
    unmount();
    mountPlainListings();
    sh("ls -U");

    Set<String> expected =
        Arrays.stream(Operation.values())
            .filter(operation -> operation != Operation.BMAP)
            .filter(this::isKnown)
            .map(Operation::method)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> called =
        seen("").stream()
            .map(what -> what.substring(0, what.indexOf(' ')))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(expected, called);
  }

  private boolean isKnown(Operation operation) {
    return switch (operation) {
      case TMPFILE -> has(17, 1);
      case STATX -> has(18, 6);
      default -> true;
    };
  }

  private void mountPlainListings() throws Exception {
    fs.without.add(Feature.READDIRPLUS);
    mount();
  }

  @Test
  @Covers({"lookup", "mkdir", "create"})
  void shouldPassNamesAsBytes() throws Exception {
    mount();
    String longest = "n".repeat(255);
    assertNotEquals(0, shell("stat \"$(printf 'a\\377\\200b')\"").exit());
    call("lookup 1 a\u00ff\u0080b");
    sh("mkdir \"$(printf '\\303\\274')\"; touch \"$(printf '\\303\\274/\\001 \\\\\\n.')\"");
    call("mkdir 1 \u00c3\u00bc 755");
    call("create 2 \u0001 \\\\\n\\. 100644 .*");
    sh("touch " + longest);
    call("create 1 " + longest + " .*");
    // The kernel lets a FUSE filesystem have longer names than others.
    sh("touch " + "m".repeat(700));
    call("create 1 m{700} .*");
  }

  @Test
  @Covers({"Request.uid", "Request.gid", "Request.pid", "Request.umask"})
  void shouldPassWhoAsks() throws Exception {
    mount();
    fs.nodes.get(1L).mode |= 0777;
    String shellPid = sh("umask 027; $as mkdir x; echo $$").strip();
    TreeFs.Call call = call("mkdir 1 x 750");
    assertEquals(1234, call.uid());
    assertEquals(2345, call.gid());
    assertEquals(027, call.umask());
    assertTrue(call.pid() > 0 && call.pid() != Long.parseLong(shellPid));

    String pid = sh("umask 022; echo $$; exec mkdir y").strip();
    TreeFs.Call own = call("mkdir 1 y 755");
    assertEquals(0, own.uid() + own.gid());
    assertEquals(Long.parseLong(pid), own.pid());
    assertEquals(022, own.umask());
  }

  @Test
  @Covers({"Feature.DONT_MASK", "Request.umask"})
  void shouldLeaveTheMaskToAFileSystemThatWantsTo() throws Exception {
    fs.with.add(Feature.DONT_MASK);
    mount();
    sh("umask 027; mkdir x; echo >y; mkfifo z");
    assertEquals(027, call("mkdir 1 x 777").umask());
    assertEquals(027, call("create 1 y 100666 .*").umask());
    assertEquals(027, call("mknod 1 z 10666 0").umask());
  }

  @Test
  @Covers({"mknod", "getattr"})
  void shouldMakeNodesOfEveryKind() throws Exception {
    mount("dev");
    sh("umask 0; mkfifo -m 640 fifo; mknod char c 5 300; mknod block b 259 70000");
    call("mknod 1 fifo 10640 0");
    call("mknod 1 char 20666 10052c"); // 300 = 0x12c: the kernel's 32-bit form of a device
    call("mknod 1 block 60666 11110370");
    assertEquals(
        "fifo 0,0\ncharacter special file 5,300\nblock special file 259,70000\n",
        sh("stat -c '%F %Hr,%Lr' fifo char block"));
  }

  @Test
  @Covers({"link", "symlink", "readlink", "rename", "unlink", "rmdir"})
  void shouldLinkAndRename() throws Exception {
    mount();
    sh("mkdir d; echo x >a; ln a d/b; ln -s \"$(printf 'to/\\377')\" s; ln -s '' t || true");
    call("link 3 2 b");
    call("symlink 1 s to/\u00ff");
    assertEquals("to/\u00ff\n", sh("readlink s"));
    assertEquals("2 3 3\n", sh("echo $(stat -c %h a) $(stat -c %i a d/b)"));
    call("readlink \\d+");

    sh("mv a d/c");
    call("rename 1 a 2 c 0|rename 1 a 2 c 1");
    fs.calls.clear();
    assertEquals("0", client("rename", "d/c", "d/e", "0"));
    call("rename 2 c 2 e 0");
    assertEquals("0", client("rename", "d/e", "f", "1"));
    call("rename 2 e 1 f 1");
    sh("echo g >g");
    assertEquals("0", client("rename", "g", "f", "2"));
    call("rename 1 g 1 f 2");
    assertEquals("g\n", sh("cat f"));
    assertEquals("errno 17", client("rename", "d/b", "f", "1"));

    sh("rm f g; ! rmdir d; rm d/b; rmdir d");
    call("unlink 1 f");
    assertEquals(2, seen("rmdir 1 d").size());
  }

  /** One after another and built in the same place, because nothing else has to be asked. */
  @Test
  @Covers({"readlink"})
  void shouldEndATargetWhereItEnds() throws Exception {
    threads = 1;
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount();
    String longest = "t".repeat(4000);
    sh("ln -s " + longest + " l; ln -s short s; ls -l");
    assertEquals("short\n" + longest + "\nshort\n", sh("readlink s; readlink l; readlink s"));
  }

  @Test
  @Covers({"getattr", "lookup"})
  void shouldShowAttributesExactly() throws Exception {
    long ino = fs.file("f", new byte[0]);
    TreeFs.Node node = fs.nodes.get(ino);
    node.mode = 0107751;
    node.uid = 0xFFFF_FFFE;
    node.gid = 70_000;
    node.links = 65_536;
    node.content = new byte[1025];
    node.accessSeconds = -2;
    node.accessNanos = 500_000_000;
    node.modifySeconds = 4_294_967_296L;
    node.modifyNanos = 999_999_999;
    mount();
    assertEquals(
        "2 8fe9 4294967294 70000 65536 1025 3 8192 -1.500000000 4294967296.999999999"
            + " 1600000000.000000000\n",
        sh("stat -c '%i %f %u %g %h %s %b %o %.9X %.9Y %.9Z' f"));
    assertEquals("1 41ed\n", sh("stat -c '%i %f' ."));
  }

  @Test
  @Covers({"setattr"})
  void shouldChangeExactlyWhatIsAskedFor() throws Exception {
    fs.file("f", new byte[10]);
    mount();
    sh("chmod 4640 f; chown 12:34 f; chown 56 f; chgrp 78 f; truncate -s 7 f");
    call("setattr 2 -1 mode 104640.*");
    call("setattr 2 -1 .*uid 12 gid 34.*");
    call("setattr 2 -1 .*uid 56");
    call("setattr 2 -1 .*gid 78");
    call("setattr 2 \\d+ size 7.*"); // truncate(1) opens the file, so its handle comes along
    fs.calls.clear();
    assertEquals("0", client("ftruncate", "f", "5"));
    assertNotEquals(-1, handleOf(call("setattr 2 \\d+ size 5.*")));
    assertEquals(5, fs.nodes.get(2L).content.length);

    fs.calls.clear();
    client("utimens", "f", "-1.5", "2.123456789");
    call("setattr 2 -1 atime -1.5 mtime 2.123456789");
    client("utimens", "f", "7.5", "omit");
    call("setattr 2 -1 atime 7.5");
    client("utimens", "f", "omit", "9.0");
    call("setattr 2 -1 mtime 9.0");
    client("utimens", "f", "now", "omit");
    call("setattr 2 -1 atime now");
    sh("touch f");
    call("setattr 2 -1 atime now mtime now|setattr 2 \\d+ atime now mtime now");
    assertEquals("7.000000005 9.000000000\n", sh("stat -c '%.9X %.9Y' f"));
  }

  private static long handleOf(TreeFs.Call call) {
    return Long.parseLong(call.what().split(" ", -1)[2]);
  }

  @Test
  @Covers({"Entry.entryTimeoutNanos", "Entry.attributesTimeoutNanos"})
  void shouldKeepEntriesAndAttributesAsLongAsTheyMayBeKept() throws Exception {
    fs.file("f", new byte[0]);
    fs.entryTimeoutNanos = HOUR;
    fs.attributesTimeoutNanos = HOUR;
    mount();
    sh("stat f; stat f; stat f");
    assertEquals(1, seen("lookup 1 f").size());
    assertEquals(0, seen("getattr 2").size());
  }

  @Test
  @Covers("Entry.attributesTimeoutNanos")
  void shouldAskForAttributesAgainWhenOnlyTheNameMayBeKept() throws Exception {
    fs.file("f", new byte[0]);
    fs.entryTimeoutNanos = HOUR;
    mount();
    sh("stat f; stat f; stat f");
    assertEquals(1, seen("lookup 1 f").size());
    // Where the kernel has statx, stat(1) asks for the time of birth too.
    assertEquals(3, seen("getattr 2").size() + seen("statx 2").size());
  }

  @Test
  @Covers("Entry.entryTimeoutNanos")
  void shouldAskForANameAgainWhenItMayNotBeKept() throws Exception {
    fs.file("f", new byte[0]);
    mount();
    sh("stat f; stat f; stat f");
    assertEquals(3, seen("lookup 1 f").size());
  }

  @Test
  @Covers({"lookup", "Entry.ino"})
  void shouldRememberThatANameDoesNotExistIfTold() throws Exception {
    fs.entryTimeoutNanos = HOUR;
    mount();
    for (int i = 0; i < 2; i++) {
      assertTrue(shell("stat x").err().contains("No such file"));
    }
    assertEquals(2, seen("lookup 1 x").size());

    fs.rememberMissing = true;
    for (int i = 0; i < 3; i++) {
      assertTrue(shell("stat y").err().contains("No such file"));
    }
    assertEquals(1, seen("lookup 1 y").size());
  }

  @Test
  @Covers({"statfs"})
  void shouldShowFiguresOfTheFileSystem() throws Exception {
    mount();
    assertEquals(
        "65536 4096 1099511627776 549755813888 274877906944 7000000000 6000000000 251\n",
        sh("stat -f -c '%s %S %b %f %a %c %d %l' ."));
    call("statfs 1");
  }

  @Test
  @Covers({"access"})
  void shouldPassTheMaskOfAnAccessAndItsAnswer() throws Exception {
    fs.file("f", new byte[0]);
    mount();
    assertEquals("0", client("access", "f", "4"));
    assertEquals("0", client("access", "f", "0"));
    assertEquals("errno 13", client("access", "f", "2"));
    call("access 2 4");
    call("access 2 2");
  }
}
