package dev.slabmount.vfs.read;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.vfs.tree.InodeTree;

/** What every read of one mount uses. Immutable; its parts may be used by any thread. */
record ReadContext(
    InodeTree tree,
    FileLayout layout,
    MemoryPool pool,
    PoolReplies replies,
    Fetches fetches,
    PendingReads pending,
    ReadCounters counters,
    ReadLog log) {}
