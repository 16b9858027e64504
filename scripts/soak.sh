#!/usr/bin/env bash
# What takes too long for 'make test': mounts over and over, mounts that are read for minutes, and what soak.d does with
# large trees, the pool and MemFs. Prints a line for each thing it looks at that begins with PASS or FAIL, and exits 1 if
# there is a FAIL. Needs what 'make soak' does first: scripts/setup.sh tests, scripts/dist.sh.
#
#   SOAK_CYCLES=N     how often to mount, read and unmount, in one process with each transport (default 500, 20 to
#                     5000); in fresh ones, with both by turns, 200 times, or as often if that is less
#   SOAK_MINUTES=N    how long to read mounts of both transports (default 10)
#   TMPDIR=FOLDER     where trees and stores go (default /tmp)
set -u
cd "$(dirname "$0")/.." || exit 1
LC_ALL=C.UTF-8 # some of the trees have names that are not ASCII
export LC_ALL

cycles=${SOAK_CYCLES:-500}
minutes=${SOAK_MINUTES:-10}
case $cycles$minutes in
    *[!0-9]*) echo "slabmount: SOAK_CYCLES=$cycles and SOAK_MINUTES=$minutes have to be whole numbers" >&2; exit 2 ;;
esac
cycles=$((10#$cycles))
minutes=$((10#$minutes))
if [ "$cycles" -lt 20 ] || [ "$cycles" -gt 5000 ]; then
    echo "slabmount: SOAK_CYCLES=$cycles has to be 20 to 5000: fewer show no leak, more take too long" >&2
    exit 2
fi

slabmount=$PWD/cli/target/slabmount/bin/slabmount
work=$(mktemp -d "${TMPDIR:-/tmp}/slabmount-soak.XXXXXX") || exit 1
mark=$(basename "$work")
export SLABMOUNT_RUN=$mark XDG_RUNTIME_DIR=$work XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache
failed=0

# Every way out of this script leads through here, Ctrl-C included.
clean_up() {
    trap '' INT TERM HUP
    for transport in libfuse dev; do
        if mountpoint -q "$work/$transport" 2>/dev/null; then
            "$slabmount" unmount --timeout 5 --lazy "$work/$transport" 2>/dev/null || fusermount3 -uz "$work/$transport"
        fi
    done
    rm -rf --one-file-system "$work"
    unset SLABMOUNT_RUN
    scripts/leftovers.sh "$mark" "$work"
}
trap 'clean_up' EXIT
trap 'exit 130' INT TERM HUP

# verdict STATUS WHAT: prints the line of one thing.
verdict() {
    if [ "$1" -eq 0 ]; then
        echo "PASS  $2"
    else
        echo "FAIL  $2"
        failed=1
    fi
}

fresh=$((cycles < 200 ? cycles : 200))
echo "soak: $cycles cycles of mount, read, unmount in one process, $fresh in fresh ones ..."
mkdir "$work/tests" || exit 1
report=cli/target/failsafe-reports/TEST-dev.slabmount.cli.CyclesIT.xml
rm -f "$report" # of an earlier run
scripts/mvn.sh --terse -Dtest.tmp="$work/tests" -Dtest.fork.seconds=7200 -Dslabmount.cycles="$cycles" \
    -Dslabmount.cycles.fresh="$fresh" \
    -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=CyclesIT -Dfailsafe.failIfNoSpecifiedTests=false \
    -pl cli -am verify >"$work/cycles.log" 2>&1
status=$?
[ "$status" -eq 0 ] || tail -n 40 "$work/cycles.log"
# passed NAME: whether the report tells of tests of that name, and of no failure among them.
passed() {
    awk -v name="name=\"$1" '
        index($0, "<testcase") && index($0, name) { seen++; inside = 1 }
        inside && /<(failure|error|skipped)/ { bad++ }
        /<\/testcase>|<testcase[^>]*\/>/ { inside = 0 }
        END { exit !(seen && !bad) }' "$report"
}
passed shouldLeaveNothingOfManyMountsInOneProcess
verdict $? "$cycles cycles in one process, each transport: no thread, descriptor, mapping, mount or file is left"
sed -n 's/.*\(after [0-9]* cycles on .*\)/      \1/p' "$report" | sort -u
passed shouldLeaveNothingOfManyMountsInFreshProcesses
verdict $? "$fresh cycles in fresh processes, each transport, in the foreground and as daemons: no process, mount, socket or file is left"

# figure TRANSPORT NAME: a number that a mount says of itself.
figure() {
    "$slabmount" stats "$work/$1" --json | sed -n "s/.*\"$2\":\\([0-9]*\\).*/\\1/p"
}

echo "soak: reading for $minutes minutes ..."
mkdir "$work/tree" || exit 1
for i in 1 2 3 4 5 6 7 8; do
    head -c 16000000 /dev/urandom >"$work/tree/large-$i" || exit 1
done
mkdir "$work/tree/small" && cp -r vfs/src core/src fuse-ffm/src "$work/tree/small" || exit 1
"$slabmount" snapshot "$work/tree" --store "$work/store" --out "$work/tree.json" >/dev/null || exit 1
for transport in libfuse dev; do
    mkdir "$work/$transport" || exit 1
    "$slabmount" mount "$work/tree.json" "$work/$transport" --store "$work/store" --pool-size 32M \
        --transport "$transport" --daemon >/dev/null || exit 1
done

seconds=$((minutes * 60))
settled=$((seconds / 3)) # By then all code is compiled and the pool is full.
SECONDS=0
wrong=0
rounds=0
is_settled=no
declare -A resident descriptors threads
while [ "$SECONDS" -lt "$seconds" ] || [ "$rounds" -lt 3 ]; do
    for transport in libfuse dev; do
        # Past the page cache, so that every read reaches the mount.
        for file in "$work/tree"/large-*; do
            dd if="$work/$transport/${file##*/}" iflag=direct bs=256K status=none | cmp -s - "$file" || wrong=$((wrong + 1))
        done
        diff -rq "$work/tree/small" "$work/$transport/small" >/dev/null || wrong=$((wrong + 1))
    done
    rounds=$((rounds + 1))
    if [ "$is_settled" = no ] && [ "$SECONDS" -ge "$settled" ]; then
        is_settled=yes
        for transport in libfuse dev; do
            resident[$transport]=$(figure "$transport" residentBytes)
            descriptors[$transport]=$(figure "$transport" descriptors)
            threads[$transport]=$(figure "$transport" threads)
        done
    fi
done
verdict "$((wrong != 0))" "$rounds rounds of reading both mounts gave the bytes of the tree"
for transport in libfuse dev; do
    grown=$((($(figure "$transport" residentBytes) - ${resident[$transport]:-0}) / 1048576))
    verdict "$((grown >= 32))" "$transport: memory stays flat: $grown MiB more than after a third of the time, less than 32"
    grown=$(($(figure "$transport" descriptors) - ${descriptors[$transport]:-0}))
    verdict "$((grown > 2))" "$transport: descriptors stay flat: $grown more"
    grown=$(($(figure "$transport" threads) - ${threads[$transport]:-0}))
    verdict "$((grown > 8))" "$transport: threads stay flat: $grown more"
    "$slabmount" unmount --timeout 30 "$work/$transport"
    verdict $? "$transport: it is unmounted in order"
done
[ -z "$(ls -A "$work/slabmount")" ]
verdict $? "no socket is left"

for more in scripts/soak.d/*.sh; do
    "$more"
    verdict $? "$(basename "$more" .sh)"
done

trap - EXIT
clean_up
verdict $? "no process, mount or file is left"
exit "$failed"
