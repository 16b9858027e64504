#!/usr/bin/env bash
# Compares two trees: names, types, link targets, sizes, exec bits, file times to the microsecond, and every byte.
#
#   compare-trees.sh [-x LIST] [-r READERS] ORIGINAL COPY
#
#   -x LIST     paths relative to ORIGINAL, each ended by a NUL, that the copy does not have (nor what lies below them)
#   -r READERS  processes that read all of the copy at the same time (default 1)
#
# Names may be any bytes. What is not compared, because a manifest cannot say it: owners, other mode bits, extended
# attributes, times of folders and links. Prints the first differences and exits 1 if there are any; 2 if it could not
# compare. Uses nothing of slabmount's own code.
set -u
export LC_ALL=C

shown_differences=20
exclude_list=
readers=1
while getopts x:r: option; do
    case $option in
        x) exclude_list=$OPTARG ;;
        r) readers=$OPTARG ;;
        *) echo "usage: compare-trees.sh [-x LIST] [-r READERS] ORIGINAL COPY" >&2; exit 2 ;;
    esac
done
shift $((OPTIND - 1))
if [ $# -ne 2 ] || [ ! -d "$1" ] || [ ! -d "$2" ]; then
    echo "compare-trees: two folders are needed, got: $*" >&2
    exit 2
fi
original=$(cd "$1" && pwd -P && echo .) || exit 2
original=${original%??}
copy=$(cd "$2" && pwd -P && echo .) || exit 2
copy=${copy%??}

work=$(mktemp -d "${TMPDIR:-/tmp}/slabmount-compare.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# list TREE: one record per entry, ended by a NUL: PATH//TYPE..., where no PATH holds "//"; only the record of a file
# ends in "//".
list() {
    (cd "$1" && find . -mindepth 1 \
        \( -type f -perm -u=x -printf '%P//f x %s %T@//\0' \
        -o -type f -printf '%P//f - %s %T@//\0' \
        -o -type l -printf '%P//l//%l/l\0' \
        -o -printf '%P//%y//\0' \)) |
        sed -z -E 's#(//f . [0-9]+ -?[0-9]+\.[0-9]{6})[0-9]*//$#\1//#'
    [ "${PIPESTATUS[*]}" = "0 0" ]
}

# without_excluded: drops the records whose path, or a folder above it, is in the exclude list.
without_excluded() {
    if [ -z "$exclude_list" ]; then
        cat
        return
    fi
    local -A excluded
    local record path above
    while IFS= read -r -d '' path; do
        [ -z "$path" ] || excluded[$path]=1
    done <"$exclude_list"
    while IFS= read -r -d '' record; do
        above=${record%%//*}
        while [ -n "$above" ] && [ -z "${excluded[$above]-}" ]; do
            case $above in
                */*) above=${above%/*} ;;
                *) above= ;;
            esac
        done
        [ -n "$above" ] || printf '%s\0' "$record"
    done
}

# sums TREE: reads all files named on stdin; prints a checksum per file, and the complaints about unreadable ones.
sums() {
    (cd "$1" && xargs -0 -r b2sum -z --)
}

if ! list "$original" >"$work/original.all" || ! list "$copy" >"$work/copy.all"; then
    echo "compare-trees: a tree could not be listed completely" >&2
    exit 2
fi
without_excluded <"$work/original.all" | sort -z >"$work/original"
sort -z "$work/copy.all" >"$work/copy"

comm -z -23 "$work/original" "$work/copy" | sed -z 's/^/original: /' >"$work/differences"
comm -z -13 "$work/original" "$work/copy" | sed -z 's/^/copy:     /' >>"$work/differences"

# Content: of the files that both trees have. Every reader takes them in an order of its own, so that they meet, pass
# and chase each other.
comm -z -12 "$work/original" "$work/copy" | sed -z -n -E 's#//f [^/]*//$##p' >"$work/files"
sums "$original" <"$work/files" 2>"$work/original.errors" | sort -z >"$work/original.sums"
order=(cat 'sort -z -r' 'sort -z -R' cat)
for ((reader = 0; reader < readers; reader++)); do
    { ${order[reader % 4]} <"$work/files" | sums "$copy" 2>"$work/copy.errors.$reader" | sort -z >"$work/copy.sums.$reader"; } &
done
wait
if [ -s "$work/original.errors" ]; then
    head -n 3 "$work/original.errors" >&2
    echo "compare-trees: the original could not be read completely" >&2
    exit 2
fi
for ((reader = 0; reader < readers; reader++)); do
    sed 's/^/reader: /' "$work/copy.errors.$reader" | tr '\n' '\0' >>"$work/differences"
    comm -z -3 "$work/original.sums" "$work/copy.sums.$reader" | sed -z -E 's/^\t?[^ ]*  /content:  /' >>"$work/differences"
done

if [ -s "$work/differences" ]; then
    sort -z -u "$work/differences" | head -z -n "$shown_differences" | tr '\n\0' '?\n'
    echo "compare-trees: $(sort -z -u "$work/differences" | tr -dc '\0' | wc -c) differences"
    exit 1
fi
entries=$(tr -dc '\0' <"$work/copy" | wc -c)
files=$(tr -dc '\0' <"$work/files" | wc -c)
bytes=$(sed -z -n -E 's#^.*//f . ([0-9]+) [^/]*//$#\1#p' "$work/copy" | tr '\0' '\n' | awk '{ sum += $1 } END { printf "%.1f", sum / 1048576 }')
echo "equal: $entries entries, $files files, $bytes MiB, read by $readers at once"
