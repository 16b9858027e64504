/**
 * What every table of goals needs: {@link dev.slabmount.bench.report.Figures} runs one {@link
 * dev.slabmount.bench.report.Figure} after the other and gives each its {@link
 * dev.slabmount.bench.report.Allowance} of the time, a {@link dev.slabmount.bench.report.Contest}
 * measures contestants in turn and yields {@link dev.slabmount.bench.report.Ratio ratios}, and
 * {@link dev.slabmount.bench.report.Report} prints the lines that are judged.
 *
 * <p>One thread.
 */
@NullMarked
package dev.slabmount.bench.report;

import org.jspecify.annotations.NullMarked;
