/**
 * The transport over libfuse's own protocol engine. In reading order:
 *
 * <ol>
 *   <li>{@link dev.slabmount.fuse.libfuse.LibfuseTransport}: makes the session, receives,
 *       processes.
 *   <li>{@code UpcallTable} and {@code LowLevelUpcalls}: the functions that libfuse calls.
 *   <li>{@code LibfuseBuffers} and {@code CallerMemory}: reading what it passes.
 *   <li>{@code LibfuseSink}: encoding answers, and sending them with {@code fuse_reply_*}.
 *   <li>{@link dev.slabmount.fuse.libfuse.LibfuseSession}: mounts and unmounts, for both
 *       transports.
 *   <li>{@code LibfuseConnection}, {@code LibfuseNotifier}, {@code LibfuseLog}: the rest of the
 *       talk.
 * </ol>
 *
 * <p>Thread rule: buffers and sink belong to one request; everything else is shared and
 * thread-safe. Where fields of C structs lie is known by native-bindings alone.
 */
@NullMarked
package dev.slabmount.fuse.libfuse;

import org.jspecify.annotations.NullMarked;
