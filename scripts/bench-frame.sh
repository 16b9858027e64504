# The frame of benchmarks that must end in time and leave nothing behind; read by bench-read.sh, bench-pool.sh and
# bench-fuse.sh, from the project's folder. Whoever reads it sets
#
#   whole_seconds     from here to the end, setting up and building included
#   clean_up_seconds  of these, for removing what was made, at the end
#   margin_seconds    of these, for the round that takes longer than those before it
#
# and calls begin_run when all is built, then run_java, which ends the script. Figures share what is left by measuring
# fewer rounds, but for those of bench-fuse.sh, of which fewer rounds are none; what takes longer in spite of that is ended.
started=$(date +%s)
bench=$(basename "$0" .sh)

# begin_run: makes $work, the folder for all temporary files and mounts; all processes of the run carry one mark. Sets
# left_seconds, which measuring may take.
begin_run() {
    JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
    run_dir=$(mktemp -d "${TMPDIR:-/tmp}/slabmount-bench.XXXXXX") || exit 1
    mark=$(basename "$run_dir")
    work=$run_dir/work
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    mkdir "$work" || exit 1
    passed_seconds=$(($(date +%s) - started))
    deadline_seconds=$((whole_seconds - clean_up_seconds - passed_seconds))
    left_seconds=$((deadline_seconds - margin_seconds))
    if [ "$left_seconds" -le 0 ]; then
        echo "$bench: no time left after $passed_seconds s of setting up and building; run it again" >&2
        exit 1
    fi
}

clean_up() {
    rm -rf --one-file-system "$work"
    scripts/leftovers.sh "$mark" "$run_dir"
}

# run_java WORD...: runs the benchmarks' JVM with these options, class and arguments until the deadline, cleans up and
# exits with its code. In the background, so that a signal to this script is acted upon at once.
run_java() {
    SLABMOUNT_RUN=$mark TMPDIR=$work timeout --kill-after=10 "$deadline_seconds" \
        "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:-UsePerfData --enable-native-access=ALL-UNNAMED \
        "-Djava.io.tmpdir=$work" -cp bench/target/benchmarks.jar "$@" &
    running=$!
    trap 'kill -TERM "$running" 2>/dev/null; wait "$running"; exit 130' INT TERM HUP
    wait "$running"
    outcome=$?
    [ "$outcome" -ne 124 ] || echo "$bench: not finished after $deadline_seconds s, ended" >&2
    trap - EXIT
    clean_up || outcome=1
    exit "$outcome"
}
