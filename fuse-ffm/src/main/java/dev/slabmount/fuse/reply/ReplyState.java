package dev.slabmount.fuse.reply;

/**
 * The life of one answer, as pure functions from state to state.
 *
 * <pre>
 *   IDLE --begin--> OWED --answer (worker)--> SENDING --sent--> ANSWERED --begin--> OWED
 *                    |                           ^
 *                    +--detach--> DETACHED --answer (any thread, first wins)
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
}
