/**
 * Manifests: the JSON documents that describe a tree of content-addressed files.
 *
 * <p>A manifest says, for every entry of a tree, its path and what it is: a directory, a regular
 * file (size, modification time, one execute bit, and the hash of its bytes) or a symbolic link.
 * The bytes themselves live in a content store under their hash. The document format is described
 * in {@code docs/MANIFEST.md}.
 *
 * <p>Entry points, in reading order:
 *
 * <ol>
 *   <li>{@link dev.slabmount.vfs.manifest.ManifestEntry}: one row, in one of three kinds.
 *   <li>{@link dev.slabmount.vfs.manifest.Manifest}: a whole tree in memory, always valid, always
 *       in canonical order, made by {@link dev.slabmount.vfs.manifest.Manifest.Builder}.
 *   <li>{@link dev.slabmount.vfs.manifest.ManifestReader} and {@link
 *       dev.slabmount.vfs.manifest.ManifestWriter}: from and to a file.
 *   <li>{@link dev.slabmount.vfs.manifest.PathRules} and {@link
 *       dev.slabmount.vfs.manifest.SymlinkTarget}: what the format can say, for whoever makes a
 *       manifest from a real tree.
 * </ol>
 *
 * <p>Everything wrong with a document, and everything that a document cannot say, is a {@link
 * dev.slabmount.vfs.manifest.ManifestException} with the place as a JSON pointer. I/O failures stay
 * what they are. A {@code Manifest} is immutable and may be shared between threads; builders,
 * readers and writers work on the calling thread alone.
 */
@NullMarked
package dev.slabmount.vfs.manifest;

import org.jspecify.annotations.NullMarked;
