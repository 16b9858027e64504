package dev.slabmount.fuse;

/**
 * How often an operation was answered since the mount began, and how long that took: from the
 * moment when its request was received to the moment when its answer was sent, by whomever.
 *
 * <p>Times are nanoseconds and at most an eighth too long; the highest is exact.
 *
 * @param operation name of the method of {@link FileSystem}
 * @param count answers, errors included
 * @param medianNanos half of them took no longer
 * @param p90Nanos nine of ten
 * @param p99Nanos 99 of 100
 * @param p999Nanos 999 of 1000
 * @param maxNanos all of them
 */
public record OperationStats(
    String operation,
    long count,
    long medianNanos,
    long p90Nanos,
    long p99Nanos,
    long p999Nanos,
    long maxNanos) {}
