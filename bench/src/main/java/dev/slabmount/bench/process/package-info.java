/**
 * What every bench has that starts other programs: a {@link dev.slabmount.bench.process.Workplace}
 * owns everything that has to be taken away again, a {@link dev.slabmount.bench.process.Server} is
 * one mount and the process that serves it, a {@link dev.slabmount.bench.process.Command} runs to
 * its end, a {@link dev.slabmount.bench.process.Processor} is what several are pinned to.
 *
 * <p>Everything runs on the main thread; only a signal's clean-up comes from another one.
 */
@NullMarked
package dev.slabmount.bench.process;

import org.jspecify.annotations.NullMarked;
