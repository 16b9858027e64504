package dev.slabmount.fuse.libfuse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.AnsweringFs;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.dev.WireMessage;
import dev.slabmount.nativebindings.LowlevelOperation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes any bytes for an upcall and its arguments ({@link UpcallArguments}) and checks what must
 * hold whatever they are: nothing leaves the upcall, or the JVM would end; there is one answer,
 * whole, to this request and no other, and none to a forget; what is refused never reaches the
 * filesystem; lookup counts are balanced; the next good request is answered as ever; nothing is
 * read behind a request or struct, whose memory ends there for one of two ends, and nothing depends
 * on what lies there, which differs for the other.
 *
 * <p>Entry point for random tests and fuzzers. To be used on one {@link UpcallThread}; about 30
 * microseconds a call.
 */
final class ArgumentFedEnd implements AutoCloseable {
  private static final int ENDS = 2;
  private static final int ROOM = 1 << 12;
  private static final long UNIQUE = 101;
  private static final long GOOD_EVERY = 4;
  private static final long TOTALS_EVERY = 1 << 12;
  private static final byte[] GOOD_REQUEST = WireMessage.request(1, UNIQUE, 5).name("good").build();

  private final List<AnsweringFs> fileSystems = List.of(new AnsweringFs(), new AnsweringFs());
  private final List<UpcallEnd> ends = new ArrayList<>();
  private final GuardedMemory requests = new GuardedMemory(ROOM);
  private final GuardedMemory good = new GuardedMemory(ROOM);
  private final UpcallArguments.Structs structs = new UpcallArguments.Structs();
  private final List<LowlevelOperation> functions;
  private final int overRead;
  private final byte[] goodAnswer;
  private long fed;
  private long goods;

  ArgumentFedEnd() throws Throwable {
    this(0);
  }

  /**
   * Creates an end with a planted bug, which the checks have to find.
   *
   * @param overRead how many bytes more are believed to have been received than were
   */
  ArgumentFedEnd(int overRead) throws Throwable {
    this.overRead = overRead;
    for (AnsweringFs each : fileSystems) {
      ends.add(new UpcallEnd(each.fileSystem()));
    }
    functions = UpcallArguments.functions(ends.getFirst());
    goodAnswer = good(0);
    assertArrayEquals(goodAnswer, good(1));
  }

  /** Makes the call that these bytes stand for, and checks what has become of it. */
  void feed(byte[] input) throws Throwable {
    UpcallArguments arguments = new UpcallArguments(input, functions);
    List<List<byte[]>> answers = new ArrayList<>();
    for (int i = 0; i < ENDS; i++) {
      fileSystems.get(i).beginDigest();
      answers.add(call(arguments, i));
    }
    assertEquals(fileSystems.get(0).digest(), fileSystems.get(1).digest(), "told from left-overs");
    for (int i = 0; i < answers.getFirst().size(); i++) {
      assertArrayEquals(
          answers.getFirst().get(i), answers.getLast().get(i), "answered from left-overs");
    }
    if (fed % GOOD_EVERY == 0) {
      for (int i = 0; i < ENDS; i++) {
        assertArrayEquals(goodAnswer, good(i), "the next good request");
      }
    }
    if (fed++ % TOTALS_EVERY == 0) {
      assertBalanced();
    }
  }

  /** The first end's request lies in front of a page that nobody may touch. */
  private List<byte[]> call(UpcallArguments arguments, int index) throws Throwable {
    UpcallEnd end = ends.get(index);
    byte[] request = arguments.request();
    long address = requests.place(index == 0 ? beforeTheEnd(request) : roomy(request));
    end.received(address, request.length + overRead);
    long calls = fileSystems.get(index).calls();
    long uncaught = end.guard.uncaughtCount();
    List<byte[]> answers = end.call(arguments.function(), UNIQUE, arguments.at(address, structs));
    boolean refused = end.guard.uncaughtCount() > uncaught;
    if (refused) {
      assertEquals(calls, fileSystems.get(index).calls(), "refused, and yet asked for");
    }
    check(arguments.function(), answers, refused);
    assertEquals(0, end.contexts.detachedCount());
    return answers;
  }

  /** A bug that is planted shall be found by what it does, not by the end of the JVM. */
  private byte[] beforeTheEnd(byte[] request) {
    if (overRead == 0) {
      return request;
    }
    byte[] longer = roomy(request);
    Arrays.fill(longer, request.length, ROOM, (byte) 'A');
    return longer;
  }

  private static byte[] roomy(byte[] request) {
    return Arrays.copyOf(request, ROOM);
  }

  private static void check(LowlevelOperation function, List<byte[]> answers, boolean refused) {
    int due =
        switch (function) {
          case FORGET, FORGET_MULTI, RETRIEVE_REPLY -> 0;
          default -> 1;
        };
    assertEquals(due, answers.size(), () -> "answers to " + function);
    for (byte[] answer : answers) {
      assertTrue(answer.length >= 16);
      assertEquals(answer.length, WireMessage.of(answer).getInt(0));
      assertEquals(UNIQUE, WireMessage.unique(answer));
      int errno = WireMessage.errno(answer);
      assertTrue(errno >= 0 && errno < 512, "what the kernel takes for an errno");
      assertTrue(!refused || errno == Errno.EIO, () -> function + " was refused with " + errno);
    }
  }

  private byte[] good(int index) throws Throwable {
    goods += index == 0 ? 1 : 0;
    fileSystems.get(index).beginDigest();
    long address = good.place(GOOD_REQUEST);
    ends.get(index).received(address, GOOD_REQUEST.length);
    List<byte[]> answers =
        ends.get(index)
            .call(LowlevelOperation.LOOKUP, UNIQUE, 5L, address + UpcallArguments.HEADER);
    assertEquals(1, answers.size());
    return answers.getFirst();
  }

  private void assertBalanced() {
    for (int i = 0; i < ENDS; i++) {
      fileSystems.get(i).assertBalanced(ends.get(i).counts);
    }
  }

  /** Operations that got as far as the filesystem, without those of good requests between. */
  long calls() {
    return fileSystems.getFirst().calls() - goods;
  }

  /** The functions among which an input chooses. */
  List<LowlevelOperation> functions() {
    return functions;
  }

  @Override
  public void close() {
    try {
      assertBalanced();
    } finally {
      ends.forEach(UpcallEnd::close);
    }
  }
}
