/**
 * The {@code slabmount} command.
 *
 * <p>Entry point: {@link dev.slabmount.cli.Slabmount}. Then, in reading order: {@link
 * dev.slabmount.cli.ExitCode}, every way the command can end; {@link
 * dev.slabmount.cli.CommandFailure}, which carries such an end and its one line from anywhere to
 * the edge; and one class per subcommand, named after it. A subcommand checks what it was given,
 * builds the parts it needs from the rooms below, and translates their exceptions into command
 * failures. It holds no behaviour that somebody without a command line would miss.
 *
 * <p>How {@code list}, {@code stats} and {@code unmount} find mounts that run is in {@code
 * dev.slabmount.cli.control}.
 *
 * <p>Nothing here is called by two threads, except where a class says so: signals reach a mount
 * through a shutdown hook, and questions about it come on a thread of the control server's.
 */
@NullMarked
package dev.slabmount.cli;

import org.jspecify.annotations.NullMarked;
