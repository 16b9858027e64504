#!/bin/sh
# Mounts MemFs, fuse-ffm's example of a whole filesystem, and serves it until it is unmounted.
#
#   memfs.sh MOUNTPOINT [--transport dev|libfuse] [--threads N] [--debug-fuse] [-o OPTION[,OPTION...]]
#   memfs.sh --help       lists the options
#   memfs.sh --prepare    sees to the caches of both transports and ends
#
# Needs what 'make build' leaves. Classes come, loaded and linked, out of a cache that a JVM makes of itself (JEP 483 and
# 514) in a run that mounts an empty folder and unmounts it: the first time, and when the jars or the JDK are newer. It
# fits that JDK, those jars and that transport only, which is why it is made here. Where it cannot be made, MemFs starts
# without, slower.
set -u
home=$(cd "$(dirname "$0")/.." && pwd) || exit 1
lib=$home/cli/target/slabmount/lib
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

# A mountpoint is a name in bytes, which Java can only say in a locale that has characters for them.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
    *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8) ;;
    *)
        LC_ALL=C.UTF-8
        export LC_ALL
        ;;
esac

# Small and quiet, as the slabmount command starts its JVM: content is outside the heap. Native access by name, no Unsafe.
# Not with --illegal-native-access=deny: with it a JVM builds its modules anew instead of taking them out of the cache.
MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX-2}
export MALLOC_ARENA_MAX
options="-XX:+UseSerialGC -XX:-UsePerfData -Xms16m -XX:MaxRAMPercentage=50 -XX:NewRatio=5"
options="$options -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=30 -XX:-ShrinkHeapInSteps"
options="$options --enable-native-access=dev.slabmount.nativebindings,dev.slabmount.fuse"
options="$options --sun-misc-unsafe-memory-access=deny"

# The cache where it was made for, so that its pages need not be changed and are shared (ArchiveRelocationMode). No
# profiles of methods in it: they would have the second compiler busy at the start, with what only a start needs, which
# takes 10 to 20 MiB (AOTRecordTraining, AOTReplayTraining). For the same reason compilers wait for four times as many calls:
# what serves requests has those in a second or two. A JVM that does not know these options does without.
options="$options -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0"
options="$options -XX:-AOTRecordTraining -XX:-AOTReplayTraining -XX:CompileThresholdScaling=4"

# use TRANSPORT: sets the cache of a transport.
use() {
    transport=$1
    cache=$home/fuse-ffm/target/memfs-$transport.aot
}

# is_fresh: is the cache there, and newer than all that it is made of?
is_fresh() {
    [ -e "$cache" ] || return 1
    for part in "$lib"/fuse-ffm-*.jar "$lib"/native-bindings-*.jar "$lib"/agrona-*.jar "$lib"/jspecify-*.jar \
        "$JAVA_HOME/lib/modules" "$home/scripts/memfs.sh"; do
        # All shells that a Linux has as sh know -nt.
        # shellcheck disable=SC3013
        if [ "$part" -nt "$cache" ]; then return 1; fi
    done
}

# prepare: makes the cache unless it is fresh. Everything lies in a temporary folder of its own meanwhile, so that two of
# these at a time cannot meet.
prepare() {
    if is_fresh; then return 0; fi
    work=$(mktemp -d "${TMPDIR:-/tmp}/memfs.XXXXXX") || return 1
    server=
    came_up=
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    mkdir "$work/mnt" || { finish; return 1; }
    # $options is a list of words on purpose.
    # shellcheck disable=SC2086
    timeout --kill-after=30 60 "$JAVA_HOME/bin/java" $options "-XX:AOTCacheOutput=$work/memfs.aot" \
        --module-path "$modules" --module "$main" "$work/mnt" --transport "$transport" >"$work/log" 2>&1 &
    server=$!
    tries=0
    while [ "$tries" -lt 300 ] && kill -0 "$server" 2>/dev/null && ! is_mounted; do
        tries=$((tries + 1))
        sleep 0.1
    done
    # A little of everything, so that what these need is in the cache too. A mount that did not come up, or does not serve,
    # has no cache that is worth keeping.
    if is_mounted && ls -la "$work/mnt" >/dev/null 2>&1 && echo content >"$work/mnt/file" &&
        cat "$work/mnt/file" >/dev/null && rm "$work/mnt/file"; then
        came_up=yes
    fi
    finish
    is_fresh
}

# is_mounted: is MemFs there, in the folder of 'prepare'?
is_mounted() {
    grep -q " $work/mnt " /proc/self/mountinfo
}

# finish: ends what 'prepare' began.
finish() {
    clean_up
    trap - EXIT INT TERM HUP
}

# clean_up: unmounts, waits for the cache and keeps it if the mount came up, removes the rest.
clean_up() {
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null
        wait "$server"
    fi
    if [ -n "$came_up" ] && [ -s "$work/memfs.aot" ] && cp "$work/memfs.aot" "$cache.$$"; then mv "$cache.$$" "$cache"; fi
    if is_mounted; then fusermount3 -uzq "$work/mnt"; fi
    rm -rf --one-file-system "$work"
}

wanted=dev
before=
for word in "$@"; do
    case $before$word in --transportlibfuse) wanted=libfuse ;; esac
    case $word in --help | --prepare) wanted=${word#--} ;; esac
    before=$word
done

refused="memfs: no cache of prepared classes could be made"
case $wanted in
    help) use dev ;;
    prepare)
        for each in dev libfuse; do
            use "$each"
            prepare || { echo "$refused" >&2; exit 1; }
        done
        exit 0
        ;;
    *)
        use "$wanted"
        prepare || echo "$refused" >&2
        ;;
esac
if is_fresh; then options="$options -XX:AOTCache=$cache"; fi
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" $options --module-path "$modules" --module "$main" "$@"
