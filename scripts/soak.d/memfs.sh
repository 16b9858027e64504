#!/bin/sh
# Random work on files of MemFs beside models of them, for MEMFS_SOAK_MINUTES (5 unless given) shared by all kinds of
# caching on both transports and the local directory: whatever is read has to be what was written. Prints the seeds. At most
# 300 minutes: each place has a ninth of them, and is ended after 40.
set -u
cd "$(dirname "$0")/../.." || exit 1
minutes=${MEMFS_SOAK_MINUTES:-5}
case $minutes in
    '' | *[!0-9]*) echo "memfs: MEMFS_SOAK_MINUTES=$minutes is not a whole number" >&2; exit 2 ;;
    0?* | ????* | [4-9]?? | 30[1-9] | 3[1-9]?)
        echo "memfs: MEMFS_SOAK_MINUTES=$minutes has to be 0 to 300, without a 0 in front" >&2
        exit 2
        ;;
esac
places=9
folder=$(mktemp -d) || exit 1
trap 'rm -rf --one-file-system "$folder"' EXIT
trap 'exit 1' INT TERM HUP
report=fuse-ffm/target/failsafe-reports/TEST-dev.slabmount.fuse.posix.DataIntegrityIT.xml
rm -f "$report" # of an earlier run
scripts/mvn.sh --terse -Dtest.tmp="$folder" -Dtest.fork.seconds=$((minutes * 60 + 3600)) \
    -Dslabmount.test.seconds=$((minutes * 60 / places + 1)) \
    -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=DataIntegrityIT \
    -Dfailsafe.failIfNoSpecifiedTests=false -pl fuse-ffm -am verify >"$folder/log" 2>&1
status=$?
grep '^data integrity' "$folder/log"
[ "$status" -eq 0 ] || tail -n 40 "$folder/log" >&2
ran=$(grep -c '<testcase' "$report")
[ "$ran" -eq "$places" ] || { echo "memfs: $ran places instead of $places" >&2; exit 1; }
exit "$status"
