package dev.slabmount.vfs.manifest;

/**
 * A symbolic link. The format keeps neither its time nor its owner.
 *
 * @param path the full path below the tree's root
 * @param target exactly the text that {@code readlink} returns, never interpreted when mounted; see
 *     {@link SymlinkTarget} for the texts that a manifest cannot hold
 */
public record SymlinkEntry(String path, String target) implements ManifestEntry {}
