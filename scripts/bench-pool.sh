#!/bin/sh
# Measures the block pool beside what it is compared with (docs/perf/pool.md). Arguments are passed on:
#
#   bench-pool.sh [--only REGEX]
#
# Exit code 0 when all was measured, whether or not the goals were reached; 2 for bad arguments. Ends within 15 minutes.
# Nothing is left behind.
set -u
cd "$(dirname "$0")/.." || exit 1
whole_seconds=900
clean_up_seconds=15
margin_seconds=60
. scripts/bench-frame.sh

scripts/setup.sh profile || echo "# perf or strace is missing; calls of the system are counted with what is there"
scripts/mvn.sh --terse package -DskipTests || exit 1

begin_run
# JMH uses what the JDK would warn of.
run_java --sun-misc-unsafe-memory-access=allow dev.slabmount.bench.pool.PoolBench "$left_seconds" "$@"
