/**
 * Content addressed objects: their names, where they are kept, and the check that they are whole.
 *
 * <p>An object is a sequence of bytes that never changes, named by its hash: a whole file, or a
 * piece of a large one. In reading order:
 *
 * <ol>
 *   <li>{@link dev.slabmount.vfs.content.ContentHash}, an object's name, and {@link
 *       dev.slabmount.vfs.content.Xxh128}, which computes it.
 *   <li>{@link dev.slabmount.vfs.content.ContentStore}: what every store does, {@link
 *       dev.slabmount.vfs.content.LocalContentStore}: the one in a folder. A store hands out bytes
 *       as it finds them.
 *   <li>{@link dev.slabmount.vfs.content.VerifyingReader}: reads ranges from a store and checks
 *       them as far as its {@link dev.slabmount.vfs.content.VerificationMode} says: before it hands
 *       them out, or in the background, and then it tells a {@link
 *       dev.slabmount.vfs.content.DiscardListener} what must not be shown any more. The filesystem
 *       reads through nothing else.
 *   <li>{@link dev.slabmount.vfs.content.ObjectWriter}: puts objects in, whole or not at all.
 * </ol>
 *
 * <p>What fails is an {@link dev.slabmount.vfs.content.ContentStoreException} with one line for
 * people. {@code docs/STORE.md} says the same for whoever runs a store.
 *
 * <p><b>Threads:</b> everything here may be used by any number of threads, except {@link
 * dev.slabmount.vfs.content.StoredObject} and {@code Xxh128}, which belong to one at a time. Every
 * call into a store may block on a disk; none is for the threads that answer the kernel.
 */
@NullMarked
package dev.slabmount.vfs.content;

import org.jspecify.annotations.NullMarked;
