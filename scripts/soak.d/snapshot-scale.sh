#!/bin/sh
# Takes snapshots of 200 000 small files and a sparse file of 3 GiB with 128 MiB of heap: the first reads everything, the
# second nothing. Needs the built command and about 2 GiB of disk below TMPDIR.
set -u
cd "$(dirname "$0")/../.." || exit 1
files=${SCALE_FILES:-200000}
program=cli/target/slabmount/bin/slabmount
[ -x "$program" ] || { echo "snapshot-scale: no $program; run 'make build'" >&2; exit 1; }
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM HUP

mkdir "$folder/tree" || exit 1
seq "$files" | awk -v tree="$folder/tree" '
    NR % 1000 == 1 { sub_folder = tree "/d" int(NR / 1000); system("mkdir " sub_folder) }
    { file = sub_folder "/f" $1; printf "%0200d", $1 > file; close(file) }' || exit 1
truncate -s 3G "$folder/tree/sparse" || exit 1

take() {
    XDG_CACHE_HOME=$folder/cache SLABMOUNT_JAVA_OPTS=-Xmx128m "$program" snapshot "$folder/tree" --store "$folder/store" \
        --out "$folder/manifest" --json
}

expect() {
    case $2 in
        *"$1"*) ;;
        *) echo "snapshot-scale: expected $1 in: $2" >&2; exit 1 ;;
    esac
}

began=$(date +%s)
first=$(take) || exit 1
between=$(date +%s)
second=$(take) || exit 1
ended=$(date +%s)
expect "\"files\":$((files + 1))," "$first"
expect "\"filesRead\":$((files + 1))," "$first"
expect '"filesRead":0,"bytesRead":0,' "$second"
echo "snapshot-scale: $files files and 3 GiB in $((between - began)) s, again in $((ended - between)) s"
