#!/bin/sh
# Measures filesystems on fuse-ffm beside C and other Java bindings (docs/perf/fuse.md). Arguments are passed on:
#
#   bench-fuse.sh [--only REGEX] [--transport libfuse|dev]
#
# Exit code 0 when all was measured, whether or not the goals were reached; 2 for bad arguments. Ends within 20 minutes.
# Nothing is left behind.
set -u
started=$(date +%s)
cd "$(dirname "$0")/.." || exit 1

# From here to the end are 20 minutes at most, setting up and building included. Figures share what is left by
# measuring fewer rounds; what takes longer in spite of that is ended.
whole_seconds=1200
clean_up_seconds=30 # for removing what was made, at the end
margin_seconds=50   # for the round that takes longer than those before it

scripts/setup.sh tests || exit 1
scripts/setup.sh peers || echo "# without libfuse2 there is nothing of jnr-fuse"
scripts/mvn.sh --terse package -DskipTests || exit 1
bench/src/c/build.sh || exit 1
JAVA_HOME=$(scripts/find-jdk.sh) || exit 1

# All temporary files and mounts of the run lie in one folder, and all of its processes carry one mark.
run_dir=$(mktemp -d "${TMPDIR:-/tmp}/slabmount-bench.XXXXXX") || exit 1
mark=$(basename "$run_dir")
mkdir "$run_dir/work" || exit 1
clean_up() {
    rm -rf --one-file-system "$run_dir/work"
    scripts/leftovers.sh "$mark" "$run_dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

passed_seconds=$(($(date +%s) - started))
deadline_seconds=$((whole_seconds - clean_up_seconds - passed_seconds))
if [ "$deadline_seconds" -le "$margin_seconds" ]; then
    echo "bench-fuse: no time left after $passed_seconds s of setting up and building; run it again" >&2
    exit 1
fi

# In the background, so that a signal to this script is acted upon at once.
SLABMOUNT_RUN=$mark TMPDIR=$run_dir/work timeout --kill-after=10 "$deadline_seconds" \
    "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:-UsePerfData --enable-native-access=ALL-UNNAMED \
    "-Djava.io.tmpdir=$run_dir/work" -cp bench/target/benchmarks.jar dev.slabmount.bench.fuse.FuseBench \
    "$run_dir/work" "$((deadline_seconds - margin_seconds))" "$@" &
running=$!
trap 'kill -TERM "$running" 2>/dev/null; wait "$running"; exit 130' INT TERM HUP
wait "$running"
outcome=$?
[ "$outcome" -ne 124 ] || echo "bench-fuse: not finished after $deadline_seconds s, ended" >&2
trap - EXIT
clean_up || outcome=1
exit "$outcome"
