/**
 * A binding of FUSE for any filesystem: implement {@link dev.slabmount.fuse.FileSystem}, mount it
 * with {@link dev.slabmount.fuse.FuseMount}. In reading order:
 *
 * <ol>
 *   <li>{@link dev.slabmount.fuse.FuseMount}: describes, makes and ends a mount; {@link
 *       dev.slabmount.fuse.TransportKind} is what carries its requests.
 *   <li>{@link dev.slabmount.fuse.FileSystem}: the operations, and the answers each of them takes.
 *   <li>{@link dev.slabmount.fuse.Request} and {@link dev.slabmount.fuse.Replies}: who asks, the
 *       scratch to build an answer in, and the ways to answer, at once or later.
 *   <li>{@link dev.slabmount.fuse.Connection}, {@link dev.slabmount.fuse.Feature}, {@link
 *       dev.slabmount.fuse.Notifier}: what is agreed with the kernel, and what it is told.
 * </ol>
 *
 * <p>Thread rule: the methods of a filesystem run on the mount's workers, several at a time; a
 * request belongs to the worker that called until it is detached. Nothing that a filesystem throws
 * ends a worker or the JVM.
 */
@NullMarked
package dev.slabmount.fuse;

import org.jspecify.annotations.NullMarked;
