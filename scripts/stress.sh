#!/bin/sh
# Puts the block pool under stress. First every planted bug has to be found. Then random operations beside a model, one
# thread, STRESS_SEEDS seeds (10 000 unless given). Then many threads at once, with pools closed under their hands, for
# STRESS_SECONDS (120 unless given) each in the interpreter, with C1 alone and with C2 alone, which order memory differently.
# One line per run, which ends in PASS or FAIL and names the seed; a run that hangs prints the stacks of its threads. Exits
# 1 after a FAIL. STRESS_SEED= repeats random numbers.
set -u
cd "$(dirname "$0")/.." || exit 1

seeds=${STRESS_SEEDS:-10000}
seconds=${STRESS_SECONDS:-120}
case $seeds$seconds in
    *[!0-9]*) echo "stress: STRESS_SEEDS=$seeds and STRESS_SECONDS=$seconds have to be whole numbers" >&2; exit 2 ;;
esac

JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
scripts/mvn.sh --terse -pl core -am test-compile \
    dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile=target/stress.classpath || exit 1
classpath=core/target/test-classes:core/target/classes:$(cat core/target/stress.classpath)
log=core/target/stress.log
: >"$log" || exit 1
failed=0

# part NAME LIMIT OPTIONS ARGUMENT...: runs one part of StressCommand and prints its lines after NAME. Past LIMIT seconds
# the JVM prints the stacks of its threads and is ended.
part() {
    name=$1
    limit=$2
    options=$3
    shift 3
    # $options is a list of words on purpose. In the foreground, so that Ctrl-C ends it.
    timeout --foreground --signal=QUIT --kill-after=10 "$limit" \
        "$JAVA_HOME/bin/java" $options -Xmx1g -ea --enable-native-access=ALL-UNNAMED \
        ${STRESS_SEED:+"-Dslabmount.test.seed=$STRESS_SEED"} -XX:ErrorFile=core/target/hs_err_%p.log \
        -cp "$classpath" dev.slabmount.core.stress.StressCommand "$@" >"$log.part" 2>>"$log"
    code=$?
    cat "$log.part" >>"$log"
    sed -n "s/^.*: \(PASS\|FAIL\)\$/$name: &/p" "$log.part"
    if [ "$code" -ne 0 ]; then
        failed=1
        echo "$name: exit code $code; $log says what happened, its end is:" >&2
        tail -n 60 "$log" >&2
    fi
}

part planted 300 "" planted
part model 1200 "" model "$seeds"
part interpreter $((seconds + 180)) -Xint threads "$seconds"
part C1 $((seconds + 180)) -XX:TieredStopAtLevel=1 threads "$seconds"
part C2 $((seconds + 180)) -XX:-TieredCompilation threads "$seconds"
rm -f "$log.part"
[ "$failed" -eq 0 ] || { echo "stress: FAILED" >&2; exit 1; }
echo "stress: passed"
