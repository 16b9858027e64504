package dev.slabmount.fuse.libfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.dispatch.Dispatcher;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import dev.slabmount.fuse.dispatch.Observation;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.dispatch.RequestGuard;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LibfuseVersion;
import dev.slabmount.nativebindings.libfuse3.fuse_conn_info;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is asked of libfuse, and the line that says what came of it. */
class LibfuseConnectionTest {
  private static final int ASYNC_READ = 1;
  private static final int AUTO_INVAL_DATA = 1 << 12;
  private static final int HANDLE_KILLPRIV_V2 = 1 << 21;
  private static final int PAGE = 4096;
  private static final int MIB = 1 << 20;

  private final MemorySegment info = Arena.ofAuto().allocate(LibfuseAbi.CONN_INFO_BYTES, 8);

  private LibfuseConnection begun(int minor, int capable, int wanted) {
    fuse_conn_info.proto_major(info, 7);
    fuse_conn_info.proto_minor(info, 45);
    fuse_conn_info.capable(info, capable);
    fuse_conn_info.want(info, wanted);
    fuse_conn_info.max_write(info, MIB);
    LibfuseConnection connection =
        new LibfuseConnection(
            new LibfuseVersion(3, minor, 0),
            EnumSet.of(Operation.READDIR),
            new LibfuseNotifier(false),
            PAGE);
    connection.begin(info);
    return connection;
  }

  @Test
  void shouldWantTheSameByDefaultAsTheOtherTransport() {
    int splice = 1 << 7;
    begun(14, -1, splice | AUTO_INVAL_DATA | 1 << 13 | 1 << 20);
    int expected = splice | ASYNC_READ | 1 << 3 | 1 << 15;
    assertEquals(expected, fuse_conn_info.want(info), "splice is libfuse's own affair");
    begun(17, -1, 0);
    assertEquals(ASYNC_READ | 1 << 3 | 1 << 15 | 1 << 18, fuse_conn_info.want(info));
    assertEquals(256, fuse_conn_info.max_background(info));
  }

  @Covers({
    "Feature.ASYNC_READ",
    "Feature.ATOMIC_O_TRUNC",
    "Feature.EXPORT_SUPPORT",
    "Feature.POSIX_LOCKS",
    "Feature.FLOCK_LOCKS",
    "Feature.BIG_WRITES",
    "Feature.MAX_PAGES",
    "Feature.SETXATTR_EXT",
    "Feature.DONT_MASK",
    "Feature.AUTO_INVAL_DATA",
    "Feature.READDIRPLUS",
    "Feature.READDIRPLUS_AUTO",
    "Feature.ASYNC_DIO",
    "Feature.WRITEBACK_CACHE",
    "Feature.NO_OPEN_SUPPORT",
    "Feature.PARALLEL_DIROPS",
    "Feature.POSIX_ACL",
    "Feature.HANDLE_KILLPRIV",
    "Feature.HANDLE_KILLPRIV_V2",
    "Feature.CACHE_SYMLINKS",
    "Feature.NO_OPENDIR_SUPPORT",
    "Feature.EXPLICIT_INVAL_DATA",
    "Feature.DIRECT_IO_ALLOW_MMAP"
  })
  @ParameterizedTest
  @EnumSource
  void shouldSwitchEveryFeatureOnAndOff(Feature feature) throws Exception {
    FileSystem wanting =
        new FileSystem() {
          @Override
          public void init(Connection connection) {
            connection.enable(feature);
          }
        };
    for (boolean on : new boolean[] {true, false}) {
      LibfuseConnection connection = begun(18, -1, 0);
      FeatureChoice choice = new FeatureChoice(Set.of(), on ? Set.of() : Set.of(feature), 0);
      connection.negotiate(
          new Dispatcher(
              wanting, new LookupCounts(), new RequestGuard(), choice, Observation.NONE));
      switch (feature) {
        case BIG_WRITES -> assertTrue(connection.wants(feature));
        case MAX_PAGES -> assertEquals(on ? MIB : 32 * PAGE, fuse_conn_info.max_write(info));
        default -> assertEquals(on, (fuse_conn_info.want(info) & feature.libfuseBit()) != 0);
      }
      connection.agreed();
      String why =
          feature == Feature.BIG_WRITES
              ? "; cannot be switched off: BIG_WRITES (libfuse always asks for it)"
              : feature + " (switched off by an option of the mount)";
      assertEquals(!on, connection.whenAgreed().get().contains(why));
    }
  }

  @Test
  void shouldSayWhatIsNotAgreedAndWhy() throws Exception {
    LibfuseConnection connection = begun(14, ASYNC_READ | 1 << 3 | 1 << 15, 0);
    assertFalse(connection.enable(Feature.HANDLE_KILLPRIV_V2));
    assertFalse(connection.wants(Feature.PARALLEL_DIROPS));
    assertFalse(connection.enable(Feature.NO_OPENDIR_SUPPORT));
    assertFalse(connection.enable(Feature.CACHE_SYMLINKS));
    connection.disable(Feature.CACHE_SYMLINKS);
    connection.disable(Feature.ASYNC_DIO, "erased by what follows");
    assertTrue(connection.enable(Feature.ASYNC_DIO));
    connection.disable(Feature.ATOMIC_O_TRUNC, "nothing is written");
    connection.disable(Feature.MAX_PAGES, "one at a time");
    connection.disable(Feature.BIG_WRITES, "nobody can");
    connection.agreed();
    assertEquals(
        "protocol 7.45, features ASYNC_READ,BIG_WRITES,ASYNC_DIO, 256 background requests;"
            + " not agreed: PARALLEL_DIROPS (libfuse 3.14 does not pass it on),"
            + " HANDLE_KILLPRIV_V2 (libfuse 3.14 does not pass it on),"
            + " NO_OPENDIR_SUPPORT (the kernel does not offer it);"
            + " not wanted: ATOMIC_O_TRUNC (nothing is written), MAX_PAGES (one at a time);"
            + " cannot be switched off: BIG_WRITES (libfuse always asks for it)",
        connection.whenAgreed().get());
  }

  @Test
  @Covers({"Connection.maxBackground", "Connection.maxReadahead"})
  void shouldPassTheLimitsThatTheFileSystemSets() {
    LibfuseConnection connection = begun(14, -1, 0);
    fuse_conn_info.max_readahead(info, 6000);
    connection.maxBackground(1_000_000);
    connection.maxReadahead(4096);
    connection.maxReadahead(8192);
    assertEquals(65535, fuse_conn_info.max_background(info));
    assertEquals(4096, fuse_conn_info.max_readahead(info));
  }

  @Test
  void shouldNotTakeABitThatThisReleaseHasNoNameFor() {
    LibfuseConnection old = begun(16, HANDLE_KILLPRIV_V2, HANDLE_KILLPRIV_V2);
    assertFalse(old.offers(Feature.HANDLE_KILLPRIV_V2));
    assertFalse(old.wants(Feature.HANDLE_KILLPRIV_V2));

    LibfuseConnection young = begun(17, HANDLE_KILLPRIV_V2, 0);
    assertTrue(young.enable(Feature.HANDLE_KILLPRIV_V2));
    assertEquals(HANDLE_KILLPRIV_V2, fuse_conn_info.want(info));
  }
}
