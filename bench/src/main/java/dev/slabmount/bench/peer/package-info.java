/**
 * Filesystems in memory on other Java bindings of FUSE, to be measured beside ours: {@link
 * dev.slabmount.bench.peer.JfuseServer} on jFUSE, {@link dev.slabmount.bench.peer.JnrServer} on
 * jnr-fuse. Both bindings hand over paths; {@link dev.slabmount.bench.peer.PeerFiles} finds files
 * by them with one look into a map, and {@link dev.slabmount.bench.peer.PeerFile} keeps content in
 * extents on the heap, which both bindings copy from and to at once.
 *
 * <p>Each server is a process of its own. Requests come on the threads of libfuse, several at a
 * time.
 */
@NullMarked
package dev.slabmount.bench.peer;

import org.jspecify.annotations.NullMarked;
