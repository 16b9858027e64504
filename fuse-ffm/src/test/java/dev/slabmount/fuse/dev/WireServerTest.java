package dev.slabmount.fuse.dev;

import static dev.slabmount.fuse.dev.WireMessage.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests byte by byte: what is no request, what is too short, too long, too early, nobody's. */
@Timeout(60)
class WireServerTest {
  private static final int SYNCFS = 50;
  private static final int MIB = 1 << 20;

  private final List<String> calls = new ArrayList<>();
  private final List<Request> held = new ArrayList<>();
  private boolean wantsNoOpen = true;
  private final SmallFs fs = new SmallFs();
  private final TestEnd end = new TestEnd(fs);

  /** Offers little, so that the rest is answered in its place. */
  private final class SmallFs implements FileSystem {
    @Override
    public void init(Connection connection) {
      if (wantsNoOpen) {
        connection.enable(Feature.NO_OPEN_SUPPORT);
      }
    }

    @Override
    public void lookup(Request request, long parent, Name name) {
      calls.add("lookup " + parent + " " + name);
      request.reply().entry(request.entry().ino(parent + 1));
    }

    @Override
    public void getattr(Request request, long ino, long fh) {
      calls.add("getattr " + ino + " " + fh + " " + request.uid() + " " + request.pid());
      held.add(request.detach());
    }

    @Override
    public void read(Request request, long ino, long fh, long offset, int length) {
      calls.add("read " + ino + " " + fh + " " + offset + " " + length);
      request.reply().data(new byte[] {1, 2, 3}, 1, 2);
    }

    @Override
    public void write(Request request, long ino, long fh, long offset, int length) {
      byte[] bytes = request.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
      calls.add("write " + ino + " " + new String(bytes, StandardCharsets.ISO_8859_1));
      request.reply().written(length);
    }

    @Override
    public void bmap(Request request, long ino, int blockSize, long index) {
      calls.add("bmap " + ino + " " + blockSize + " " + index);
      request.reply().mappedBlock(index + 1);
    }

    @Override
    public void forget(long ino, long count) {
      calls.add("forget " + ino + " " + count);
    }
  }

  @AfterEach
  void tearDown() {
    assertEquals(0, end.guard.uncaughtCount(), "nothing was thrown");
    held.forEach(request -> request.reply().error(Errno.EIO));
    end.close();
  }

  private static WireMessage read(long unique, long offset, int length) {
    return request(WireOpcode.READ, unique, 5)
        .int64(77, offset)
        .int32(length, 0)
        .int64(9)
        .int32(0, 0);
  }

  private static WireMessage write(long unique, int length, String data) {
    return request(WireOpcode.WRITE, unique, 5)
        .int64(77, 0)
        .int32(length, 0)
        .int64(9)
        .int32(0, 0)
        .bytes(data.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void shouldPassARequestOnAndItsAnswerBack() {
    end.begun();
    byte[] entry = end.only(request(WireOpcode.LOOKUP, 10, 1).name("a\u00ff").build());
    assertEquals(16 + 128, entry.length);
    assertEquals(2, WireMessage.of(entry).getLong(16));
    byte[] data = end.only(read(12, 4096, MIB).build());
    assertArrayEquals(new byte[] {2, 3}, Arrays.copyOfRange(data, 16, data.length));
    byte[] written = end.only(write(14, 3, "abc").build());
    assertEquals(3, WireMessage.of(written).getInt(16));
    assertEquals(List.of("lookup 1 a\ufffd", "read 5 77 4096 1048576", "write 5 abc"), calls);
    assertEquals(1, end.counts.count(2));
  }

  /** The kernel asks this of block devices only, so no mount of a test shows it. */
  @Test
  @Covers({"bmap"})
  void shouldMapABlock() {
    end.begun();
    byte[] mapped = end.only(request(WireOpcode.BMAP, 10, 5).int64(1L << 40).int32(512, 0).build());
    assertEquals((1L << 40) + 1, WireMessage.of(mapped).getLong(16));
    assertEquals(List.of("bmap 5 512 1099511627776"), calls);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 1000, SYNCFS, 4096, Integer.MAX_VALUE, -1, 1 << 24})
  void shouldAnswerEnosysToWhatItDoesNotKnow(int opcode) {
    end.begun();
    assertEquals(Errno.ENOSYS, end.errnoOf(request(opcode, 10, 1).build()));
    assertEquals(Errno.ENOSYS, end.errnoOf(request(opcode, 12, 1).zeros(4000).build()));
  }

  @ParameterizedTest
  @EnumSource(WireOpcode.class)
  void shouldRefuseWhatIsTooShort(WireOpcode opcode) {
    end.begun();
    for (int missing = 1; missing <= Math.min(8, opcode.argumentBytes()); missing += 7) {
      byte[] bytes = request(opcode, 10, 1).zeros(opcode.argumentBytes() - missing).build();
      if (opcode.isUnanswered()) {
        end.unanswered(bytes);
      } else {
        assertEquals(Errno.EIO, end.errnoOf(bytes));
      }
    }
    assertEquals(List.of(), calls);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 39})
  void shouldDropWhatIsShorterThanAHeader(int length) {
    end.begun();
    end.unanswered(Arrays.copyOf(read(10, 0, 10).build(), length));
    assertEquals(List.of(), calls);
  }

  @Test
  void shouldDropARequestWithoutANumber() {
    end.begun();
    end.unanswered(read(0, 0, 10).build());
    assertEquals(List.of(), calls);
  }

  @Test
  void shouldRefuseALengthThatIsNotWhatWasReceived() {
    end.begun();
    byte[] bytes = read(10, 0, 10).build();
    WireMessage.of(bytes).putInt(0, bytes.length + 8);
    assertEquals(Errno.EIO, end.errnoOf(bytes));
    assertEquals(List.of(), calls);
  }

  @Test
  void shouldRefuseArgumentsThatMakeNoSense() {
    end.begun();
    assertEquals(Errno.EINVAL, end.errnoOf(request(WireOpcode.LOOKUP, 10, 1).build()));
    assertEquals(Errno.EINVAL, end.errnoOf(request(WireOpcode.LOOKUP, 10, 1).name("").build()));
    byte[] endless = request(WireOpcode.LOOKUP, 10, 1).bytes(new byte[] {'a', 'b'}).build();
    assertEquals(Errno.EINVAL, end.errnoOf(endless));
    assertEquals(Errno.EINVAL, end.errnoOf(write(10, 4, "abc").build()));
    assertEquals(Errno.EINVAL, end.errnoOf(write(10, -1, "abc").build()));
    assertEquals(Errno.EINVAL, end.errnoOf(read(10, 0, MIB + 1).build()));
    assertEquals(Errno.EINVAL, end.errnoOf(read(10, -1, 10).build()));
    assertEquals(Errno.EINVAL, end.errnoOf(read(10, Long.MAX_VALUE, 10).build()));
    assertEquals(
        Errno.EINVAL, end.errnoOf(request(WireOpcode.RENAME, 10, 1).int64(1).name("a").build()));
    assertEquals(List.of(), calls);
  }

  @Test
  void shouldServeNothingBeforeInitAndInitOnce() {
    assertEquals(Errno.EIO, end.errnoOf(read(10, 0, 10).build()));
    assertEquals(List.of(), calls);
    end.begun();
    assertEquals(0, end.errnoOf(read(12, 0, 10).build()));
    assertEquals(Errno.EIO, end.errnoOf(WireMessage.init(7, 45, 0)));
    assertEquals(0, end.errnoOf(read(12, 0, 10).build()));
  }

  @Test
  void shouldTakeBackLookupCounts() {
    end.begun();
    end.counts.add(5, 10);
    end.counts.add(6, 10);
    end.unanswered(request(WireOpcode.FORGET, 10, 5).int64(3).build());
    end.unanswered(request(WireOpcode.BATCH_FORGET, 12, 0).int32(2, 0).int64(5, 1, 6, 2).build());
    assertEquals(List.of("forget 5 3", "forget 5 1", "forget 6 2"), calls);
    assertEquals(6, end.counts.count(5));
    assertEquals(8, end.counts.count(6));
    end.unanswered(request(WireOpcode.FORGET, 14, 5).int64(-1).build());
    assertEquals(0, end.counts.count(5), "more than there are leaves none");
    assertEquals(8, end.counts.total());
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 1 << 28, -1})
  void shouldDropABatchThatIsLongerThanItsRequest(int count) {
    end.begun();
    end.unanswered(
        request(WireOpcode.BATCH_FORGET, 12, 0).int32(count, 0).int64(5, 1, 6, 2).build());
    assertEquals(List.of(), calls);
  }

  @Test
  void shouldAnswerForAFileSystemThatDoesNotOfferToOpen() {
    end.begun();
    byte[] open = request(WireOpcode.OPEN, 10, 5).zeros(8).build();
    assertEquals(Errno.ENOSYS, end.errnoOf(open), "never asked again");
    byte[] opendir = request(WireOpcode.OPENDIR, 12, 1).zeros(8).build();
    byte[] opened = end.only(opendir);
    assertEquals(0, WireMessage.errno(opened));
    assertEquals(32, opened.length);
    assertEquals(0, WireMessage.of(opened).getLong(16));
    assertEquals(0, end.errnoOf(request(WireOpcode.RELEASE, 14, 5).zeros(24).build()));
    assertEquals(0, end.errnoOf(request(WireOpcode.RELEASEDIR, 16, 5).zeros(24).build()));
    ByteBuffer figures = WireMessage.of(end.only(request(WireOpcode.STATFS, 18, 1).build()));
    assertEquals(16 + 80, figures.capacity());
    assertEquals(512, figures.getInt(16 + 40), "bsize");
    assertEquals(255, figures.getInt(16 + 44), "namelen");
    assertEquals(
        Errno.ENOSYS, end.errnoOf(request(WireOpcode.MKDIR, 20, 1).zeros(8).name("a").build()));
    assertEquals(0, end.errnoOf(request(WireOpcode.DESTROY, 22, 0).build()));
    assertEquals(List.of(), calls);
  }

  @Test
  void shouldOpenForAFileSystemWhereTheKernelWantsToKnow() {
    wantsNoOpen = false;
    end.begun();
    assertEquals(0, end.errnoOf(request(WireOpcode.OPEN, 10, 5).zeros(8).build()));
  }

  private Request hold(long unique) {
    end.unanswered(request(WireOpcode.GETATTR, unique, 5).zeros(16).build());
    return held.removeLast();
  }

  private static byte[] interrupt(long unique) {
    return request(WireOpcode.INTERRUPT, unique | 1, 0).int64(unique).build();
  }

  @Test
  void shouldTellADetachedRequestThatItIsInterrupted() {
    end.begun();
    Request first = hold(10);
    Request second = hold(12);
    assertFalse(first.interrupted());
    end.unanswered(interrupt(10));
    assertTrue(first.interrupted());
    assertFalse(second.interrupted());
    first.reply().error(Errno.EINTR);
    assertFalse(first.interrupted());
    assertFalse(hold(14).interrupted(), "which has the buffers of the first");
    second.reply().error(Errno.EIO);
    end.endpoint.contexts().abandonDetached();
  }

  @Test
  void shouldHaveAnInterruptSentAgainThatCameTooEarly() {
    end.begun();
    assertEquals(Errno.EAGAIN, end.errnoOf(interrupt(10)));
    Request late = hold(10);
    assertFalse(late.interrupted());
    end.unanswered(interrupt(10));
    assertTrue(late.interrupted());
    late.reply().error(Errno.EINTR);
  }

  @Test
  void shouldGiveWhatANewRequestDoesNotSay() {
    end.begun();
    Request request = hold(10);
    assertEquals(List.of("getattr 5 -1 0 4"), calls);
    request.reply().error(Errno.EIO);
  }

  @Test
  void shouldLetInOnlyRootAndTheOwnerIfToldSo() {
    try (TestEnd ours = new TestEnd(fs, new DevOptions(true, 1000)).begun()) {
      byte[] lookup = request(WireOpcode.LOOKUP, 10, 1).uid(1001).name("a").build();
      assertEquals(Errno.EACCES, ours.errnoOf(lookup));
      assertEquals(
          Errno.EACCES, ours.errnoOf(request(WireOpcode.OPEN, 10, 5).uid(-2).zeros(8).build()));
      assertEquals(List.of(), calls);
      assertEquals(0, ours.errnoOf(request(WireOpcode.LOOKUP, 10, 1).uid(1000).name("a").build()));
      assertEquals(0, ours.errnoOf(request(WireOpcode.LOOKUP, 10, 1).name("a").build()));
      assertEquals(0, ours.errnoOf(read(10, 0, 10).uid(1001).build()), "opened by who may");
    }
  }

  @Test
  void shouldCountAnAnswerThatTheKernelDoesNotTake() {
    end.begun();
    end.channel.errno = Errno.ENOENT;
    end.feed(request(WireOpcode.LOOKUP, 10, 1).name("a").build());
    assertEquals(1, end.replies.undeliveredCount());
    assertEquals(0, end.counts.count(2), "the kernel has no entry to forget");
  }
}
