package dev.slabmount.vfs.read;

import java.util.concurrent.atomic.LongAdder;

/** What reads came to. Any thread. */
final class ReadCounters {
  /** Answered on the worker, and after waiting for the store; and their bytes. */
  final LongAdder poolReads = new LongAdder();

  final LongAdder storeReads = new LongAdder();
  final LongAdder bytesRead = new LongAdder();

  /** Answered with an error other than EINTR; and those of them that took too long. */
  final LongAdder failures = new LongAdder();

  final LongAdder timeouts = new LongAdder();

  /** Answered with EINTR. */
  final LongAdder interrupts = new LongAdder();

  /** Times a worker waited because too many reads were pending. */
  final LongAdder waits = new LongAdder();

  /** Fetches that were given up and whose threads have not come back, now. */
  final LongAdder stuck = new LongAdder();
}
