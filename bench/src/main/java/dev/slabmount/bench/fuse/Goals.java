package dev.slabmount.bench.fuse;

import dev.slabmount.fuse.TransportKind;
import java.util.OptionalDouble;

/**
 * Ratios that ours should reach, by transport.
 *
 * @param dev to C, operations per second
 * @param libfuse to C, operations per second
 * @param devToJfuse to jFUSE, operations per second; 0 if nothing is asked for
 * @param libfuseToJfuse to jFUSE, operations per second; 0 if nothing is asked for
 * @param devTime server's processor time for an operation to C's, at most; 0 if nothing is asked
 * @param libfuseTime server's processor time for an operation to C's, at most; 0 if nothing is
 *     asked for
 */
record Goals(
    double dev,
    double libfuse,
    double devToJfuse,
    double libfuseToJfuse,
    double devTime,
    double libfuseTime) {

  /** To C alone. */
  static Goals of(double dev, double libfuse) {
    return new Goals(dev, libfuse, 0, 0, 0, 0);
  }

  /** The same, and to jFUSE. */
  Goals andToJfuse(double onDev, double onLibfuse) {
    return new Goals(dev, libfuse, onDev, onLibfuse, devTime, libfuseTime);
  }

  /** The same, and of the server's processor time. */
  Goals andTime(double onDev, double onLibfuse) {
    return new Goals(dev, libfuse, devToJfuse, libfuseToJfuse, onDev, onLibfuse);
  }

  double toC(TransportKind transport) {
    return transport == TransportKind.DEV ? dev : libfuse;
  }

  OptionalDouble toJfuse(TransportKind transport) {
    return given(transport == TransportKind.DEV ? devToJfuse : libfuseToJfuse);
  }

  OptionalDouble time(TransportKind transport) {
    return given(transport == TransportKind.DEV ? devTime : libfuseTime);
  }

  private static OptionalDouble given(double goal) {
    return goal == 0 ? OptionalDouble.empty() : OptionalDouble.of(goal);
  }
}
