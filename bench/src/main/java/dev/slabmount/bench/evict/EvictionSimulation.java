package dev.slabmount.bench.evict;

import dev.slabmount.bench.evict.MissRatios.Cell;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Runs every contender on every trace with caches of 1 % and 10 % of the objects.
 *
 * <p>By itself: {@code java -cp bench/target/benchmarks.jar
 * dev.slabmount.bench.evict.EvictionSimulation [OBJECTS REQUESTS]}, by default 100 000 objects and
 * 10 million requests per trace: about a minute on two processors, and 300 MiB of heap.
 */
public final class EvictionSimulation {
  /** Objects that the traces of the table ask for. */
  public static final int OBJECTS = 100_000;

  /** Requests of each trace of the table. */
  public static final int REQUESTS = 10_000_000;

  private static final List<Integer> PERCENTS = List.of(1, 10);
  private static final int THREADS = 2;
  private static final int USAGE = 2;

  private EvictionSimulation() {}

  /** Prints table and verdicts. */
  public static void main(String[] arguments) throws MeasuringException {
    int objects = OBJECTS;
    int requests = REQUESTS;
    if (arguments.length != 0) {
      try {
        objects = Integer.parseInt(arguments[0]);
        requests = Integer.parseInt(arguments[1]);
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        System.err.println("usage: [OBJECTS REQUESTS]");
        System.exit(USAGE);
      }
    }
    run(objects, requests).judge(new Report(System.out));
  }

  /**
   * Runs all of it on two threads.
   *
   * @param objects at least 100
   * @param requests of each trace
   * @throws MeasuringException if it was interrupted or a contender failed
   */
  public static MissRatios run(int objects, int requests) throws MeasuringException {
    List<Cell> cells = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<List<Cell>>> results =
          Stream.of(Trace.values())
              .map(trace -> threads.submit(() -> cells(trace, objects, requests)))
              .toList();
      for (Future<List<Cell>> result : results) {
        cells.addAll(result.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeasuringException("interrupted", e);
    } catch (ExecutionException e) {
      throw new MeasuringException("a simulated cache failed", e);
    }
    return new MissRatios(cells);
  }

  private static List<Cell> cells(Trace trace, int objects, int count) {
    int[] requests = trace.requests(objects, count);
    List<Cell> cells = new ArrayList<>();
    for (int percent : PERCENTS) {
      Map<Contender, Double> ratios = new EnumMap<>(Contender.class);
      for (Contender contender : Contender.values()) {
        long misses = contender.misses(requests, objects, objects * percent / 100);
        ratios.put(contender, (double) misses / count);
      }
      cells.add(new Cell(trace, percent, ratios));
    }
    return cells;
  }
}
