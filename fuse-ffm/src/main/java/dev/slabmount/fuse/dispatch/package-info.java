/**
 * From a request to a method call and back, the same for every transport. In reading order:
 *
 * <ol>
 *   <li>{@link dev.slabmount.fuse.dispatch.Arguments}: what a transport fills in.
 *   <li>{@link dev.slabmount.fuse.dispatch.Dispatcher}: unpacks it and calls the filesystem.
 *   <li>{@link dev.slabmount.fuse.dispatch.RequestGuard}: nothing thrown gets past it.
 *   <li>{@link dev.slabmount.fuse.dispatch.RequestContext}: arguments, scratch and answer of one
 *       request; {@link dev.slabmount.fuse.dispatch.ContextPool} lends them and bounds how many may
 *       be detached.
 *   <li>{@link dev.slabmount.fuse.dispatch.Observation}: who watches besides the filesystem, {@link
 *       dev.slabmount.fuse.dispatch.Latencies} and {@link dev.slabmount.fuse.dispatch.RequestLog}.
 * </ol>
 *
 * <p>Thread rule: a context belongs to one worker until its request is answered or detached.
 */
@NullMarked
package dev.slabmount.fuse.dispatch;

import org.jspecify.annotations.NullMarked;
