#!/usr/bin/env bash
# The whole way once, on real files: snapshots a tree into a store, mounts it through a small pool, compares it with
# the original while four processes read it at once, unmounts and cleans up. Exits non-zero on any difference. Needs
# what 'make demo' does first: scripts/setup.sh runtime, scripts/dist.sh.
#
#   DEMO_DIR=FOLDER   the tree; by default the folder of the JDK that runs this
#   TMPDIR=FOLDER     where the store goes, which becomes as large as the tree (default /tmp)
set -u
start=$PWD
cd "$(dirname "$0")/.." || exit 1

pool_size=64M
readers=4

JAVA_HOME=$(scripts/find-jdk.sh) || exit 1
export JAVA_HOME
tree=${DEMO_DIR:-$JAVA_HOME}
case $tree in
    /*) ;;
    *) tree=$start/$tree ;;
esac
if [ ! -d "$tree" ]; then
    echo "slabmount: DEMO_DIR=$tree is not a folder" >&2
    exit 1
fi

slabmount=$PWD/cli/target/slabmount/bin/slabmount
if [ ! -x "$slabmount" ]; then
    echo "slabmount: it is not built yet; run 'make demo' or 'make build'" >&2
    exit 1
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/slabmount-demo.XXXXXX") || exit 1
mark=$(basename "$work")
export XDG_CACHE_HOME=$work/cache
mount_pid=

# Every way out of this script leads through here, Ctrl-C included.
clean_up() {
    trap '' INT TERM HUP
    if [ -n "$mount_pid" ]; then
        kill -TERM "$mount_pid" 2>/dev/null # unmounts
        wait "$mount_pid" 2>/dev/null
    fi
    mountpoint -q "$work/mnt" 2>/dev/null && fusermount3 -uz "$work/mnt"
    rm -rf --one-file-system "$work"
    scripts/leftovers.sh "$mark" "$work"
}
trap 'clean_up' EXIT
trap 'exit 130' INT TERM HUP

case $(cd "$work" && pwd -P)/ in
    "$(cd "$tree" && pwd -P)"/*)
        echo "slabmount: the store would lie in the tree $tree itself; set TMPDIR to a folder outside it" >&2
        exit 1
        ;;
esac
mkdir "$work/mnt" || exit 1

# run COMMAND...: runs slabmount, marked as part of this demo, and shows how it is called.
run() {
    echo "\$ slabmount $*"
    SLABMOUNT_RUN=$mark "$slabmount" "$@"
}

run snapshot "$tree" --store "$work/store" --out "$work/tree.json" --left-out "$work/left-out" || exit 1

echo "\$ slabmount mount $work/tree.json $work/mnt --store $work/store --pool-size $pool_size --stats &"
: >"$work/mount.out"
SLABMOUNT_RUN=$mark "$slabmount" mount "$work/tree.json" "$work/mnt" --store "$work/store" \
    --pool-size "$pool_size" --stats >"$work/mount.out" &
mount_pid=$!
until grep -q '^mounted ' "$work/mount.out"; do
    if ! kill -0 "$mount_pid" 2>/dev/null; then
        wait "$mount_pid"
        code=$?
        mount_pid=
        echo "demo: the mount ended with code $code" >&2
        exit 1
    fi
    sleep 0.05
done

echo "comparing $tree with $work/mnt ..."
scripts/compare-trees.sh -x "$work/left-out" -r "$readers" "$tree" "$work/mnt"
verdict=$?

run unmount "$work/mnt" || verdict=1
wait "$mount_pid"
code=$?
mount_pid=
if [ "$code" -ne 0 ]; then
    echo "demo: the mount ended with code $code" >&2
    verdict=1
fi
sed 1d "$work/mount.out"

trap - EXIT
clean_up || verdict=1
if [ "$verdict" -ne 0 ]; then
    echo "demo: FAILED" >&2
    exit 1
fi
echo "demo: passed"
