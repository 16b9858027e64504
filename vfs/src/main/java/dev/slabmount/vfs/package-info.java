/**
 * The filesystem: a manifest, mounted read-only, its content served from the pool.
 *
 * <pre>
 *   Manifest ─ TreeBuilder ─▶ InodeTree ─┐
 *   ContentStore ─ VerifyingReader ──────┼─▶ VfsFileSystem ─▶ a mount of fuse-ffm
 *   MemoryPool ──────────────────────────┘
 * </pre>
 *
 * <p>Start at {@link dev.slabmount.vfs.VfsFileSystem}, which answers the kernel and delegates:
 * names and attributes to {@link dev.slabmount.vfs.tree}, bytes to {@link dev.slabmount.vfs.read}.
 * What can be set is in {@link dev.slabmount.vfs.VfsOptions}, what happened in {@link
 * dev.slabmount.vfs.VfsStats}.
 *
 * <p><b>Threads.</b> Everything here is called by all FUSE workers at once. Nothing that a worker
 * calls waits for a store.
 */
@NullMarked
package dev.slabmount.vfs;

import org.jspecify.annotations.NullMarked;
