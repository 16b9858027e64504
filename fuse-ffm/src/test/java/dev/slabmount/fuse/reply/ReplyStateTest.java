package dev.slabmount.fuse.reply;

import static dev.slabmount.fuse.reply.ReplyState.ANSWERED;
import static dev.slabmount.fuse.reply.ReplyState.ASKING;
import static dev.slabmount.fuse.reply.ReplyState.DETACHED;
import static dev.slabmount.fuse.reply.ReplyState.IDLE;
import static dev.slabmount.fuse.reply.ReplyState.OWED;
import static dev.slabmount.fuse.reply.ReplyState.REFUSED;
import static dev.slabmount.fuse.reply.ReplyState.SENDING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplyStateTest {
  private static final Map<String, Integer> STATES =
      Map.of(
          "IDLE", IDLE,
          "OWED", OWED,
          "DETACHED", DETACHED,
          "SENDING", SENDING,
          "ANSWERED", ANSWERED,
          "ASKING", ASKING,
          "-", REFUSED);

  /** Every transition from every state: what is not in the picture of the class is refused. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // from,   begin, answer by owner, answer by other, detach by owner, by other, ask, asked,
    "IDLE,     OWED, -,       -,       -,        -, -,      -,        -,        -,    -",
    "OWED,     -,    SENDING, -,       DETACHED, -, -,      -,        -,        -,    -",
    "DETACHED, -,    SENDING, SENDING, -,        -, ASKING, -,        -,        -,    -",
    "SENDING,  -,    -,       -,       -,        -, -,      -,        ANSWERED, OWED, DETACHED",
    "ANSWERED, OWED, -,       -,       -,        -, -,      -,        -,        -,    -",
    "ASKING,   -,    -,       -,       -,        -, -,      DETACHED, -,        -,    -",
  })
  void shouldAllowExactlyTheTransitionsOfThePicture(
      String from,
      String begin,
      String answerByOwner,
      String answerByOther,
      String detachByOwner,
      String detachByOther,
      String ask,
      String asked,
      String sent,
      String unsentOwed,
      String unsentDetached) {
    int state = STATES.get(from);
    assertEquals(STATES.get(begin), ReplyState.begin(state), "begin");
    assertEquals(STATES.get(answerByOwner), ReplyState.answer(state, true), "answer by owner");
    assertEquals(STATES.get(answerByOther), ReplyState.answer(state, false), "answer by other");
    assertEquals(STATES.get(detachByOwner), ReplyState.detach(state, true), "detach by owner");
    assertEquals(STATES.get(detachByOther), ReplyState.detach(state, false), "detach by other");
    assertEquals(STATES.get(ask), ReplyState.ask(state), "ask");
    assertEquals(STATES.get(asked), ReplyState.asked(state), "asked");
    assertEquals(STATES.get(sent), ReplyState.sent(state), "sent");
    assertEquals(STATES.get(unsentOwed), ReplyState.unsent(state, false), "unsent, owed");
    assertEquals(STATES.get(unsentDetached), ReplyState.unsent(state, true), "unsent, detached");
  }
}
