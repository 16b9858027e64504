package dev.slabmount.bench.report;

/**
 * One line of a table of goals, or a few that are measured together.
 *
 * @param <P> where it is measured: what owns the processes and files that a figure makes
 */
public interface Figure<P> {
  /** Its name in the report; a regular expression on the command line chooses by it. */
  String name();

  /** Seconds that all of its rounds take on a quick machine; time is shared out by them. */
  int seconds();

  /**
   * Measures and reports. Whatever it starts or makes belongs to the place.
   *
   * @param allowance after which no more than the least is measured
   * @throws MeasuringException if something does not work at all; figures that miss their goal are
   *     reported, not thrown
   */
  void measure(P place, Report report, Allowance allowance) throws MeasuringException;
}
