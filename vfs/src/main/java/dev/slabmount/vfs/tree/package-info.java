/**
 * The tree of a manifest as inode numbers, made for answering the kernel.
 *
 * <p>{@link dev.slabmount.vfs.tree.TreeBuilder} makes an {@link dev.slabmount.vfs.tree.InodeTree}
 * from a manifest, which is not needed afterwards. Everything is columns of primitives indexed by
 * inode number: no object, no {@code String} and no garbage for a lookup, a listing or attributes.
 *
 * <pre>
 *   ino        1      2 3 4        5 6       7 ...
 *              root   children     children  ...      numbered breadth first, siblings by the bytes
 *              |      of 1         of 2               of their names
 *   childStart 2      5 7 7        7 7       7 ...    children of i: childStart[i] until childStart[i+1]
 * </pre>
 *
 * <p>So the children of a directory are a range of numbers, a name is found by binary search, and a
 * position within a listing is simply a number's distance from the first child. The numbering
 * depends on nothing but the set of paths: each mount of the same manifest gives the same numbers.
 *
 * <p>Names are bytes of UTF-8, as manifests hold text. The tree is immutable and may be used by any
 * thread.
 */
@NullMarked
package dev.slabmount.vfs.tree;

import org.jspecify.annotations.NullMarked;
