package dev.slabmount.fuse.reply;

/** Hears that a request is answered, on the thread that answered it. Must not throw. */
@FunctionalInterface
public interface ReplyObserver {
  /** The answer is out. */
  void answered();
}
