package dev.slabmount.bench.read;

/** One line of the table of goals, or a few that are measured together. */
interface Figure {
  /** Its name in the report; a regular expression on the command line chooses by it. */
  String name();

  /** Seconds that all of its rounds take on a quick machine; time is shared out by them. */
  int seconds();

  /**
   * Measures and reports. Whatever it starts or makes belongs to the workplace.
   *
   * @param allowance after which no more than the least is measured
   * @throws MeasuringException if something does not work at all; figures that miss their goal are
   *     reported, not thrown
   */
  void measure(Workplace place, Report report, Allowance allowance) throws MeasuringException;
}
