package dev.slabmount.vfs.manifest;

/**
 * A directory of a {@link ManifestDocument}.
 *
 * @param path the full path; empty if the row has none that could be read
 * @param deleted whether the document says that it is no longer there
 */
public record DirectoryRow(String path, boolean deleted) {}
