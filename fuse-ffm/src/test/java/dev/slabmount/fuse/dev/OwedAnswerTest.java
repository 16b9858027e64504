package dev.slabmount.fuse.dev;

import static dev.slabmount.fuse.dev.WireMessage.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.dispatch.FeatureChoice;
import dev.slabmount.fuse.dispatch.Observation;
import dev.slabmount.fuse.dispatch.RequestLog;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What could not be answered at all is answered when the next request comes, under its number. */
@Timeout(60)
class OwedAnswerTest {
  private static final int UNKNOWN = 4000;
  private static final FileSystem FINDS_EVERYTHING =
      new FileSystem() {
        @Override
        public void lookup(Request request, long parent, Name name) {
          request.reply().entry(request.entry().ino(parent + 1));
        }
      };

  @Test
  void shouldAnswerBothRequestsUnderTheirOwnNumbers() {
    try (TestEnd end = new TestEnd(FINDS_EVERYTHING)) {
      end.begun();
      leaveUnanswered(end, 10);
      end.feed(request(WireOpcode.LOOKUP, 12, 1).name("b").build());
      assertEquals(List.of(10L, 12L), numbers(end));
      assertEquals(Errno.EIO, WireMessage.errno(end.channel.sent.getFirst()));
      assertEquals(0, WireMessage.errno(end.channel.sent.getLast()));
    }
  }

  /** What comes next need not be something that is answered through the gate, or at all. */
  @ParameterizedTest
  @EnumSource(names = {"FORGET", "STATFS", "INTERRUPT"})
  void shouldAnswerBeforeWhateverComesNext(WireOpcode next) {
    try (TestEnd end = new TestEnd(FINDS_EVERYTHING)) {
      end.begun();
      leaveUnanswered(end, 10);
      end.feed(request(next, 12, 1).zeros(8).build());
      end.feed(request(WireOpcode.STATFS, 14, 1).build());
      assertEquals(10, numbers(end).getFirst());
      assertEquals(Errno.EIO, WireMessage.errno(end.channel.sent.getFirst()));
      assertEquals(1, numbers(end).stream().filter(number -> number == 10).count());
    }
  }

  /** Nothing is owed for what was not begun, so nobody else could answer it. */
  @Test
  void shouldLeaveToTheWorkerWhatThereWasNoMemoryToBegin() {
    try (TestEnd end = new TestEnd(FINDS_EVERYTHING)) {
      end.begun();
      leaveUnanswered(end, 10);
      end.channel.exhausted = true;
      byte[] lookup = request(WireOpcode.LOOKUP, 12, 1).name("b").build();
      assertThrows(OutOfMemoryError.class, () -> end.feed(lookup));
      assertThrows(OutOfMemoryError.class, end::again);
      end.channel.exhausted = false;
      end.again();
      assertEquals(List.of(10L, 12L), numbers(end));
      assertEquals(0, WireMessage.errno(end.channel.sent.getLast()));
      assertEquals(1, end.guard.uncaughtCount());
    }
  }

  @Test
  void shouldRefuseOnceThereIsMemory() {
    try (TestEnd end = new TestEnd(FINDS_EVERYTHING)) {
      end.begun();
      end.channel.sent.clear();
      end.channel.exhausted = true;
      byte[] unknown = request(UNKNOWN, 12, 1).build();
      assertThrows(OutOfMemoryError.class, () -> end.feed(unknown));
      end.channel.exhausted = false;
      end.again();
      assertEquals(List.of(12L), numbers(end));
      assertEquals(Errno.ENOSYS, WireMessage.errno(end.channel.sent.getFirst()));
    }
  }

  /** What was refused is not served again because the log of it threw. */
  @Test
  void shouldRefuseOnceEvenIfTheLogHasNoMemory() {
    RequestLog log =
        new RequestLog(line -> {
          throw new OutOfMemoryError("on purpose");
        });
    DevOptions options = new DevOptions(true, DevOptions.EVERYBODY);
    Observation observation = new Observation(null, log);
    try (TestEnd end = new TestEnd(FINDS_EVERYTHING, options, FeatureChoice.NONE, observation)) {
      end.begun();
      assertEquals(Errno.ENOSYS, end.errnoOf(request(UNKNOWN, 12, 1).build()));
      assertEquals(1, end.guard.uncaughtCount());
    }
  }

  private static void leaveUnanswered(TestEnd end, long unique) {
    end.channel.sent.clear();
    end.channel.exhausted = true;
    end.feed(request(WireOpcode.LOOKUP, unique, 1).name("a").build());
    end.channel.exhausted = false;
    assertEquals(List.of(), numbers(end));
    assertEquals(1, end.guard.uncaughtCount());
  }

  private static List<Long> numbers(TestEnd end) {
    return end.channel.sent.stream().map(WireMessage::unique).toList();
  }
}
