#!/bin/sh
# Runs every test, mounts included, and says at the end what ran. Fails also when the tests left a mount, a process
# or a temporary file behind. Arguments are passed on to Maven.
set -u
cd "$(dirname "$0")/.." || exit 1

deadline_seconds=2100 # a hang ends here; a run takes 12 minutes on 4 CPUs

scripts/setup.sh tests || exit 1
rm -rf ./*/target/surefire-reports ./*/target/failsafe-reports

# All temporary files and mounts of the run lie in one folder, and all of its processes carry one mark.
run_dir=$(mktemp -d "${TMPDIR:-/tmp}/slabmount-test.XXXXXX") || exit 1
mark=$(basename "$run_dir")
trap 'scripts/leftovers.sh "$mark" "$run_dir"' EXIT
trap 'exit 130' INT TERM HUP

# Some tests name files outside ASCII, which a JVM can do only in a UTF-8 locale. Those that want another one set it.
LC_ALL=C.UTF-8
export LC_ALL

# In the foreground: what a shell starts in the background ignores SIGINT, and so would every mount under test.
SLABMOUNT_RUN=$mark timeout --foreground --kill-after=20 "$deadline_seconds" \
    scripts/mvn.sh --fail-at-end -Dtest.tmp="$run_dir" verify "$@"
outcome=$?

scripts/test-summary.sh
[ "$outcome" -ne 124 ] || echo "make test: not finished after $deadline_seconds s, ended" >&2
trap - EXIT
if ! scripts/leftovers.sh "$mark" "$run_dir"; then
    [ "$outcome" -ne 0 ] || outcome=1
fi
if [ "$outcome" -eq 0 ]; then
    echo "make test: passed"
else
    echo "make test: FAILED"
fi
exit "$outcome"
