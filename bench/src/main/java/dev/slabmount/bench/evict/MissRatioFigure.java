package dev.slabmount.bench.evict;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;

/**
 * The lines about miss ratios. Counts, and does not measure time: other load does not change them.
 *
 * @param <P> anything; it is not needed
 */
public final class MissRatioFigure<P> implements Figure<P> {
  private static final int SECONDS = 75;

  /** The figure with the traces of the table. */
  public MissRatioFigure() {}

  @Override
  public String name() {
    return "miss-ratio";
  }

  @Override
  public int seconds() {
    return SECONDS;
  }

  @Override
  public void measure(P place, Report report, Allowance allowance) throws MeasuringException {
    EvictionSimulation.run(EvictionSimulation.OBJECTS, EvictionSimulation.REQUESTS).judge(report);
  }
}
