package dev.slabmount.bench.fuse;

import dev.slabmount.bench.fuse.LoadFigure.Content;
import dev.slabmount.bench.fuse.LoadFigure.Preparation;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.Figures;
import java.util.List;

/** All figures and their goals. */
final class Table {
  private static final int JOBS = 4;
  private static final int ENTRIES = 20_000;
  private static final int SMALL_FILES = 2_000;

  private Table() {}

  /** All of them, in the order in which they are measured. */
  static Figures<Workplace> figures() {
    return new Figures<>(List.<Figure<Workplace>>copyOf(all()));
  }

  /** The same, each with what its lines are called. */
  static List<FuseFigure> all() {
    return List.of(
        new HeapFigure(),
        new StartFigure(),
        randomOnOneProcessor(),
        randomJobs(),
        statOnOneProcessor(),
        statThreads(),
        sequential(),
        list(),
        smallFiles(),
        new KillPrivileges());
  }

  private static FuseFigure randomOnOneProcessor() {
    return new LoadFigure(
        "random-4k-one-cpu",
        75,
        Setting.onOneProcessor(),
        new Content(1, 64, 0),
        List.of(
            Load.timed(
                "random-4k-one-cpu-read", "read", 1, Goals.of(1.0, 0.95).andTime(0.95, 1.05)),
            Load.timed("random-4k-one-cpu-write", "write", 1, Goals.of(1.0, 0.95))),
        Preparation.NONE);
  }

  private static FuseFigure randomJobs() {
    return new LoadFigure(
        "random-4k-4-jobs",
        75,
        Setting.unpinned(),
        new Content(JOBS, 32, 0),
        List.of(
            Load.timed(
                "random-4k-4-jobs-read", "read", JOBS, Goals.of(1.1, 0.9).andToJfuse(1.7, 1.3)),
            Load.timed("random-4k-4-jobs-write", "write", JOBS, Goals.of(1.05, 0.9))),
        Preparation.NONE);
  }

  private static FuseFigure statOnOneProcessor() {
    Setting setting = Setting.onOneProcessor();
    return new LoadFigure(
        "stat-one-cpu",
        45,
        setting.keeping(0, setting.entrySeconds()),
        new Content(1, 1, 0),
        List.of(Load.timed("stat-one-cpu", "stat", 1, Goals.of(1.05, 0.93))),
        Preparation.NONE);
  }

  private static FuseFigure statThreads() {
    Setting setting = Setting.unpinned();
    return new LoadFigure(
        "stat-4-threads",
        45,
        setting.keeping(0, setting.entrySeconds()),
        new Content(JOBS, 1, 0),
        List.of(Load.timed("stat-4-threads", "stat", JOBS, Goals.of(1.05, 0.88))),
        Preparation.NONE);
  }

  private static FuseFigure sequential() {
    return new LoadFigure(
        "sequential-1m",
        75,
        Setting.unpinned(),
        new Content(1, 256, 0),
        List.of(
            Load.timed(
                "sequential-1m-read",
                "read-through",
                0,
                Goals.of(0.97, 0.97).andToJfuse(1.2, 1.15)),
            Load.timed("sequential-1m-write", "write-through", 0, Goals.of(0.95, 0.9))),
        Preparation.NONE);
  }

  private static FuseFigure list() {
    return new LoadFigure(
        "list-lstat-20k-cold",
        110,
        Setting.unpinned().keeping(ColdKernel.TIMEOUT_SECONDS, ColdKernel.TIMEOUT_SECONDS),
        new Content(1, 1, ENTRIES),
        List.of(
            Load.counted(
                "list-lstat-20k-cold", "list", ENTRIES, Goals.of(0.9, 0.8).andToJfuse(5, 4))),
        new ColdKernel());
  }

  private static FuseFigure smallFiles() {
    return new LoadFigure(
        "small-files",
        60,
        Setting.unpinned(),
        new Content(1, 1, 0),
        List.of(
            Load.counted("small-files-create", "create", SMALL_FILES, Goals.of(0.9, 0.8)),
            Load.counted("small-files-open-read-close", "small", SMALL_FILES, Goals.of(0.9, 0.8)),
            Load.counted("small-files-unlink", "unlink", SMALL_FILES, Goals.of(0.9, 0.8))),
        Preparation.NONE);
  }
}
