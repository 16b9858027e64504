#!/bin/sh
# Names and removes what a run has left behind; exits 1 if there was anything.
#
#   leftovers.sh MARK DIR
#
# MARK is the value of SLABMOUNT_RUN in the environment of every process that the run started; DIR is the folder that
# held all of its temporary files and mounts, and is removed. Processes get five seconds to end by themselves.
set -u

mark=$1
dir=$2
found=0

processes() {
    for environment in /proc/[0-9]*/environ; do
        if grep -qzxF "SLABMOUNT_RUN=$mark" "$environment" 2>/dev/null; then
            pid=${environment#/proc/}
            printf '%s\n' "${pid%/environ}"
        fi
    done
}

# mounts: every mountpoint in DIR, one per line, the latest mounted first.
mounts() {
    awk -v dir="$dir" '{
        point = $5
        gsub(/\\040/, " ", point); gsub(/\\011/, "\t", point); gsub(/\\134/, "\\", point)
        if (point == dir || index(point, dir "/") == 1) points[++count] = point
    } END { while (count > 0) print points[count--] }' /proc/self/mountinfo
}

tries=0
while [ -n "$(processes)" ] && [ "$tries" -lt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
for pid in $(processes); do
    echo "left behind: process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c 1-300)" >&2
    kill -KILL "$pid" 2>/dev/null
    found=1
done

mounted=$(mounts)
if [ -n "$mounted" ]; then
    printf '%s\n' "$mounted" | while IFS= read -r point; do
        echo "left behind: mount on $point" >&2
        fusermount3 -uz "$point" 2>/dev/null || umount -l "$point"
    done
    found=1
fi

if [ -d "$dir" ]; then
    if [ -n "$(ls -A "$dir")" ]; then
        find "$dir" -mindepth 1 -maxdepth 3 -exec printf 'left behind: file %s\n' {} \; 2>/dev/null | head -n 20 >&2
        found=1
    fi
    # -xdev through --one-file-system: should a mount still be there, its files are not ours to delete.
    rm -rf --one-file-system "$dir"
fi
exit "$found"
