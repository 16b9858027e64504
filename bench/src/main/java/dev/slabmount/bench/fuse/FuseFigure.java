package dev.slabmount.bench.fuse;

import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Figure;
import java.util.List;

/** A figure of this bench, which knows what its lines are called. */
interface FuseFigure extends Figure<Workplace> {
  /** What its lines that are no comments begin with, each once for each transport. */
  List<String> rows();
}
