package dev.slabmount.fuse.reply;

/**
 * The life of one answer, as pure functions from state to state.
 *
 * <pre>
 *   IDLE --begin--> OWED --answer (worker)--> SENDING --sent--> ANSWERED --begin--> OWED
 *                    |                           ^
 *                    +--detach--> DETACHED --answer (any thread, first wins)
 *                                  |    ^
 *                                 ask  asked
 *                                  v    |
 *                                  ASKING
 *
 *   SENDING --unsent: not even an error could be sent--> OWED or DETACHED, whence it came
 * </pre>
 *
 * A detached request never returns to OWED: its context is used for one request only, so that a
 * stale second answer meets ANSWERED for ever. {@link #REFUSED} is no state but the result of a
 * transition that is not allowed.
 */
final class ReplyState {
  /** No request yet. */
  static final int IDLE = 0;

  /** The worker that received the request, and nobody else, may answer or detach it. */
  static final int OWED = 1;

  /** Any thread may answer. */
  static final int DETACHED = 2;

  /** One thread is encoding and sending. */
  static final int SENDING = 3;

  /** The answer is out. */
  static final int ANSWERED = 4;

  /**
   * One thread looks at a detached request, which must not be answered meanwhile: the transport
   * frees what it looks at. Lasts as long as a short native call; who wants to answer waits for it.
   */
  static final int ASKING = 5;

  /** What a transition returns that is not allowed. */
  static final int REFUSED = -1;

  private ReplyState() {}

  /** A new request arrived. */
  static int begin(int state) {
    return state == IDLE || state == ANSWERED ? OWED : REFUSED;
  }

  /** Somebody wants to answer. */
  static int answer(int state, boolean byOwner) {
    return switch (state) {
      case OWED -> byOwner ? SENDING : REFUSED;
      case DETACHED -> SENDING;
      default -> REFUSED;
    };
  }

  /** The operation wants to return before the answer. */
  static int detach(int state, boolean byOwner) {
    return state == OWED && byOwner ? DETACHED : REFUSED;
  }

  /** Somebody wants to look at a detached request. */
  static int ask(int state) {
    return state == DETACHED ? ASKING : REFUSED;
  }

  /** The look is over. */
  static int asked(int state) {
    return state == ASKING ? DETACHED : REFUSED;
  }

  /** The answer is out. */
  static int sent(int state) {
    return state == SENDING ? ANSWERED : REFUSED;
  }

  /** Nothing could be sent, so the answer is still owed. */
  static int unsent(int state, boolean detached) {
    if (state != SENDING) {
      return REFUSED;
    }
    return detached ? DETACHED : OWED;
  }
}
