package dev.slabmount.core.inspect;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.evict.EvictionPolicy;
import java.util.function.Consumer;
import org.agrona.collections.IntHashSet;

/**
 * Audits the eviction policy's queues of a quiet pool, as the headers link them: every slot that is
 * in a queue is reached exactly once, from the front of one; slots in no queue have no links.
 *
 * <p>Links are slot numbers plus one, and zero means none. Any thread, one call.
 */
final class QueueAudit {
  private static final int NONE = 0;

  private final BlockHeaders headers;
  private final IntHashSet taken;
  private final Consumer<String> findings;
  private final IntHashSet reached = new IntHashSet();

  QueueAudit(final BlockHeaders headers, final IntHashSet taken, final Consumer<String> findings) {
    this.headers = headers;
    this.taken = taken;
    this.findings = findings;
  }

  void run() {
    int queued = 0;
    for (final int slot : taken) {
      if (headers.queue(slot) == EvictionPolicy.NOWHERE) {
        if (headers.previous(slot) != NONE || headers.next(slot) != NONE) {
          findings.accept("slot " + slot + " is in no queue, and linked");
        }
      } else {
        queued++;
        if (headers.previous(slot) == NONE) {
          walk(slot);
        }
      }
    }
    if (reached.size() < queued) {
      findings.accept((queued - reached.size()) + " slots of queues are not reached from a front");
    }
  }

  private void walk(final int front) {
    int before = NONE;
    for (int link = front + 1; link != NONE; link = headers.next(link - 1)) {
      final int slot = link - 1;
      final boolean fits =
          taken.contains(slot)
              && headers.queue(slot) == headers.queue(front)
              && headers.previous(slot) == before;
      if (!fits || !reached.add(slot)) {
        findings.accept(
            "slot " + slot + " does not belong where queue " + headers.queue(front) + " links it");
        return;
      }
      before = link;
    }
  }
}
