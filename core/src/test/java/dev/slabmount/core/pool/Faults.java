package dev.slabmount.core.pool;

import java.io.IOException;

/** Makes the n-th event of a kind fail, once. */
final class Faults {
  /** What can fail. */
  enum Kind {
    CLAIM("insert", "load content", "grow by a write", "grow by a modifier", "fill"),
    LOAD("load content", "load ahead", "load an inode's block"),
    FILL("fill", "fill the rest"),
    MODIFY("grow by a modifier"),
    WRITE_BACK("flush", "flush pages"),
    LINK("insert", "load content", "load ahead", "load an inode's block", "claim");

    /** Steps of the scenario that fail for it, separated by commas. */
    final String steps;

    Kind(final String... steps) {
      this.steps = String.join(",", steps);
    }
  }

  /** A failure that was asked for, of code that can throw nothing checked. */
  static final class Planned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Planned(final String message) {
      super(message);
    }
  }

  private final Kind kind;
  private final int number;
  private int count;
  private boolean fired;

  Faults(final Kind kind, final int number) {
    this.kind = kind;
    this.number = number;
  }

  /** Whether there were so many events that it failed. */
  boolean fired() {
    return fired;
  }

  /** One event; throws if it is the one. */
  void tick(final Kind event) throws IOException {
    if (isTheOne(event)) {
      throw new IOException(this + ", planned");
    }
  }

  /** The same for code that can throw nothing checked. */
  void tickUnchecked(final Kind event) {
    if (isTheOne(event)) {
      throw new Planned(this + ", planned");
    }
  }

  /** The same for what fails because the heap is full. */
  void tickHeap(final Kind event) {
    if (isTheOne(event)) {
      throw new OutOfMemoryError(this + ", planned");
    }
  }

  /** One event; returns whether it is the one, or comes right before it. */
  boolean isTheOne(final Kind event) {
    if (event != kind) {
      return false;
    }
    count++;
    if (count != number) {
      return false;
    }
    fired = true;
    return true;
  }

  @Override
  public String toString() {
    return "the failure of " + kind + " no. " + number;
  }
}
