/**
 * Answers. A filesystem answers through {@link dev.slabmount.fuse.Replies}; behind it, in reading
 * order:
 *
 * <ol>
 *   <li>{@code ReplyState}: the life of one answer as pure functions.
 *   <li>{@link dev.slabmount.fuse.reply.ReplyGate}: lets exactly one answer through.
 *   <li>{@link dev.slabmount.fuse.reply.GatedReplies}: the answers, each through the gate; keeps
 *       the lookup counts.
 *   <li>{@link dev.slabmount.fuse.reply.ReplySink}: what a transport implements: encode and send.
 *   <li>{@link dev.slabmount.fuse.reply.WireDirectoryBuffer}: listings, in the kernel's own form.
 * </ol>
 */
@NullMarked
package dev.slabmount.fuse.reply;

import org.jspecify.annotations.NullMarked;
