package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.AnsweringFs;
import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import dev.slabmount.nativebindings.Libfuse3;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same well-formed bytes to both transports: the filesystem must be told the same, and the
 * kernel be answered the same. Arguments are random, so an argument that one of them takes for
 * another is seen.
 */
@Timeout(60)
class TransportsAgreeTest {
  private static final int ROUNDS = 200;

  /** Answered by the session itself, or asked once. */
  private static final Set<WireOpcode> NO_REQUESTS =
      EnumSet.of(
          WireOpcode.INIT, WireOpcode.INTERRUPT, WireOpcode.DESTROY, WireOpcode.NOTIFY_REPLY);

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final AnsweringFs onDev = new AnsweringFs().answeringOnce();
  private final AnsweringFs onLibfuse = new AnsweringFs().answeringOnce();
  private TestEnd dev;
  private LibfuseEnd libfuse;

  @BeforeEach
  void begin() throws Exception {
    dev = new TestEnd(onDev.fileSystem(), new DevOptions(false, DevOptions.EVERYBODY)).begun();
    libfuse = new LibfuseEnd(onLibfuse.fileSystem(), FeatureChoice.NONE).begun();
  }

  @AfterEach
  void end() {
    dev.close();
    libfuse.close();
  }

  private boolean isKnown(WireOpcode opcode) throws Exception {
    int minor = Libfuse3.load().version().minor();
    return switch (opcode) {
      case TMPFILE -> minor >= 17;
      case STATX, COPY_FILE_RANGE_64 -> minor >= 18;
      default -> !NO_REQUESTS.contains(opcode);
    };
  }

  private static int names(WireOpcode opcode) {
    return switch (opcode) {
      case LOOKUP,
          MKNOD,
          MKDIR,
          UNLINK,
          RMDIR,
          LINK,
          SETXATTR,
          GETXATTR,
          REMOVEXATTR,
          CREATE,
          TMPFILE ->
          1;
      case SYMLINK, RENAME, RENAME2 -> 2;
      default -> 0;
    };
  }

  /** A request of this kind whose lengths are what they say. */
  private byte[] request(WireOpcode opcode, long unique) {
    byte[] arguments = new byte[opcode.argumentBytes()];
    random.nextBytes(arguments);
    for (int at = 3; at < arguments.length; at += 4) {
      arguments[at] &= 0x3f; // no negative offset, and sums that do not wrap around
    }
    int data = random.nextInt(100);
    switch (opcode) {
      case READ, READDIR, READDIRPLUS -> put32(arguments, 16, random.nextInt(4096));
      case WRITE -> put32(arguments, 16, data);
      case SETXATTR -> put32(arguments, 0, data);
      case GETXATTR, LISTXATTR -> put32(arguments, 0, random.nextInt(70_000) & 0xFFFF);
      case IOCTL -> {
        put32(arguments, 8, random.nextInt(32) & ~2); // not the unrestricted form
        put32(arguments, 24, data);
        put32(arguments, 28, random.nextInt(4096));
      }
      case SETATTR -> put32(arguments, 0, random.nextInt(1 << 12) & ~(1 << 9));
      case GETLK, SETLK, SETLKW -> lock(arguments, opcode != WireOpcode.GETLK);
      case POLL -> put32(arguments, 16, 0); // with a handle, libfuse makes one of its own
      case GETATTR -> put32(arguments, 0, random.nextInt(2));
      case FSYNC, FSYNCDIR -> put32(arguments, 8, random.nextInt(2));
      case RELEASE -> put32(arguments, 12, 2); // else libfuse leaves the lock owner out
      case RELEASEDIR -> Arrays.fill(arguments, 12, arguments.length, (byte) 0);
      case BATCH_FORGET -> put32(arguments, 0, 3);
      case COPY_FILE_RANGE -> put32(arguments, 44, 0); // libfuse 3.18 cuts what is longer
      default -> {
        // Anything will do.
      }
    }
    WireMessage message =
        WireMessage.request(opcode, unique, 1 + random.nextInt(1 << 30)).bytes(arguments);
    for (int i = 0; i < names(opcode); i++) {
      message.name("n" + random.nextInt() + "\u00ff" + "x".repeat(random.nextInt(300)));
    }
    if (opcode == WireOpcode.BATCH_FORGET) {
      message.int64(5, 1, 6, 2, 7, 3);
    }
    byte[] more = new byte[hasData(opcode) ? data : 0];
    random.nextBytes(more);
    return message.bytes(more).build();
  }

  private static boolean hasData(WireOpcode opcode) {
    return opcode == WireOpcode.WRITE
        || opcode == WireOpcode.SETXATTR
        || opcode == WireOpcode.IOCTL;
  }

  /** {@code start, end, type, pid} behind handle and owner, then whether it is a BSD lock. */
  private void lock(byte[] arguments, boolean maybeBsd) {
    long start = random.nextInt(1000);
    put32(arguments, 16, (int) start);
    put32(arguments, 20, 0);
    put32(arguments, 24, (int) start + random.nextInt(1000));
    put32(arguments, 28, 0);
    put32(arguments, 32, random.nextInt(3));
    put32(arguments, 40, maybeBsd ? random.nextInt(2) : 0);
  }

  private static void put32(byte[] bytes, int at, int value) {
    WireMessage.of(bytes).putInt(at, value);
  }

  @ParameterizedTest
  @EnumSource
  @Covers({"bmap", "forget"})
  void shouldTellAndAnswerTheSame(WireOpcode opcode) throws Exception {
    if (!isKnown(opcode)) {
      return;
    }
    for (int i = 0; i < ROUNDS; i++) {
      byte[] bytes = request(opcode, 2 * i + 4);
      String what =
          opcode + ", seed " + seed + ", round " + i + ": " + HexFormat.of().formatHex(bytes);
      onDev.beginDigest();
      onLibfuse.beginDigest();
      dev.channel.sent.clear();
      dev.feed(bytes);
      List<byte[]> fromLibfuse = libfuse.feed(bytes);
      assertEquals(onDev.calls(), onLibfuse.calls(), what);
      assertEquals(onDev.digest(), onLibfuse.digest(), "told the same: " + what);
      assertEquals(dev.channel.sent.size(), fromLibfuse.size(), what);
      for (int k = 0; k < fromLibfuse.size(); k++) {
        assertArrayEquals(dev.channel.sent.get(k), fromLibfuse.get(k), what);
      }
    }
    assertEquals(0, dev.guard.uncaughtCount());
    assertEquals(0, libfuse.guard.uncaughtCount());
    assertEquals(dev.counts.total(), libfuse.counts.total(), "lookup counts");
  }
}
