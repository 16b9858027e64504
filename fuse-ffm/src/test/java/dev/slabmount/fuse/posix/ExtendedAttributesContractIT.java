package dev.slabmount.fuse.posix;

import static dev.slabmount.fuse.posix.Posix.XATTR_CREATE;
import static dev.slabmount.fuse.posix.Posix.XATTR_REPLACE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Extended attributes, as xattr(7) has them. */
@Timeout(60)
class ExtendedAttributesContractIT extends OnAnyDirectory {
  private static final int LARGEST_VALUE = 1 << 16;

  @Test
  void shouldMakeOrReplaceAsTold() throws Exception {
    String f = file("f", "x");
    assertErrno(Errno.ENODATA, Posix.setxattr(f, "user.a", "1", XATTR_REPLACE));
    assertOk(Posix.setxattr(f, "user.a", "1", XATTR_CREATE));
    assertErrno(Errno.EEXIST, Posix.setxattr(f, "user.a", "22", XATTR_CREATE));
    assertErrno(Errno.EEXIST, Posix.setxattr(f, "user.a", "22", XATTR_CREATE | XATTR_REPLACE));
    assertErrno(Errno.EINVAL, Posix.setxattr(f, "user.a", "22", 4));
    assertEquals("1", Posix.getxattr(f, "user.a", 10));
    assertOk(Posix.setxattr(f, "user.a", "22", XATTR_REPLACE));
    assertEquals("22", Posix.getxattr(f, "user.a", 10));
    assertEquals("errno " + Errno.ERANGE, Posix.getxattr(f, "user.a", 1));
    assertEquals("2 bytes", Posix.getxattr(f, "user.a", 0));
  }

  @Test
  void shouldRefuseNamesAndValuesThatAreTooLong() throws Exception {
    String f = file("f", "x");
    String longest = "user." + "n".repeat(250);
    assertOk(Posix.setxattr(f, longest, "value", 0));
    assertEquals("value", Posix.getxattr(f, longest, 10));
    assertEquals(longest + "|", Posix.listxattr(f));
    assertErrno(Errno.ERANGE, Posix.setxattr(f, longest + "n", "value", 0));
    assertErrno(Errno.ERANGE, Posix.setxattr(f, "", "value", 0));
    assertErrno(Errno.E2BIG, Posix.setxattr(f, "user.a", "v".repeat(LARGEST_VALUE + 1), 0));
    long result = Posix.setxattr(f, "user.a", "v".repeat(LARGEST_VALUE), 0);
    if (place.isMounted()) {
      assertOk(result);
    }
    if (result == 0) {
      String value = Posix.getxattr(f, "user.a", LARGEST_VALUE);
      assertEquals(LARGEST_VALUE, value.length());
      assertOk(Posix.removexattr(f, "user.a"));
    } else {
      assertErrno(Errno.ENOSPC, result); // where values lie in a block
    }
    assertEquals(longest + "|", Posix.listxattr(f));
  }

  @Test
  void shouldRefuseMoreThanAFileMayHave() throws Exception {
    String f = file("f", "x");
    assertOk(Posix.setxattr(f, "user.first", "value", 0));
    long result = 0;
    int set = 0;
    for (; result == 0 && set < 2000; set++) {
      result = Posix.setxattr(f, "user." + set, "v".repeat(1000), 0);
    }
    assertErrno(Errno.ENOSPC, result);
    assertEquals("errno " + Errno.ENODATA, Posix.getxattr(f, "user." + (set - 1), 10));
    assertEquals("value", Posix.getxattr(f, "user.first", 10));
    for (int i = 0; i < set - 1; i++) {
      assertOk(Posix.removexattr(f, "user." + i));
    }
    assertEquals("user.first|", Posix.listxattr(f));
  }

  @Test
  void shouldHaveTheNamespacesThatThereAre() throws Exception {
    String f = file("f", "x");
    for (String name : new String[] {"a", "user", "bogus.a", "system.a"}) {
      assertErrno(Errno.EOPNOTSUPP, Posix.setxattr(f, name, "v", 0));
      assertEquals("errno " + Errno.EOPNOTSUPP, Posix.getxattr(f, name, 10));
      assertErrno(Errno.EOPNOTSUPP, Posix.removexattr(f, name));
    }
    assertOk(Posix.setxattr(f, "trusted.a", "secret", 0));
    assertOk(Posix.setxattr(f, "security.a", "known", 0));
    assertEquals("trusted.a|security.a|".length(), Posix.listxattr(f).length());
    assertEquals("known", Posix.getxattr(f, "security.a", 10));
    assertEquals("secret", Posix.getxattr(f, "trusted.a", 10));
  }

  @Test
  void shouldKeepThoseOfUsersOnFilesAndDirectoriesOnly() throws Exception {
    assertOk(Posix.mkdir(in("d"), 0755));
    assertOk(Posix.symlink("nowhere", in("l")));
    assertOk(Posix.mknod(in("p"), Posix.S_IFIFO | 0600, 0));
    assertOk(Posix.setxattr(in("d"), "user.a", "v", 0));
    assertErrno(Errno.EPERM, Posix.setxattr(in("l"), "user.a", "v", 0));
    assertErrno(Errno.EPERM, Posix.setxattr(in("p"), "user.a", "v", 0));
    assertOk(Posix.setxattr(in("l"), "trusted.a", "link", 0));
    assertEquals("link", Posix.getxattr(in("l"), "trusted.a", 10));
    assertEquals("trusted.a|", Posix.listxattr(in("l")));
  }

  @Test
  void shouldTakeCapabilitiesFromAFileThatIsWrittenTo() throws Exception {
    String f = file("f", "x");
    // struct vfs_cap_data of linux/capability.h, revision 2: CAP_NET_BIND_SERVICE permitted
    String capability = "\0\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    assertOk(Posix.chmod(f, 0777));
    for (String write : new String[] {"echo y >>f", "echo y >f", "truncate -s 1 f"}) {
      assertOk(Posix.setxattr(f, "security.capability", capability, 0));
      assertEquals(20, Posix.getxattr(f, "security.capability", 100).length());
      assertEquals(0, asSomebody(write), write);
      assertEquals("errno " + Errno.ENODATA, Posix.getxattr(f, "security.capability", 100), write);
    }
    assertOk(Posix.setxattr(f, "security.capability", capability, 0));
    assertOk(Posix.chown(f, 1, 1));
    assertEquals("errno " + Errno.ENODATA, Posix.getxattr(f, "security.capability", 100));
    assertTrue(Posix.listxattr(f).isEmpty());
  }
}
