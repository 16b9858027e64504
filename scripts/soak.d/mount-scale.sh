#!/bin/sh
# Refuses a manifest of 10 million files with 256 MiB of heap, which are far too few: one line, exit code 5, nothing mounted,
# no endless collecting of garbage. Needs the built command and about 1 GiB of disk below TMPDIR.
set -u
cd "$(dirname "$0")/../.." || exit 1
files=${SCALE_FILES:-10000000}
heap=${SCALE_HEAP:-256m}
program=cli/target/slabmount/bin/slabmount
[ -x "$program" ] || { echo "mount-scale: no $program; run 'make build'" >&2; exit 1; }
folder=$(mktemp -d) || exit 1
trap 'mountpoint -q "$folder/mnt" && fusermount3 -uz "$folder/mnt"; rm -rf --one-file-system "$folder"' EXIT
trap 'exit 1' INT TERM HUP

mkdir "$folder/mnt" "$folder/tree" || exit 1
echo one >"$folder/tree/one"
"$program" snapshot "$folder/tree" --store "$folder/store" --out "$folder/one.json" >/dev/null || exit 1
awk -v files="$files" 'BEGIN {
    print "{\"dirs\":["
    for (i = 0; i * 10000 < files; i++) printf "%s{\"path\":\"d%d\"}\n", i ? "," : "", i
    print "],\"files\":["
    for (i = 0; i < files; i++)
        printf "%s{\"hash\":\"%032x\",\"mtime\":1,\"path\":\"$%d/f%d\",\"size\":4}\n", i ? "," : "", i + 1, int(i / 10000), i
    printf "],\"hashAlg\":\"xxh128\",\"specificationVersion\":\"relative-manifest-snapshot-beta-2025-12\","
    printf "\"totalSize\":%.0f}\n", 4 * files
}' >"$folder/tree.json" || exit 1

# expect_refusal WHAT ARGUMENT...: runs the command with little heap; it has to be refused for that, in one line.
expect_refusal() {
    what=$1
    shift
    SLABMOUNT_JAVA_OPTS=-Xmx$heap timeout -k 10 300 "$program" "$@" >"$folder/out" 2>"$folder/err"
    code=$?
    if [ "$code" -ne 5 ] || [ "$(wc -l <"$folder/err")" -ne 1 ] || [ -s "$folder/out" ] ||
        ! grep -q "^slabmount: manifest $folder/tree.json needs more heap than .*SLABMOUNT_JAVA_OPTS=-Xmx" "$folder/err"; then
        echo "mount-scale: $what: exit code $code, expected 5 and one line about heap:" >&2
        head -n 20 "$folder/out" "$folder/err" >&2
        exit 1
    fi
}

began=$(date +%s)
expect_refusal mount mount "$folder/tree.json" "$folder/mnt" --store "$folder/store"
mountpoint -q "$folder/mnt" && { echo "mount-scale: something is mounted" >&2; exit 1; }
expect_refusal daemon mount "$folder/tree.json" "$folder/mnt" --store "$folder/store" --daemon --log-file "$folder/log"
expect_refusal show show "$folder/tree.json"
echo "mount-scale: $files files do not fit into $heap of heap, said three times in $(($(date +%s) - began)) s"
