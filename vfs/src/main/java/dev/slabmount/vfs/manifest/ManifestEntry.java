package dev.slabmount.vfs.manifest;

/**
 * One entry of a manifest.
 *
 * <p>An entry by itself may hold anything; {@link Manifest.Builder#add} decides whether it can be
 * part of a manifest.
 */
public sealed interface ManifestEntry permits DirectoryEntry, FileEntry, SymlinkEntry {

  /**
   * The full path below the tree's root: components separated by single slashes, without a slash at
   * either end. {@link PathRules} says which paths a manifest can hold.
   */
  String path();
}
