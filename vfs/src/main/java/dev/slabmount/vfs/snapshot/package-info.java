/**
 * Takes snapshots: turns a folder into a manifest and the objects that it names.
 *
 * <p>In reading order:
 *
 * <ol>
 *   <li>{@link dev.slabmount.vfs.snapshot.Snapshotter}, the entry point, with its {@link
 *       dev.slabmount.vfs.snapshot.SnapshotRequest request} and {@link
 *       dev.slabmount.vfs.snapshot.SnapshotReport report}.
 *   <li>{@link dev.slabmount.vfs.snapshot.Unsayable} and {@link
 *       dev.slabmount.vfs.snapshot.UnsayableKind}: what a manifest cannot say of a tree.
 *   <li>{@code TreeScanner}: the first pass, which looks at every entry and reads no file.
 *   <li>{@code StoringRun} and {@code FileStorer}: the second pass, which reads every file, on many
 *       threads.
 * </ol>
 *
 * <p>File names are bytes here. {@link dev.slabmount.vfs.snapshot.TreePath} keeps those that are no
 * text; {@code PathBytes} gets them out of the JDK's paths, whatever the locale.
 *
 * <p><b>Threads:</b> a snapshot runs on the thread that asks for it and on threads of its own that
 * end before it does. {@link dev.slabmount.vfs.snapshot.SnapshotProgress} may be watched from any
 * thread.
 */
@NullMarked
package dev.slabmount.vfs.snapshot;

import org.jspecify.annotations.NullMarked;
