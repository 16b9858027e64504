/**
 * How fast filesystems on this binding are, beside C and other Java bindings: {@code make
 * bench-fuse}.
 *
 * <p>{@link dev.slabmount.bench.fuse.FuseBench} runs one {@link dev.slabmount.bench.report.Figure}
 * after the other. In reading order: a {@link dev.slabmount.bench.fuse.Setting} says how all
 * filesystems of a figure are mounted, a {@link dev.slabmount.bench.fuse.Lineup} is all of their
 * servers, a {@link dev.slabmount.bench.fuse.Load} is what is done to each of them and what should
 * come out, a {@link dev.slabmount.bench.fuse.Slice} is what one turn showed, and {@link
 * dev.slabmount.bench.fuse.LoadFigure} lets them take turns. The C programs, {@code memfs} and
 * {@code load}, are in {@code bench/src/c}, the other bindings' servers in {@link
 * dev.slabmount.bench.peer}. {@code docs/perf/fuse.md} says what each line means.
 *
 * <p>Everything runs on the main thread; only a signal's clean-up comes from another one.
 */
@NullMarked
package dev.slabmount.bench.fuse;

import org.jspecify.annotations.NullMarked;
