#!/bin/sh
# Feeds inputs that Jazzer makes up, guided by which code they reach, to everything that reads what others wrote:
# FUZZ_INPUTS of them (10 million unless given), four of ten to the manifest reader and six to names and extended
# attributes, both at once. First a target with a planted bug has to be found out. An input that makes a target fail is
# kept in vfs/target/fuzz, named, and a failure.
set -u
cd "$(dirname "$0")/.." || exit 1

inputs=${FUZZ_INPUTS:-10000000}
case $inputs in
    '' | *[!0-9]*) echo "fuzz: FUZZ_INPUTS is '$inputs', not a number" >&2; exit 2 ;;
esac
manifest=dev.slabmount.vfs.manifest.ManifestFuzz
names=dev.slabmount.vfs.NameFuzz
planted=dev.slabmount.vfs.fuzz.PlantedBug
folder=vfs/target/fuzz

JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
scripts/mvn.sh --terse -Pfuzz -pl vfs -am test-compile \
    dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile=target/fuzz.classpath || exit 1
rm -rf "$folder"
mkdir -p "$folder" || exit 1
classpath=vfs/target/test-classes:vfs/target/classes:$(cat vfs/target/fuzz.classpath)

java() {
    # Jazzer keeps its counters with Unsafe; slabmount itself runs without.
    exec "$JAVA_HOME/bin/java" -Xmx1g -ea --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -cp "$classpath" "$@"
}

# fuzz TARGET INPUTS: its messages go to a log; 0 if nothing was found, 77 if something was. Like 'java' it becomes the
# JVM, so it is for subshells.
fuzz() {
    name=${1##*.}
    java com.code_intelligence.jazzer.Jazzer --target_class="$1" \
        --instrumentation_includes='dev.slabmount.vfs.**' --disabled_hooks='*' --reproducer_path="$folder" \
        -runs="$2" -max_len=2048 -timeout=20 -rss_limit_mb=0 -dict="$folder/$name.dict" \
        -artifact_prefix="$folder/$name-" "$folder/$name" >"$folder/$name.log" 2>&1
}

(java dev.slabmount.vfs.fuzz.Corpus "$folder") || exit 1
(fuzz $planted 1000000)
if [ $? -ne 77 ]; then
    echo "fuzz: the planted bug was not found; $folder/PlantedBug.log says what happened" >&2
    exit 1
fi
echo "PlantedBug: found, as it has to be"

# What a shell starts in the background ignores SIGINT, so it is ended by hand.
of_manifest=$((inputs * 4 / 10))
(fuzz $manifest "$of_manifest") &
manifest_pid=$!
(fuzz $names $((inputs - of_manifest))) &
names_pid=$!
trap 'kill "$manifest_pid" "$names_pid" 2>/dev/null; exit 130' INT TERM HUP
wait "$manifest_pid"
manifest_code=$?
wait "$names_pid"
names_code=$?
failed=0
for target in $manifest $names; do
    name=${target##*.}
    code=$manifest_code
    [ "$target" = $names ] && code=$names_code
    asked=$of_manifest
    [ "$target" = $names ] && asked=$((inputs - of_manifest))
    done_runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$folder/$name.log")
    if [ "$code" -eq 0 ] && [ "${done_runs:-0}" -lt "$asked" ]; then
        failed=1
        echo "$name: ENDED EARLY, after ${done_runs:-no} of $asked inputs" >&2
        echo "$name: the whole log is $folder/$name.log" >&2
    elif [ "$code" -eq 0 ]; then
        echo "$name: $done_runs inputs, no failure"
    else
        failed=1
        echo "$name: FAILED (exit code $code)" >&2
        sed -n '/== Java Exception/,/^$/p; /Test unit written to/p' "$folder/$name.log" >&2
        echo "$name: the whole log is $folder/$name.log" >&2
    fi
done
exit "$failed"
