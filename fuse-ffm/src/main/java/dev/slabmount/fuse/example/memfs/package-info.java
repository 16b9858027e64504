/**
 * A complete filesystem in memory, to learn from, to test with and to measure. In reading order:
 *
 * <ol>
 *   <li>{@link dev.slabmount.fuse.example.memfs.MemFs}: the operations, and how each is answered;
 *       {@code FileCalls}, {@code ExtendedAttributeCalls}, {@code Listing} and {@code Births} have
 *       those on content, on extended attributes, of directories and of new nodes.
 *   <li>{@code Node}: an inode's attributes. It lives as long as it has names or lookup counts;
 *       {@code Nodes} finds it by number and uses numbers again, with another generation.
 *   <li>{@code Names}, {@code Tree}: the names in a directory, with cookies that stay what they
 *       are; and everything that changes names.
 *   <li>{@code Content}: a file's bytes, in a page or in extents ({@code ExtentTable}), which
 *       {@code FileMemory} takes from pools outside the heap ({@code Pieces}) and gives back there.
 *   <li>{@code HeapRoom}: a limit for what is on the heap.
 * </ol>
 *
 * <p>Thread rule: any number of workers. Locks in this order: moves of directories, names of
 * directories, one node. Reads and writes take the lock of their file and no other. A reader holds
 * it, shared, until the kernel has copied the answer, so that nobody gives the memory to another
 * file before.
 */
@NullMarked
package dev.slabmount.fuse.example.memfs;

import org.jspecify.annotations.NullMarked;
