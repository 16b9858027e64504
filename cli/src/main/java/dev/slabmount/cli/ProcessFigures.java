package dev.slabmount.cli;

import dev.slabmount.cli.control.ProcessStatus;

/**
 * What this process holds at one moment; memory in bytes.
 *
 * @param residentBytes memory in RAM, the pool included
 * @param peakResidentBytes the most that ever was
 * @param heapUsedBytes Java's heap in use, garbage that is not collected yet included
 * @param heapCommittedBytes Java's heap that the machine gave
 * @param heapMaxBytes what the heap may grow to
 * @param threads threads, those of the JVM included
 * @param descriptors open descriptors
 */
record ProcessFigures(
    long residentBytes,
    long peakResidentBytes,
    long heapUsedBytes,
    long heapCommittedBytes,
    long heapMaxBytes,
    long threads,
    long descriptors) {

  static ProcessFigures now() {
    final Runtime runtime = Runtime.getRuntime();
    return new ProcessFigures(
        ProcessStatus.residentBytes(),
        ProcessStatus.peakResidentBytes(),
        runtime.totalMemory() - runtime.freeMemory(),
        runtime.totalMemory(),
        runtime.maxMemory(),
        ProcessStatus.threads(),
        ProcessStatus.descriptors());
  }
}
