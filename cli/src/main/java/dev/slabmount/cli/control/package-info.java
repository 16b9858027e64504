/**
 * How commands find and ask the mounts that run: a private socket for each, and a folder to find
 * them in.
 *
 * <pre>
 *   slabmount mount                                   slabmount list, stats, unmount
 *     {@link dev.slabmount.cli.control.ControlServer}  one thread        {@link dev.slabmount.cli.control.Registry}  finds the records, and who is dead
 *       │ binds and writes, mode 0600                   │ reads
 *       ▼                                               ▼
 *     {@link dev.slabmount.cli.control.RuntimeFolder}, mode 0700:  1234.sock  the socket
 *                                     1234.json  the {@link dev.slabmount.cli.control.MountRecord}
 * </pre>
 *
 * <p>A client writes one line, gets one answer and the end of the stream. Whoever may connect is
 * this user: the folder and the socket let nobody else in. All the same nothing that a client does
 * or fails to do holds up the mount or another client.
 *
 * <p>A record outlives a process that is killed. It is dead when neither its socket answers nor its
 * process runs; it is kept while its mount is still there, so that it can be shown, and removed by
 * whoever looks next after that.
 *
 * <p><b>Threads:</b> the server has one thread of its own; everything else belongs to its caller.
 */
@NullMarked
package dev.slabmount.cli.control;

import org.jspecify.annotations.NullMarked;
