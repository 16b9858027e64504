package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.AnsweringFs;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes any bytes for a request and checks what must hold whatever they are: nothing is thrown, not
 * even inside; there is at most one answer, whole, to this request and no other, and exactly one to
 * what has to be answered; lookup counts are balanced; the next good request is answered as ever;
 * and nothing depends on what lies behind the bytes in the buffer. The last is seen by serving each
 * request in two ends whose buffers hold different left-overs; what lies beyond a buffer no code of
 * ours can read, because its memory segment ends there.
 *
 * <p>Entry point for random tests and fuzzers. One thread. Cheap to call again and again: about 10
 * microseconds.
 */
final class ByteFedEnd implements AutoCloseable {
  private static final byte[] LEFT = {0, 'A'};
  private static final int HEADER = 40;
  private static final int EAGAIN = 11;
  private static final byte[] GOOD =
      WireMessage.request(WireOpcode.LOOKUP, 77, 5).name("good").build();
  private static final long GOOD_EVERY = 4;
  private static final long TOTALS_EVERY = 1 << 12;

  private final List<AnsweringFs> fileSystems = List.of(new AnsweringFs(), new AnsweringFs());
  private final List<TestEnd> ends = new ArrayList<>();
  private final byte[] goodAnswer;
  private long fed;
  private long goods;

  ByteFedEnd() {
    this(0);
  }

  /**
   * Creates an end with a planted bug, which the checks have to find.
   *
   * @param overRead how many bytes more are believed to have been received than were
   */
  ByteFedEnd(int overRead) {
    for (int i = 0; i < LEFT.length; i++) {
      ends.add(new TestEnd(fileSystems.get(i).fileSystem()).begun());
      ends.get(i).channel.left = LEFT[i];
    }
    goodAnswer = good(0);
    assertArrayEquals(goodAnswer, good(1));
    ends.forEach(end -> end.channel.overstated = overRead);
  }

  /** Serves these bytes and checks what has become of them. */
  void feed(byte[] bytes) {
    for (int i = 0; i < LEFT.length; i++) {
      fileSystems.get(i).beginDigest();
      ends.get(i).channel.sent.clear();
      ends.get(i).feed(bytes);
      check(bytes, ends.get(i));
    }
    assertEquals(fileSystems.get(0).digest(), fileSystems.get(1).digest(), "told from left-overs");
    List<byte[]> first = List.copyOf(ends.get(0).channel.sent);
    List<byte[]> second = List.copyOf(ends.get(1).channel.sent);
    assertEquals(first.size(), second.size());
    for (int i = 0; i < first.size(); i++) {
      assertArrayEquals(first.get(i), second.get(i), "answered from left-overs");
    }
    if (fed % GOOD_EVERY == 0) {
      for (int i = 0; i < LEFT.length; i++) {
        assertArrayEquals(goodAnswer, good(i), "the next good request");
      }
    }
    if (fed++ % TOTALS_EVERY == 0) {
      assertBalanced();
    }
  }

  /** Holds the books of lookup counts against those of the filesystem. */
  private void assertBalanced() {
    for (int i = 0; i < LEFT.length; i++) {
      fileSystems.get(i).assertBalanced(ends.get(i).counts);
    }
  }

  private byte[] good(int index) {
    goods += index == 0 ? 1 : 0;
    fileSystems.get(index).beginDigest();
    return ends.get(index).only(GOOD);
  }

  private static void check(byte[] bytes, TestEnd end) {
    assertEquals(0, end.guard.uncaughtCount(), "operations, or decoding, that threw");
    assertEquals(0, end.endpoint.contexts().detachedCount());
    List<byte[]> sent = end.channel.sent;
    assertTrue(sent.size() <= 1, "answers");
    if (sent.isEmpty()) {
      assertTrue(!isOwedAnAnswer(bytes), "no answer");
      return;
    }
    byte[] answer = sent.getFirst();
    assertTrue(answer.length >= 16);
    assertEquals(answer.length, WireMessage.of(answer).getInt(0));
    assertEquals(WireMessage.unique(bytes), WireMessage.unique(answer));
    int errno = WireMessage.errno(answer);
    assertTrue(errno >= 0 && errno < 512, "what the kernel takes for an errno");
    WireOpcode opcode = WireOpcode.of(WireMessage.of(bytes).getInt(4));
    assertTrue(
        opcode == null
            || !opcode.isUnanswered()
            || (opcode == WireOpcode.INTERRUPT && errno == EAGAIN),
        () -> "an answer to " + opcode);
  }

  /** Whoever can be told from the next waits for an answer, except for what never has one. */
  private static boolean isOwedAnAnswer(byte[] bytes) {
    if (bytes.length < HEADER || WireMessage.unique(bytes) == 0) {
      return false;
    }
    WireOpcode opcode = WireOpcode.of(WireMessage.of(bytes).getInt(4));
    return opcode == null || !opcode.isUnanswered();
  }

  /** Operations that got as far as the filesystem, without those of good requests between. */
  long calls() {
    return fileSystems.getFirst().calls() - goods;
  }

  @Override
  public void close() {
    try {
      assertBalanced();
    } finally {
      ends.forEach(TestEnd::close);
    }
  }
}
