package dev.slabmount.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.nativebindings.Libfuse3;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LibfuseVersion;
import dev.slabmount.nativebindings.LowlevelOperation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FuseSupportTest {
  @Test
  void shouldNameWhatAnOldLibfuseLacks() {
    assertEquals(
        List.of(
            "FileSystem.tmpfile",
            "OpenedFile.parallelDirectWrites",
            "FileSystem.statx",
            "Notifier.expireAllEntries",
            "Notifier.prune",
            "OpenedFile.stream",
            "Feature.PARALLEL_DIROPS",
            "Feature.HANDLE_KILLPRIV",
            "Feature.HANDLE_KILLPRIV_V2",
            "Feature.SETXATTR_EXT",
            "Feature.DIRECT_IO_ALLOW_MMAP"),
        FuseSupport.lackingIn(new LibfuseVersion(3, 14, 0)));
    assertEquals(
        List.of("Notifier.prune", "OpenedFile.stream"),
        FuseSupport.lackingIn(new LibfuseVersion(3, 18, 2)));
    assertTrue(
        FuseSupport.lackingIn(new LibfuseVersion(3, 10, 0))
            .containsAll(List.of("OpenedFile.noFlush", "Notifier.expireEntry")));
  }

  /** Of every release, against the tables that calls are made by. */
  @ParameterizedTest
  @CsvSource({"10, 0", "11, 0", "14, 0", "14, 1", "16, 2", "17, 0", "18, 0"})
  void shouldSayWhatTheTableOfReleasesSays(int minor, int patch) {
    LibfuseVersion version = new LibfuseVersion(3, minor, patch);
    LibfuseAbi abi = LibfuseAbi.of(version).orElseThrow();
    List<String> lacking = FuseSupport.lackingIn(version);
    for (Operation operation : Operation.values()) {
      assertEquals(
          !abi.has(LowlevelOperation.valueOf(operation.name())),
          lacking.contains("FileSystem." + operation.method()));
    }
    assertEquals(abi.fileInfoFlags().noflush() == 0, lacking.contains("OpenedFile.noFlush"));
    assertEquals(
        abi.fileInfoFlags().parallelDirectWrites() == 0,
        lacking.contains("OpenedFile.parallelDirectWrites"));
  }

  @Test
  void shouldLookAtTheLibraryThatIsInstalled() throws Exception {
    assertEquals(FuseSupport.lackingIn(Libfuse3.load().version()), FuseSupport.lackingInLibfuse());
  }

  @Test
  void shouldNameWhatAnOldKernelLacks() {
    List<String> old = FuseSupport.lackingInLinux("5.10.0-8-amd64");
    assertTrue(old.contains("FileSystem.tmpfile") && old.contains("FileSystem.statx"));
    assertTrue(old.contains("Feature.HANDLE_KILLPRIV_V2"), old.toString());
    assertFalse(old.contains("FileSystem.copyFileRange"), old.toString());
    assertTrue(FuseSupport.lackingInLinux("4.19").contains("OpenedFile.cacheReaddir"));
    assertEquals(List.of("Notifier.prune"), FuseSupport.lackingInLinux("6.17"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"6.18.44-x", "7.0", "unknown", "", "6.x"})
  void shouldMissNothingInANewOneOrOneThatItCannotRead(String release) {
    assertEquals(List.of(), FuseSupport.lackingInLinux(release));
  }
}
