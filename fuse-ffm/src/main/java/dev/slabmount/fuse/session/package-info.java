/**
 * The life of a mount. In reading order: {@link dev.slabmount.fuse.session.Transport}, the small
 * interface that libfuse or the kernel's protocol itself is driven through, and {@link
 * dev.slabmount.fuse.session.Negotiation}, how it begins; {@code FuseWorker}, a thread and its
 * loop; {@link dev.slabmount.fuse.session.MountLifecycle}, from mount to orderly end; {@code
 * MountPoint}, {@link dev.slabmount.fuse.session.MountTable} and {@link
 * dev.slabmount.fuse.session.Unmounter}, what the system around it says and does.
 */
@NullMarked
package dev.slabmount.fuse.session;

import org.jspecify.annotations.NullMarked;
