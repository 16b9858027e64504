/**
 * What POSIX and Linux promise of any directory, as tests that know only its path. They run on the
 * local directory for temporary files, which proves the tests, and on a {@link
 * dev.slabmount.fuse.example.memfs.MemFs} in a process of its own, over both transports and with
 * several kinds of caching.
 *
 * <ol>
 *   <li>{@link dev.slabmount.fuse.posix.Place}: where the tests run.
 *   <li>{@link dev.slabmount.fuse.posix.Posix}: system calls, with their errors.
 *   <li>{@link dev.slabmount.fuse.posix.OnAnyDirectory}: what all of these tests have in common.
 * </ol>
 */
package dev.slabmount.fuse.posix;
