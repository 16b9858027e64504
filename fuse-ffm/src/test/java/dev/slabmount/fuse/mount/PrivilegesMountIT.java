package dev.slabmount.fuse.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Feature;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who takes set-user-ID bits away, and who looks at access control lists, by what was agreed. */
@Timeout(60)
class PrivilegesMountIT extends Mounted {
  private static final String ACL = "system.posix_acl_access";

  private TreeFs.Node file;

  @BeforeEach
  void makeFile() {
    file = fs.nodes.get(fs.file("f", new byte[10]));
    file.mode |= 0666;
    fs.entryTimeoutNanos = TimeUnit.HOURS.toNanos(1);
    fs.attributesTimeoutNanos = TimeUnit.HOURS.toNanos(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.HANDLE_KILLPRIV")
  void shouldLeaveSetUserIdBitsToTheFileSystem(boolean on) throws Exception {
    file.mode |= 04000;
    mount(fs, Feature.HANDLE_KILLPRIV, on);
    sh("$as \"$c\" pwrite f 2 0 other");
    boolean agreed = on && has(Feature.HANDLE_KILLPRIV);
    assertEquals(
        agreed,
        seen("setattr 2 ").stream().noneMatch(what -> what.contains(" mode ")),
        seen("setattr").toString());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.HANDLE_KILLPRIV_V2")
  void shouldNotAskForCapabilitiesBeforeEachWrite(boolean on) throws Exception {
    mount(fs, Feature.HANDLE_KILLPRIV_V2, on);
    sh("dd if=/dev/zero of=f bs=1 count=5 conv=notrunc 2>/dev/null");
    assertEquals(5, seen("write 2 ").size());
    boolean agreed = on && has(Feature.HANDLE_KILLPRIV_V2);
    assertEquals(agreed ? 1 : 5, seen("getxattr 2 security.capability").size());
  }

  @Test
  @Covers({"Request.killsPrivileges", "Feature.HANDLE_KILLPRIV_V2"})
  void shouldTellWhichWriteEndsPrivileges() throws Exception {
    mount(fs, Feature.HANDLE_KILLPRIV_V2, true);
    sh("chmod 4666 f; \"$c\" pwrite f 2 0 root; $as \"$c\" pwrite f 2 0 other");
    call("write 2 \\d+ 0 root");
    call("write 2 \\d+ 0 other" + (has(Feature.HANDLE_KILLPRIV_V2) ? " kills" : ""));
  }

  /** A list: owner and group rw, the user 1234 r alone, others rw. */
  private static byte[] list() {
    ByteBuffer list = ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
    int[][] entries = {{1, 6, -1}, {2, 4, 1234}, {4, 6, -1}, {16, 6, -1}, {32, 6, -1}};
    for (int[] entry : entries) {
      list.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]);
    }
    return list.array();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("Feature.POSIX_ACL")
  void shouldHaveTheKernelCheckAccessControlLists(boolean on) throws Exception {
    file.attributes.put(ACL, list());
    mount(fs, Feature.POSIX_ACL, on, "default_permissions");
    Shell.Result written = shell("$as dd if=/dev/zero of=f bs=1 count=1 conv=notrunc");
    if (on) {
      assertNotEquals(0, written.exit());
      assertTrue(written.err().contains("Permission denied"), written.err());
    } else {
      assertEquals(0, written.exit(), written.err());
    }
    assertEquals(on, !seen("getxattr 2 " + ACL).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"Feature.SETXATTR_EXT", "Request.killsPrivileges", "setxattr"})
  void shouldTellThatAListEndsTheSetGroupIdBit(boolean on) throws Exception {
    file.mode = 0102777;
    file.uid = 1234;
    fs.with.add(Feature.POSIX_ACL);
    mount(fs, Feature.SETXATTR_EXT, on);
    assertEquals("0\n", sh("$as \"$c\" setacl f"));
    boolean agreed = on && has(Feature.SETXATTR_EXT);
    assertEquals(agreed, call("setxattr 2 " + ACL + " 0 .*").what().endsWith(" kills"));
  }
}
