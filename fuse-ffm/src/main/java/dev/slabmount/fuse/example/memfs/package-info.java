/**
 * A complete filesystem in memory, to learn from, to test with and to measure.
 *
 * <p>Start with {@link dev.slabmount.fuse.example.memfs.MemFs}.
 */
@NullMarked
package dev.slabmount.fuse.example.memfs;

import org.jspecify.annotations.NullMarked;
