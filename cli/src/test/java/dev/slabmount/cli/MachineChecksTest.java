package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Describes machines that lack something, as folders. */
class MachineChecksTest {
  @TempDir private Path root;

  @BeforeEach
  void makeFolders() throws IOException {
    for (final String folder : List.of("dev", "etc", "usr/bin", "proc/self", "proc/sys/kernel")) {
      Files.createDirectories(root.resolve(folder));
    }
    Files.writeString(root.resolve("proc/sys/kernel/osrelease"), "6.18.1-test\n");
    Files.writeString(root.resolve("proc/filesystems"), "\text4\nnodev\tfuse\n");
  }

  @Test
  void shouldMissTheDevice() {
    final Finding finding = check("/dev/fuse", false);
    assertEquals(Finding.Status.MISSING, finding.status());
    assertEquals("there is none", finding.detail());
    assertTrue(finding.remedy().contains("modprobe fuse"), finding.remedy());
  }

  @Test
  void shouldNotTakeAnotherFileForTheDevice() throws IOException {
    Files.createFile(root.resolve("dev/fuse"));
    assertEquals(Finding.Status.MISSING, check("/dev/fuse", false).status());
  }

  @Test
  void shouldMissFusermountForAUser() {
    final Finding finding = check("fusermount3", false);
    assertEquals(Finding.Status.MISSING, finding.status());
    assertEquals("not on PATH", finding.detail());
  }

  @Test
  void shouldNoticeFusermountThatCannotMount() throws IOException {
    final Path program = Files.createFile(root.resolve("usr/bin/fusermount3"));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    final Finding finding = check("fusermount3", false);
    assertEquals(Finding.Status.MISSING, finding.status());
    assertTrue(finding.remedy().contains("chmod u+s " + program), finding.remedy());
  }

  @ParameterizedTest
  @CsvSource({
    "0000000000000000, MISSING", // nothing
    "00000000a80425fb, MISSING", // what docker gives
    "0000000000200000, OK", // CAP_SYS_ADMIN alone
    "000001ffffffffff, OK"
  })
  void shouldKnowWhetherRootMayMount(final String capabilities, final Finding.Status status)
      throws IOException {
    final String text = "Name:\tx\nUid:\t0\t0\t0\t0\nCapEff:\t" + capabilities + "\n";
    Files.writeString(root.resolve("proc/self/status"), text);
    assertEquals(status, check("mount(2)", true).status());
  }

  @Test
  void shouldNoteThatUsersMayNotAllowOthers() throws IOException {
    Files.writeString(root.resolve("etc/fuse.conf"), "#user_allow_other\nmount_max = 1000\n");
    assertEquals(Finding.Status.NOTE, check("--allow-other", false).status());
  }

  @Test
  void shouldSeeThatUsersMayAllowOthers() throws IOException {
    Files.writeString(root.resolve("etc/fuse.conf"), "mount_max = 1000\nuser_allow_other\n");
    assertEquals(Finding.Status.OK, check("--allow-other", false).status());
  }

  @Test
  void shouldNameTheKernel() {
    assertEquals("6.18.1-test, FUSE is loaded", check("kernel", false).detail());
  }

  @Test
  void shouldNameWhatTheKernelLacks() throws IOException {
    assertEquals(Finding.Status.OK, check("in the kernel", false).status());
    Files.writeString(root.resolve("proc/sys/kernel/osrelease"), "5.15.0-91-generic\n");
    final Finding finding = check("in the kernel", false);
    assertEquals(Finding.Status.NOTE, finding.status());
    assertTrue(
        finding.detail().startsWith("5.15.0-91-generic does not have OpenedFile.noFlush, "),
        finding.detail());
    assertTrue(finding.detail().contains("FileSystem.statx"), finding.detail());
    assertTrue(finding.remedy().contains("newer kernel"), finding.remedy());
  }

  @Test
  void shouldNameWhatTheLibraryLacks() {
    assertEquals(Finding.Status.OK, DoctorCommand.libraryFeatures(List.of()).status());
    final Finding finding = DoctorCommand.libraryFeatures(List.of("FileSystem.tmpfile", "x"));
    assertEquals(Finding.Status.NOTE, finding.status());
    assertTrue(finding.detail().endsWith(": FileSystem.tmpfile, x"), finding.detail());
    assertTrue(finding.remedy().contains("--transport dev"), finding.remedy());
  }

  @Test
  void shouldNoteThatTheKernelHasNotLoadedFuse() throws IOException {
    Files.writeString(root.resolve("proc/filesystems"), "\text4\nnodev\tfusectl\n");
    assertEquals(Finding.Status.NOTE, check("kernel", false).status());
  }

  @ParameterizedTest
  @CsvSource({
    "debian, '', apt-get",
    "linuxmint, 'ubuntu debian', apt-get",
    "fedora, '', dnf",
    "rocky, 'rhel centos fedora', dnf",
    "opensuse-leap, 'suse opensuse', zypper",
    "arch, '', pacman",
    "alpine, '', apk",
    "plan9, '', package manager"
  })
  void shouldKnowThePackageManager(final String id, final String like, final String command)
      throws IOException {
    Files.writeString(
        root.resolve("etc/os-release"), "NAME=x\nID=" + id + "\nID_LIKE=\"" + like + "\"\n");
    final String remedy = new MachineChecks(root, "/usr/bin", false).install();
    assertTrue(remedy.contains(command), remedy);
  }

  @Test
  void shouldReportInJson() {
    final String json =
        DoctorCommand.toJson(List.of(Finding.missing("a\"b", "no\nne", "get it")), false);
    assertEquals(
        "{\"ready\":false,\"checks\":[{\"name\":\"a\\\"b\",\"status\":\"missing\","
            + "\"detail\":\"no\\nne\",\"remedy\":\"get it\"}]}",
        json);
  }

  private Finding check(final String name, final boolean superuser) {
    return new MachineChecks(root, "/usr/local/bin:/usr/bin", superuser)
        .all().stream().filter(finding -> finding.name().equals(name)).findFirst().orElseThrow();
  }
}
