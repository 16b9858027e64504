package dev.slabmount.fuse.dispatch;

import java.util.concurrent.ConcurrentHashMap;

/**
 * What detached requests want to run when their callers give up, by the number of the request.
 * Thread-safe; nothing here is on the way of a request that nobody interrupts.
 */
public final class Interrupts {
  private final ConcurrentHashMap<Long, Runnable> actions = new ConcurrentHashMap<>();

  Interrupts() {}

  void put(long unique, Runnable action) {
    actions.put(unique, action);
  }

  void remove(long unique) {
    actions.remove(unique);
  }

  /**
   * An interrupt of request {@code unique} has arrived; runs its action if it has one that has not
   * run. What the action throws is the caller's to guard against.
   */
  public void arrived(long unique) {
    Runnable action = actions.remove(unique);
    if (action != null) {
      action.run();
    }
  }
}
