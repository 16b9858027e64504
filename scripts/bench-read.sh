#!/bin/sh
# Measures how fast a mounted tree is read, beside C filesystems (docs/perf/read.md). Arguments are passed on:
#
#   bench-read.sh [--only REGEX] [--transport libfuse|dev]
#
# Exit code 0 when all was measured, whether or not the goals were reached; 2 for bad arguments. Ends within 15 minutes.
# Nothing is left behind.
set -u
cd "$(dirname "$0")/.." || exit 1
whole_seconds=900
clean_up_seconds=30
margin_seconds=50
. scripts/bench-frame.sh

scripts/setup.sh tests || exit 1
scripts/mvn.sh --terse package -DskipTests || exit 1
bench/src/c/build.sh || exit 1

begin_run
run_java dev.slabmount.bench.read.ReadBench "$work" "$left_seconds" "$@"
