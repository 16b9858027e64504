package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.OperationStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How long answers took, by operation: histograms of eight buckets for each power of two.
 *
 * <pre>
 *   nanoseconds   0 1 .. 7 | 8 9 .. 15 | 16 18 .. 30 | 32 36 .. 60 | ... up to 2^40, 18 minutes
 *   index         0 1 .. 7 | 8 9 .. 15 | 16 17 .. 23 | 24 25 .. 31 | ... 311
 * </pre>
 *
 * <p>Threads spread over stripes by their number, so that two workers, whose numbers follow each
 * other, do not write to the same line. A histogram of 2.5 KiB is made when an operation is first
 * answered on its stripe; after that recording allocates nothing and costs one addition that nobody
 * contends for. HdrHistogram's recorders would take two histograms of about 20 KiB each for the
 * same range and accuracy, for each operation and worker.
 *
 * <p>Thread-safe.
 */
public final class Latencies {
  private static final int SUB_BITS = 3;
  private static final int SUB_BUCKETS = 1 << SUB_BITS;
  private static final int LARGEST_EXPONENT = 40;
  private static final int BUCKETS = (LARGEST_EXPONENT - SUB_BITS + 2) * SUB_BUCKETS;
  private static final int MAX_AT = BUCKETS; // behind the buckets: the longest exactly

  private static final Operation[] OPERATIONS = Operation.values();

  private final int stripes;
  private final AtomicReferenceArray<AtomicLongArray> histograms;

  /** Creates empty histograms. */
  public Latencies() {
    stripes = Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors());
    histograms = new AtomicReferenceArray<>(stripes * OPERATIONS.length);
  }

  /** An operation was answered after so long. */
  @SuppressWarnings("EnumOrdinal") // an index into our own array
  void record(Operation operation, long nanos) {
    int stripe = (int) Thread.currentThread().threadId() & (stripes - 1);
    int at = stripe * OPERATIONS.length + operation.ordinal();
    AtomicLongArray histogram = histograms.get(at);
    if (histogram == null) {
      histograms.compareAndSet(at, null, new AtomicLongArray(BUCKETS + 1));
      histogram = histograms.get(at);
    }
    histogram.incrementAndGet(bucketOf(nanos));
    long longest = histogram.get(MAX_AT);
    while (nanos > longest && !histogram.compareAndSet(MAX_AT, longest, nanos)) {
      longest = histogram.get(MAX_AT);
    }
  }

  /** The bucket of a duration; negative ones count as none. */
  static int bucketOf(long nanos) {
    if (nanos < SUB_BUCKETS) {
      return (int) Math.max(0, nanos);
    }
    int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
    if (exponent > LARGEST_EXPONENT) {
      return BUCKETS - 1;
    }
    int sub = (int) (nanos >>> (exponent - SUB_BITS)) & (SUB_BUCKETS - 1);
    return (exponent - SUB_BITS + 1) * SUB_BUCKETS + sub;
  }

  /** The longest duration in a bucket, in nanoseconds. */
  static long endOf(int bucket) {
    if (bucket < SUB_BUCKETS) {
      return bucket;
    }
    int shift = bucket / SUB_BUCKETS - 1;
    return ((long) (SUB_BUCKETS + bucket % SUB_BUCKETS + 1) << shift) - 1;
  }

  /** Figures of all operations that were ever answered, in the order of their numbers. */
  @SuppressWarnings("EnumOrdinal") // as above
  public List<OperationStats> stats() {
    List<OperationStats> all = new ArrayList<>();
    for (Operation operation : OPERATIONS) {
      long[] sum = new long[BUCKETS];
      long count = 0;
      long longest = 0;
      for (int stripe = 0; stripe < stripes; stripe++) {
        AtomicLongArray each = histograms.get(stripe * OPERATIONS.length + operation.ordinal());
        for (int i = 0; each != null && i < BUCKETS; i++) {
          long here = each.get(i);
          sum[i] += here;
          count += here;
        }
        longest = each == null ? longest : Math.max(longest, each.get(MAX_AT));
      }
      if (count > 0) {
        all.add(
            new OperationStats(
                operation.method(),
                count,
                quantile(sum, count, 500, longest),
                quantile(sum, count, 900, longest),
                quantile(sum, count, 990, longest),
                quantile(sum, count, 999, longest),
                longest));
      }
    }
    return all;
  }

  private static long quantile(long[] sum, long count, int ofThousand, long longest) {
    long wanted = (count * ofThousand + 999) / 1000;
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += sum[i];
      if (seen >= wanted) {
        return Math.min(longest, endOf(i));
      }
    }
    return longest;
  }
}
