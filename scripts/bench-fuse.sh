#!/bin/sh
# Measures filesystems on fuse-ffm beside C and other Java bindings (docs/perf/fuse.md). Arguments are passed on:
#
#   bench-fuse.sh [--only REGEX] [--transport libfuse|dev]
#
# Exit code 0 when all was measured, whether or not the goals were reached; 1 when something was not, also because the time
# was over; 2 for bad arguments. Ends within 20 minutes. Nothing is left behind.
set -u
cd "$(dirname "$0")/.." || exit 1
whole_seconds=1200
clean_up_seconds=30
margin_seconds=50
. scripts/bench-frame.sh

scripts/setup.sh tests || exit 1
scripts/setup.sh peers || echo "# without libfuse2 there is nothing of jnr-fuse"
scripts/mvn.sh --terse package -DskipTests || exit 1
bench/src/c/build.sh || exit 1

begin_run
run_java dev.slabmount.bench.fuse.FuseBench "$work" "$left_seconds" "$@"
