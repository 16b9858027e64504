package dev.slabmount.fuse.libfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.dev.WireMessage;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.nativebindings.LowlevelOperation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which request an answer goes to if something is thrown while one begins. */
@Timeout(60)
class UpcallRequestTest {
  private static final int STATFS = 17;
  private static final long INO = 5;
  private static final FileSystem HAS_NO_FIGURES =
      new FileSystem() {
        @Override
        public void statfs(Request request, long ino) {
          request.reply().error(Errno.ENOENT);
        }
      };

  private final GuardedMemory memory = new GuardedMemory(1 << 10);

  /** The worker has received this request. */
  private void receive(UpcallEnd end, long unique) {
    byte[] bytes = WireMessage.request(STATFS, unique, INO).build();
    end.received(memory.place(bytes), bytes.length);
  }

  private void serve(UpcallEnd end, long unique) throws Throwable {
    receive(end, unique);
    List<byte[]> answers = end.call(LowlevelOperation.STATFS, unique, INO);
    assertEquals(List.of(unique), numbers(answers));
    assertEquals(Errno.ENOENT, WireMessage.errno(answers.getFirst()));
  }

  private static List<Long> numbers(List<byte[]> answers) {
    return answers.stream().map(WireMessage::unique).toList();
  }

  /** An operation that is none throws where the event of the request would, without memory. */
  private static void failToBegin(UpcallEnd end, long req) {
    try {
      UpcallRequest.begin(req, null, INO);
    } catch (NullPointerException thrown) {
      end.guard.threw(UpcallThread.here().current(), thrown);
    }
  }

  @Test
  void shouldAnswerTheRequestThatCouldNotBeginAndNotTheOneBefore() throws Throwable {
    UpcallThread.run(() -> {
      try (UpcallEnd end = new UpcallEnd(HAS_NO_FIGURES)) {
        serve(end, 10);
        receive(end, 12);
        List<byte[]> answers = end.call(12, req -> failToBegin(end, req));
        assertEquals(List.of(12L), numbers(answers));
        assertEquals(Errno.EIO, WireMessage.errno(answers.getFirst()));
        assertEquals(1, end.guard.uncaughtCount());
        serve(end, 14);
      }
    });
  }

  /** A request that not even EIO could be sent for gets it when the next one comes. */
  @Test
  void shouldAnswerBothRequestsUnderTheirOwnNumbers() throws Throwable {
    UpcallThread.run(() -> {
      try (UpcallEnd end = new UpcallEnd(HAS_NO_FIGURES)) {
        receive(end, 10);
        assertEquals(
            List.of(), end.call(10, req -> UpcallRequest.begin(req, Operation.STATFS, INO)));
        receive(end, 12);
        List<byte[]> answers = end.call(LowlevelOperation.STATFS, 12, INO);
        assertEquals(List.of(10L, 12L), numbers(answers));
        assertEquals(Errno.EIO, WireMessage.errno(answers.getFirst()));
        assertEquals(Errno.ENOENT, WireMessage.errno(answers.getLast()));
      }
    });
  }
}
