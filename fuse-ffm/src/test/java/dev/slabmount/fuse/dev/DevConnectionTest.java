package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** INIT: what is asked for, what is answered, and the line that says so. */
@Timeout(60)
class DevConnectionTest {
  private static final int FLAGS = 16 + 12;
  private static final int MAX_BACKGROUND = 16 + 16;
  private static final int CONGESTION = 16 + 18;
  private static final int MAX_WRITE = 16 + 20;
  private static final int TIME_GRAN = 16 + 24;
  private static final int MAX_PAGES = 16 + 28;
  private static final int FLAGS_2 = 16 + 32;

  // As linux/fuse.h has them.
  private static final int ASYNC_READ = 1;
  private static final int BIG_WRITES = 1 << 5;
  private static final int DO_READDIRPLUS = 1 << 13;
  private static final int PARALLEL_DIROPS = 1 << 18;
  private static final int MAX_PAGES_FLAG = 1 << 22;
  private static final int INIT_EXT = 1 << 30;

  private static final int DEFAULTS =
      ASYNC_READ
          | 1 << 3
          | BIG_WRITES
          | DO_READDIRPLUS
          | 1 << 14
          | 1 << 15
          | PARALLEL_DIROPS
          | MAX_PAGES_FLAG;

  private static final class Listing implements FileSystem {
    private final Consumer<Connection> onInit;

    Listing(Consumer<Connection> onInit) {
      this.onInit = onInit;
    }

    @Override
    public void init(Connection connection) {
      onInit.accept(connection);
    }

    @Override
    public void readdir(Request r, long ino, long fh, long offset, DirectoryBuffer buffer) {
      r.reply().directory(buffer);
    }

    @Override
    public void readdirplus(Request r, long ino, long fh, long offset, DirectoryBuffer buffer) {
      r.reply().directory(buffer);
    }
  }

  private static byte[] initAnswer(Feature feature, FeatureChoice choice) {
    FileSystem wanting = new Listing(connection -> connection.enable(feature));
    DevOptions options = new DevOptions(false, DevOptions.EVERYBODY);
    try (TestEnd end = new TestEnd(wanting, options, choice)) {
      return end.only(WireMessage.init(7, 45, TestEnd.ALL_FLAGS));
    }
  }

  private static boolean hasBit(byte[] answer, Feature feature) {
    ByteBuffer buffer = WireMessage.of(answer);
    long flags = (buffer.getInt(FLAGS) & 0xFFFF_FFFFL) | ((long) buffer.getInt(FLAGS_2) << 32);
    return (flags & feature.protocolBit()) != 0;
  }

  /** On the wire: with the filesystem's wish, and switched off in spite of it. */
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
  void shouldSwitchEveryFeatureOnAndOff(Feature feature) {
    assertTrue(hasBit(initAnswer(feature, FeatureChoice.NONE), feature));
    FeatureChoice without = new FeatureChoice(Set.of(), Set.of(feature), 0);
    assertFalse(hasBit(initAnswer(feature, without), feature));
  }

  private record Agreed(ByteBuffer answer, String line) {}

  private static Agreed agree(
      int minor, long offered, boolean readOnly, Consumer<Connection> onInit) throws Exception {
    try (TestEnd end =
        new TestEnd(new Listing(onInit), new DevOptions(readOnly, DevOptions.EVERYBODY))) {
      byte[] answer = end.only(WireMessage.init(7, minor, offered));
      assertEquals(0, WireMessage.errno(answer));
      assertEquals(16 + 64, answer.length);
      return new Agreed(WireMessage.of(answer), end.endpoint.connection().whenAgreed().get());
    }
  }

  @Test
  void shouldAskForTheDefaults() throws Exception {
    Agreed agreed = agree(45, -1, false, c -> assertEquals(7045, c.protocolVersion()));
    assertEquals(7, agreed.answer.getInt(16));
    assertEquals(38, agreed.answer.getInt(20), "what we speak");
    assertEquals(1 << 17, agreed.answer.getInt(24), "the kernel's read-ahead");
    assertEquals(DEFAULTS | INIT_EXT, agreed.answer.getInt(FLAGS));
    assertEquals(0, agreed.answer.getInt(FLAGS_2));
    assertEquals(256, agreed.answer.getShort(MAX_BACKGROUND));
    assertEquals(192, agreed.answer.getShort(CONGESTION));
    assertEquals(1 << 20, agreed.answer.getInt(MAX_WRITE));
    assertEquals(1, agreed.answer.getInt(TIME_GRAN));
    assertTrue(agreed.answer.getShort(MAX_PAGES) >= 16);
    assertEquals(
        "protocol 7.38 (kernel 7.45), features ASYNC_READ,ATOMIC_O_TRUNC,BIG_WRITES,READDIRPLUS,"
            + "READDIRPLUS_AUTO,ASYNC_DIO,PARALLEL_DIROPS,MAX_PAGES, 256 background requests",
        agreed.line);
  }

  @Test
  void shouldSayWhatIsNotAgreedAndWhy() throws Exception {
    Agreed agreed =
        agree(
            31,
            ASYNC_READ | 1 << 23,
            false,
            c -> {
              assertTrue(c.enable(Feature.CACHE_SYMLINKS));
              assertFalse(c.enable(Feature.NO_OPENDIR_SUPPORT));
              assertFalse(c.offers(Feature.NO_OPENDIR_SUPPORT));
              c.disable(Feature.PARALLEL_DIROPS, "erased by what follows");
              c.disable(Feature.PARALLEL_DIROPS);
              c.disable(Feature.READDIRPLUS_AUTO, "listings are short");
              c.disable(Feature.ASYNC_READ, "erased too");
              assertTrue(c.enable(Feature.ASYNC_READ));
              c.disable(Feature.NO_OPEN_SUPPORT, "opens are counted");
            });
    assertEquals(31, agreed.answer.getInt(20), "no more than the kernel speaks");
    assertEquals(ASYNC_READ | 1 << 23, agreed.answer.getInt(FLAGS));
    assertEquals(
        "protocol 7.31 (kernel 7.31), features ASYNC_READ,CACHE_SYMLINKS, 256 background requests;"
            + " not agreed: ATOMIC_O_TRUNC (the kernel does not offer it),"
            + " BIG_WRITES (the kernel does not offer it),"
            + " READDIRPLUS (the kernel does not offer it),"
            + " ASYNC_DIO (the kernel does not offer it),"
            + " MAX_PAGES (the kernel does not offer it),"
            + " NO_OPENDIR_SUPPORT (the kernel does not offer it);"
            + " not wanted: READDIRPLUS_AUTO (listings are short), NO_OPEN_SUPPORT (opens are counted)",
        agreed.line);
  }

  @ParameterizedTest
  @CsvSource({"HANDLE_KILLPRIV_V2, 28", "POSIX_ACL, 20", "HANDLE_KILLPRIV, 19"})
  void shouldAskForWhatTheFileSystemWants(Feature feature, int bit) throws Exception {
    Agreed agreed = agree(45, -1, false, c -> assertTrue(c.enable(feature)));
    assertEquals(DEFAULTS | INIT_EXT | 1 << bit, agreed.answer.getInt(FLAGS));
    assertTrue(agreed.line.contains("," + feature), agreed.line);
  }

  @Test
  void shouldPassTheSecondHalfOfTheFlags() throws Exception {
    Agreed agreed = agree(45, -1, false, c -> c.enable(Feature.DIRECT_IO_ALLOW_MMAP));
    assertEquals(1 << 4, agreed.answer.getInt(FLAGS_2));
    long lowHalf = 0x3FFF_FFFFL;
    Agreed old = agree(35, lowHalf, false, c -> c.enable(Feature.DIRECT_IO_ALLOW_MMAP));
    assertEquals(DEFAULTS, old.answer.getInt(FLAGS));
    assertEquals(0, old.answer.getInt(FLAGS_2));
    assertTrue(
        old.line.endsWith("not agreed: DIRECT_IO_ALLOW_MMAP (the kernel does not offer it)"),
        old.line);
  }

  /** The kernel gives requests to no reader whose buffer could not hold the largest write. */
  @Test
  void shouldTakeSmallWritesOnlyWhereNothingIsWritten() throws Exception {
    Agreed agreed = agree(45, -1, true, c -> {});
    assertEquals(4096, agreed.answer.getInt(MAX_WRITE));
    assertTrue(agreed.answer.getShort(MAX_PAGES) >= 16, "reads are as large as ever");
  }

  @Test
  @Covers({"Connection.maxBackground", "Connection.maxReadahead"})
  void shouldPassTheLimitsThatTheFileSystemSets() throws Exception {
    Agreed agreed =
        agree(
            45,
            -1,
            false,
            c -> {
              assertThrows(IllegalArgumentException.class, () -> c.maxBackground(0));
              c.maxBackground(1_000_000);
              c.maxReadahead(4096);
              c.maxReadahead(8192);
            });
    assertEquals((short) 65535, agreed.answer.getShort(MAX_BACKGROUND));
    assertEquals((short) 49151, agreed.answer.getShort(CONGESTION));
    assertEquals(4096, agreed.answer.getInt(24));
  }

  @ParameterizedTest
  @CsvSource({"7, 22", "6, 99"})
  void shouldRefuseAKernelThatIsTooOld(int major, int minor) {
    try (TestEnd end = new TestEnd(new FileSystem() {})) {
      assertTrue(end.errnoOf(WireMessage.init(major, minor, -1)) != 0);
      CompletableFuture<String> agreed = end.endpoint.connection().whenAgreed();
      ExecutionException e = assertThrows(ExecutionException.class, agreed::get);
      String said = String.format(Locale.ROOT, "the kernel speaks FUSE %d.%d", major, minor);
      assertTrue(e.getMessage().contains(said), e.getMessage());
    }
  }

  @Test
  void shouldAskALaterMajorToComeAgain() {
    try (TestEnd end = new TestEnd(new FileSystem() {})) {
      byte[] answer = end.only(WireMessage.init(8, 0, -1));
      assertEquals(0, WireMessage.errno(answer));
      assertEquals(7, WireMessage.of(answer).getInt(16));
      assertFalse(end.endpoint.connection().whenAgreed().isDone());
      assertEquals(0, end.errnoOf(WireMessage.init(7, 45, -1)));
      assertTrue(end.endpoint.connection().whenAgreed().isDone());
    }
  }

  @Test
  void shouldTakeTheShorterInitOfOlderKernels() {
    try (TestEnd end = new TestEnd(new FileSystem() {})) {
      byte[] init =
          WireMessage.request(WireOpcode.INIT, 2, 0).int32(7, 34, 4096, 0xBFFF_FFFF).build();
      assertEquals(56, init.length);
      assertEquals(0, end.errnoOf(init));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"not today", ""})
  void shouldFailWithWhatInitThrew(String why) {
    FileSystem failing =
        new Listing(c -> {
          throw new IllegalStateException(why);
        });
    try (TestEnd end = new TestEnd(failing)) {
      assertTrue(end.errnoOf(WireMessage.init(7, 45, -1)) != 0);
      assertTrue(end.endpoint.connection().whenAgreed().isCompletedExceptionally());
      assertFalse(end.endpoint.connection().hasBegun());
    }
  }
}
