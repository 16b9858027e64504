#!/bin/sh
# Compiles the C programs of the benchmarks into bench/target/c; quick when nothing has changed.
set -u
cd "$(dirname "$0")" || exit 1
compiler=${CC:-$(command -v cc || command -v gcc || command -v clang)} || {
    echo "slabmount: no C compiler; run 'make setup'" >&2
    exit 1
}
out=../../target/c
mkdir -p "$out" || exit 1
if command -v pkg-config >/dev/null 2>&1 && pkg-config --exists fuse3; then
    cflags=$(pkg-config --cflags fuse3)
    libs=$(pkg-config --libs fuse3)
else
    cflags="-I/usr/include/fuse3 -I/usr/local/include/fuse3"
    libs=-lfuse3
fi
for program in memfs listfs passthrough client load; do
    if [ -x "$out/$program" ] && [ -z "$(find . -type f -newer "$out/$program")" ]; then
        continue
    fi
    # $cflags and $libs are lists of words on purpose.
    "$compiler" -std=gnu11 -O2 -Wall -Wextra -Werror -D_FILE_OFFSET_BITS=64 $cflags \
        -o "$out/$program" "$program.c" $libs -lpthread || exit 1
done
