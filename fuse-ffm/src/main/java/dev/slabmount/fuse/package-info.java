/**
 * A binding of FUSE for any filesystem: implement {@link dev.slabmount.fuse.FileSystem}, mount it
 * with {@link dev.slabmount.fuse.FuseMount}. The smallest whole program is {@link
 * dev.slabmount.fuse.example.HelloFs}.
 *
 * <h2>How it goes</h2>
 *
 * <p>Programs call the kernel with paths. The kernel takes paths apart, remembers what it was told,
 * and asks the filesystem only for what it does not know, one step at a time:
 *
 * <pre>
 *   program                 the kernel asks              the filesystem answers
 *   cat /mnt/docs/a.txt     lookup(1, "docs")            entry: inode 5, a directory
 *                           lookup(5, "a.txt")           entry: inode 9, a file of 300 bytes
 *                           open(9)                      opened: handle 77
 *                           read(9, 77, 0, 4096)         data: 300 bytes
 *                           flush(9, 77)                 ok
 *                           release(9, 77)               ok
 *   cat /mnt/docs/a.txt     open(9), flush, release      names and pages are still known
 *   rm /mnt/docs/a.txt      unlink(5, "a.txt")           ok: the name is gone, inode 9 is not
 *   memory runs short       forget(9, 1)                 nothing: now inode 9 is gone
 * </pre>
 *
 * <h2>Five words</h2>
 *
 * <p><b>Inode.</b> A file, directory or link itself, whatever names lead to it; two hard links are
 * two names of one inode. The filesystem chooses its number, {@code ino}, when it answers a lookup,
 * and the kernel names it by that number ever after. The root is {@link
 * dev.slabmount.fuse.FileSystem#ROOT}, which nobody looks up. A number may be given to another
 * inode once the first is forgotten, best with another {@link dev.slabmount.fuse.Entry#generation}.
 *
 * <p><b>Lookup count.</b> How often the kernel was told of an inode: once by each entry that
 * answers a lookup, by each file, directory or link that was made, and by each entry of a {@code
 * readdirplus} except {@code .} and {@code ..}; never by {@code readdir}. The kernel gives counts
 * back with {@code forget}, many at once and whenever it likes. As long as one is left, it may ask
 * for that inode: a file that was unlinked, but is open, is still read. With the last count, what
 * belongs to an inode without a name is freed. A filesystem whose inodes never go can ignore all
 * this.
 *
 * <p><b>Handle.</b> A number of the filesystem's own, {@code fh}, that an open or opendir answers
 * and that comes back with whatever is done to that open file, until its {@code release}: an index
 * into a table of open files, say. 0 will do if the inode says it all. Several opens of one inode
 * have each their handle; copies of a descriptor, made by dup or fork, share one. {@code flush}
 * comes at each close of such a copy, {@code release} once, when the last is gone.
 *
 * <p><b>Reply.</b> Each request takes exactly one, out of {@link dev.slabmount.fuse.Replies}; only
 * {@code forget} takes none. The caller sleeps until it comes. What takes long is detached ({@link
 * dev.slabmount.fuse.Request#detach}) and answered later, by any thread. A second reply is refused
 * and counted; a method that throws, or returns without a reply, answers EIO. {@code ENOSYS} is
 * special: it says that there is no such operation, and the kernel asks no more for most of them as
 * long as the mount lives, so it is answered on purpose or not at all.
 *
 * <p><b>Kernel caches.</b> What the kernel remembers, and for how long, is the filesystem's choice:
 *
 * <table>
 *   <caption>What is remembered</caption>
 *   <tr><th>What</th><th>How long</th></tr>
 *   <tr><td>that a name leads to an inode</td>
 *       <td>{@link dev.slabmount.fuse.Entry#entryTimeoutNanos}</td></tr>
 *   <tr><td>that a name leads nowhere</td>
 *       <td>the same, of an entry with inode 0; not at all after ENOENT</td></tr>
 *   <tr><td>size, mode, times</td>
 *       <td>{@link dev.slabmount.fuse.Entry#attributesTimeoutNanos}, and the time that comes with
 *       {@link dev.slabmount.fuse.Replies#attributes}</td></tr>
 *   <tr><td>content, in pages of 4 KiB</td>
 *       <td>until the next open, or beyond it with {@link
 *       dev.slabmount.fuse.OpenedFile#keepCache}; never with {@link
 *       dev.slabmount.fuse.OpenedFile#directIo}</td></tr>
 *   <tr><td>listings</td>
 *       <td>only with {@link dev.slabmount.fuse.OpenedFile#cacheReaddir}</td></tr>
 *   <tr><td>writes that were not passed on yet</td>
 *       <td>only with {@link dev.slabmount.fuse.Feature#WRITEBACK_CACHE}</td></tr>
 * </table>
 *
 * <p>Times are 0 unless set: nothing is believed, everything is asked again. A filesystem that
 * nobody changes but the kernel itself can set them to a day. What changes behind the kernel's back
 * it has to be told through {@link dev.slabmount.fuse.Notifier}, or programs go on seeing the old.
 *
 * <h2>The main types, in reading order</h2>
 *
 * <ol>
 *   <li>{@link dev.slabmount.fuse.FuseMount}: describes, makes and ends a mount; {@link
 *       dev.slabmount.fuse.TransportKind} is what carries its requests.
 *   <li>{@link dev.slabmount.fuse.FileSystem}: the operations, and the answers each of them takes.
 *   <li>{@link dev.slabmount.fuse.Request} and {@link dev.slabmount.fuse.Replies}: who asks, the
 *       scratch to build an answer in, and the ways to answer, at once or later.
 *   <li>{@link dev.slabmount.fuse.Connection}, {@link dev.slabmount.fuse.Feature}, {@link
 *       dev.slabmount.fuse.Notifier}: what is agreed with the kernel, and what it is told.
 *   <li>{@link dev.slabmount.fuse.example.memfs.MemFs}: all of it, in a filesystem that is whole.
 * </ol>
 *
 * <p>Thread rule: the methods of a filesystem run on the mount's workers, several at a time; a
 * request belongs to the worker that called until it is detached. Nothing that a filesystem throws
 * ends a worker or the JVM.
 *
 * <p>Sources for what the kernel does: {@code fuse_lowlevel.h} of libfuse 3, and Linux's {@code
 * fs/fuse/dir.c} and {@code fs/fuse/file.c}.
 */
@NullMarked
package dev.slabmount.fuse;

import org.jspecify.annotations.NullMarked;
