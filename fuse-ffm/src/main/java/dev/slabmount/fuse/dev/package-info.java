/**
 * The transport over the kernel's own protocol: libfuse3 mounts and owns the descriptor of {@code
 * /dev/fuse}; requests are read from it and answered on it without libfuse. In reading order:
 *
 * <ol>
 *   <li>{@link dev.slabmount.fuse.dev.DevTransport}: mounts, receives, ends.
 *   <li>{@code Channel}: the three calls on the descriptor, and what a test puts in their place.
 *   <li>{@code WireServer}: one received request from its header to the dispatcher, and the
 *       requests that are none: FORGET, INTERRUPT, INIT.
 *   <li>{@code WireOpcode} and {@code WireDecoder}: what the kernel may ask, how long it has to be
 *       and what it means. The only readers of its bytes besides {@code WireServer}.
 *   <li>{@code DevBuffers} and {@code WireSink}: the memory of one request, and the encoding of its
 *       answer.
 *   <li>{@code DevConnection}, {@code DevNotifier}: the rest of the talk.
 * </ol>
 *
 * <pre>
 *   one request:  read(2) into DevBuffers ─ WireServer ─ WireDecoder ─ Dispatcher ─ FileSystem
 *                 write(2) or writev(2) out of the slab  ─ WireSink ─ ReplyGate ─ Replies ┘
 * </pre>
 *
 * <p>Thread rule: buffers and sink belong to one request; everything else is shared and
 * thread-safe. What the kernel sends is checked before it is believed: lengths against what was
 * received, counts against lengths, names for their end. What does not fit is answered with EINVAL
 * or EIO, or dropped where no answer is due.
 *
 * <p>Source of all formats: {@code linux/fuse.h}, through the generated layouts; of what a request
 * means where that header does not say: libfuse 3's {@code lib/fuse_lowlevel.c}, so that both
 * transports tell a filesystem the same.
 */
@NullMarked
package dev.slabmount.fuse.dev;

import org.jspecify.annotations.NullMarked;
