/**
 * How fast a mounted tree is read, beside C programs that do the same: {@code make bench-read}.
 *
 * <p>{@link dev.slabmount.bench.read.ReadBench} runs one {@link dev.slabmount.bench.report.Figure}
 * after the other. In reading order: a {@link dev.slabmount.bench.process.Workplace} owns
 * everything that has to be taken away again, a {@link dev.slabmount.bench.process.Server} is one
 * mount and the process that serves it, a {@link dev.slabmount.bench.report.Contest} measures its
 * contestants in turn and yields {@link dev.slabmount.bench.report.Ratio ratios}, and {@link
 * dev.slabmount.bench.report.Report} prints the lines that are judged. The C programs are in {@code
 * bench/src/c}. {@code docs/perf/read.md} says what each line means and what was seen.
 *
 * <p>Everything runs on the main thread; only a signal's clean-up comes from another one.
 */
@NullMarked
package dev.slabmount.bench.read;

import org.jspecify.annotations.NullMarked;
