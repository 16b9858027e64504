#!/bin/sh
# Feeds inputs that Jazzer makes up, guided by which code they reach, to everything that reads what others wrote.
# FUZZ_INPUTS (10 million unless given) go to the binding, half of them to the requests of /dev/fuse and half to the upcalls
# of libfuse; on top of these a tenth as many to the manifest reader, two tenths to names and extended attributes. Two targets
# at a time. First each target with a planted bug has to be found out. An input that makes a target fail is kept in
# vfs/target/fuzz, named, and a failure.
set -u
cd "$(dirname "$0")/.." || exit 1

inputs=${FUZZ_INPUTS:-10000000}
case $inputs in
    '' | *[!0-9]*) echo "fuzz: FUZZ_INPUTS is '$inputs', not a number" >&2; exit 2 ;;
    0* | ??????????*)
        echo "fuzz: FUZZ_INPUTS is '$inputs'; it has to be 10 to 999999999, without a 0 in front" >&2
        exit 2
        ;;
esac
if [ "$inputs" -lt 10 ]; then
    echo "fuzz: FUZZ_INPUTS is $inputs; of fewer than 10 a target would get none" >&2
    exit 2
fi
manifest=dev.slabmount.vfs.manifest.ManifestFuzz
names=dev.slabmount.vfs.NameFuzz
wire=dev.slabmount.fuse.dev.WireFuzz
upcalls=dev.slabmount.fuse.libfuse.UpcallFuzz
planted="dev.slabmount.vfs.fuzz.PlantedBug dev.slabmount.fuse.dev.PlantedWireFuzz dev.slabmount.fuse.libfuse.PlantedUpcallFuzz"
folder=vfs/target/fuzz

JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
scripts/mvn.sh --terse -Pfuzz -pl vfs -am test-compile \
    dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile=target/fuzz.classpath || exit 1
rm -rf "$folder"
mkdir -p "$folder" || exit 1
classpath=vfs/target/test-classes:vfs/target/classes:fuse-ffm/target/test-classes:$(cat vfs/target/fuzz.classpath)

java() {
    # Jazzer keeps its counters with Unsafe; slabmount itself runs without.
    exec "$JAVA_HOME/bin/java" -Xmx1g -ea --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -XX:ErrorFile="$folder/hs_err_%p.log" -cp "$classpath" dev.slabmount.fuse.libfuse.UpcallThread "$@"
}

# fuzz TARGET INPUTS: its messages go to a log; 0 if nothing was found, 77 if something was. Like 'java' it becomes the
# JVM, so it is for subshells.
fuzz() {
    name=${1##*.}
    java com.code_intelligence.jazzer.Jazzer --target_class="$1" \
        --instrumentation_includes='dev.slabmount.vfs.**:dev.slabmount.fuse.**' --disabled_hooks='*' \
        --reproducer_path="$folder" \
        -runs="$2" -max_len=2048 -timeout=20 -rss_limit_mb=0 -dict="$folder/$name.dict" \
        -artifact_prefix="$folder/$name-" "$folder/$name" >"$folder/$name.log" 2>&1
}

# judge TARGET CODE INPUTS: says how the run of a target ended; 0 if as it should.
judge() {
    name=${1##*.}
    done_runs=$(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) .*/\1/p' "$folder/$name.log")
    took=$(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) .*/\2/p' "$folder/$name.log")
    seed=$(sed -n 's/^INFO: Seed: *//p' "$folder/$name.log" | head -n 1)
    if [ "$2" -eq 0 ] && [ "${done_runs:-0}" -ge "$3" ]; then
        echo "$name: $done_runs inputs, no failure (seed $seed, $took s)"
        return 0
    fi
    if [ "$2" -eq 0 ]; then
        echo "$name: ENDED EARLY, after ${done_runs:-no} of $3 inputs" >&2
    else
        echo "$name: FAILED (exit code $2, seed $seed)" >&2
        sed -n '/== Java Exception/,/^$/p; /Test unit written to/p' "$folder/$name.log" >&2
    fi
    echo "$name: the whole log is $folder/$name.log" >&2
    return 1
}

# shellcheck disable=SC2086 # a list of classes
(java dev.slabmount.vfs.fuzz.Corpus "$folder" $manifest $names $wire $upcalls $planted) >"$folder/corpus.log" 2>&1
if [ ! -e "$folder/PlantedUpcallFuzz.dict" ]; then
    cat "$folder/corpus.log" >&2
    exit 1
fi
for target in $planted; do
    (fuzz "$target" 1000000)
    if [ $? -ne 77 ]; then
        echo "fuzz: the planted bug was not found; $folder/${target##*.}.log says what happened" >&2
        exit 1
    fi
    echo "${target##*.}: found, as it has to be"
done

# both TARGET INPUTS TARGET INPUTS: what a shell starts in the background ignores SIGINT, so it is ended by hand.
failed=0
both() {
    (fuzz "$1" "$2") &
    first_pid=$!
    (fuzz "$3" "$4") &
    second_pid=$!
    trap 'kill "$first_pid" "$second_pid" 2>/dev/null; exit 130' INT TERM HUP
    wait "$first_pid"
    judge "$1" $? "$2" || failed=1
    wait "$second_pid"
    judge "$3" $? "$4" || failed=1
}
of_manifest=$((inputs / 10))
of_names=$((inputs * 2 / 10))
of_wire=$((inputs / 2))
both $manifest "$of_manifest" $wire "$of_wire"
both $names "$of_names" $upcalls $((inputs - of_wire))
exit "$failed"
