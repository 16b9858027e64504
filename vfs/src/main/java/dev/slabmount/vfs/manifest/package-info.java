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
 *   <li>{@link dev.slabmount.vfs.manifest.ManifestReader}: from a file, strictly, to be mounted.
 *   <li>{@link dev.slabmount.vfs.manifest.ManifestDocument}: any document as data, whatever its
 *       {@link dev.slabmount.vfs.manifest.ManifestForm} and state; read leniently, with a list of
 *       what is wrong. Under a type, once nothing is: {@link
 *       dev.slabmount.vfs.manifest.ManifestView}.
 *   <li>{@link dev.slabmount.vfs.manifest.ManifestWriter}: both to a file, canonically.
 *   <li>{@link dev.slabmount.vfs.manifest.PathRules} and {@link
 *       dev.slabmount.vfs.manifest.SymlinkTarget}: what the format can say, for whoever makes a
 *       manifest from a real tree.
 * </ol>
 *
 * <p>Inside, rows are read by {@code RowReader} into a {@code FileRow} for both readers; the rules
 * are in {@code FileRow}, {@code ManifestValidator} and {@link
 * dev.slabmount.vfs.manifest.PathRules} for one row, and in {@code Manifest.Builder} and {@code
 * DocumentRules} for all of them together.
 *
 * <p>Everything wrong with a document, and everything that a document cannot say, is a {@link
 * dev.slabmount.vfs.manifest.ManifestException} with the place as a JSON pointer. I/O failures stay
 * what they are. A {@code Manifest} is immutable, as is a {@code ManifestDocument}, and may be
 * shared between threads; builders, readers and writers work on the calling thread alone.
 */
@NullMarked
package dev.slabmount.vfs.manifest;

import org.jspecify.annotations.NullMarked;
