package dev.slabmount.vfs;

/**
 * What the kernel may do by itself, so that it asks less. A tree never changes while it is mounted,
 * so all of it is right; to leave something out is of use for measuring and for finding faults.
 */
public enum KernelCache {
  /** Keep which name leads to which inode, for {@link VfsOptions#entryTimeout}. */
  NAMES,
  /** Keep attributes, for {@link VfsOptions#attributesTimeout}. */
  ATTRIBUTES,
  /** Keep that a name does not exist, for {@link VfsOptions#negativeTimeout}. */
  ABSENT_NAMES,
  /** Keep the targets of symbolic links. */
  LINKS,
  /** Keep the content of folders after they were closed. */
  LISTINGS,
  /** Take names and attributes out of one listing, where a program seems to want both. */
  LISTED_ATTRIBUTES,
  /** Keep the content of files after they were closed. */
  PAGES,
  /**
   * Open and close files and folders without asking. Takes {@link #PAGES} for files, {@link
   * #LISTINGS} for folders, a kernel that offers it, and for files a {@linkplain
   * dev.slabmount.vfs.prefetch.PrefetchStrategy#needsOpens strategy} that need not see them opened.
   */
  OPENS
}
