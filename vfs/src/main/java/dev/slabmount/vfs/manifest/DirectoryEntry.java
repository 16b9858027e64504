package dev.slabmount.vfs.manifest;

/**
 * A directory. The format keeps neither its times nor its mode.
 *
 * @param path the full path below the tree's root; the root itself is never listed
 */
public record DirectoryEntry(String path) implements ManifestEntry {}
