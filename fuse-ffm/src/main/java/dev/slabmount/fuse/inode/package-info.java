/**
 * What the kernel knows of inodes: {@link dev.slabmount.fuse.inode.LookupCounts} keeps one book for
 * the whole mount. Entries are counted where they are answered, forgets where they arrive.
 */
@NullMarked
package dev.slabmount.fuse.inode;

import org.jspecify.annotations.NullMarked;
