package dev.slabmount.cli;

import dev.slabmount.core.pool.MemoryPoolStats;
import dev.slabmount.vfs.VfsStats;
import dev.slabmount.vfs.content.VerificationCounters;
import java.util.Locale;

/**
 * What a mount did, for people.
 *
 * @param filesystem what was asked of it
 * @param pool what its memory did
 * @param content what was checked
 */
record MountReport(VfsStats filesystem, MemoryPoolStats pool, VerificationCounters content) {

  /** One line for each, ended by a line break. */
  String text() {
    return String.format(
        Locale.ROOT,
        """
        reads    %s in %d reads: %d from the pool, %d after a load, %d failed
        pool     limit %s: %d blocks loaded (%s), %d evicted, %d waits for room
        content  %d objects whole, %s hashed, %d damaged
        """,
        ByteSize.format(filesystem.bytesRead()),
        filesystem.poolReads() + filesystem.storeReads() + filesystem.readFailures(),
        filesystem.poolReads(),
        filesystem.storeReads(),
        filesystem.readFailures(),
        ByteSize.format(pool.maxSize()),
        pool.allocations(),
        ByteSize.format(pool.bytesLoaded()),
        pool.evictions(),
        pool.waits(),
        content.objectsVerified(),
        ByteSize.format(content.bytesHashed()),
        content.failures());
  }
}
