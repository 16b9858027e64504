#!/bin/sh
# Mounts MemFs, fuse-ffm's example of a whole filesystem, and serves it until it is unmounted.
#
#   memfs.sh MOUNTPOINT [--transport dev|libfuse] [--threads N] [-o OPTION[,OPTION...]]
#   memfs.sh --prepare    sees to the cache and ends
#
# Needs what 'make build' leaves. Classes come, loaded and linked, out of a cache that a JVM makes of itself (JEP 483 and
# 514) in a run that mounts an empty folder and unmounts it: the first time, and when the jars or the JDK are newer. It
# fits that JDK and those jars only, which is why it is made here. Where it cannot be made, MemFs starts without, slower.
set -u
home=$(cd "$(dirname "$0")/.." && pwd) || exit 1
lib=$home/cli/target/slabmount/lib
cache=$home/fuse-ffm/target/memfs.aot
main=dev.slabmount.fuse/dev.slabmount.fuse.example.memfs.MemFsCommand
if [ ! -d "$lib" ] || [ ! -d "$home/fuse-ffm/target" ]; then
    echo "memfs: $lib is missing; run 'make build'" >&2
    exit 1
fi
JAVA_HOME=$("$home/scripts/find-jdk.sh" --runtime) || exit 1

modules=
for jar in "$lib"/fuse-ffm-*.jar "$lib"/native-bindings-*.jar "$lib"/agrona-*.jar "$lib"/jspecify-*.jar; do
    modules=$modules${modules:+:}$jar
done

# Small and quiet, as the slabmount command starts its JVM: content is outside the heap. Native access by name, no Unsafe.
MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX-2}
export MALLOC_ARENA_MAX
options="-XX:+UseSerialGC -XX:-UsePerfData -XX:InitialRAMPercentage=0.2 -XX:MaxRAMPercentage=50 -XX:NewRatio=5"
options="$options -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=30 -XX:-ShrinkHeapInSteps"
options="$options --enable-native-access=dev.slabmount.nativebindings,dev.slabmount.fuse"
options="$options --illegal-native-access=deny --sun-misc-unsafe-memory-access=deny"

# prepare: makes the cache unless it is newer than all that it is made of. Everything lies in a temporary folder of its own
# meanwhile, so that two of these at a time cannot meet.
prepare() {
    stale=$(find "$lib" "$JAVA_HOME/lib/modules" "$home/scripts/memfs.sh" -newer "$cache" 2>/dev/null | head -n 1)
    if [ -e "$cache" ] && [ -z "$stale" ]; then return 0; fi
    work=$(mktemp -d "${TMPDIR:-/tmp}/memfs.XXXXXX") || return 1
    server=
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    mkdir "$work/mnt" || return 1
    # $options is a list of words on purpose.
    # shellcheck disable=SC2086
    timeout 60 "$JAVA_HOME/bin/java" $options "-XX:AOTCacheOutput=$work/memfs.aot" --module-path "$modules" \
        --module "$main" "$work/mnt" >"$work/log" 2>&1 &
    server=$!
    tries=0
    while [ "$tries" -lt 300 ] && kill -0 "$server" 2>/dev/null && ! grep -q " $work/mnt " /proc/self/mountinfo; do
        tries=$((tries + 1))
        sleep 0.1
    done
    # A little of everything, so that what these need is in the cache too.
    ls -la "$work/mnt" >/dev/null 2>&1 && echo content >"$work/mnt/file" && cat "$work/mnt/file" >/dev/null &&
        rm "$work/mnt/file"
    clean_up
    trap - EXIT INT TERM HUP
    [ -e "$cache" ]
}

# clean_up: unmounts, waits for the cache and keeps it, removes the rest.
clean_up() {
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null
        wait "$server"
    fi
    if [ -s "$work/memfs.aot" ] && cp "$work/memfs.aot" "$cache.$$"; then mv "$cache.$$" "$cache"; fi
    if grep -q " $work/mnt " /proc/self/mountinfo; then fusermount3 -uzq "$work/mnt"; fi
    rm -rf --one-file-system "$work"
}

prepare || echo "memfs: no cache of prepared classes could be made" >&2
if [ "${1-}" = --prepare ]; then
    [ -e "$cache" ]
    exit
fi
if [ -e "$cache" ]; then options="$options -XX:AOTCache=$cache"; fi
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" $options --module-path "$modules" --module "$main" "$@"
