#!/bin/sh
# Writes src/test/resources/abi: what the probes print for every release of libfuse from 3.10.0 on,
# on x86-64 and on aarch64 (emulated). Releases that print the same share a file, named after the
# first of them.
#
#   record-abi.sh /path/to/libfuse/.git
#
# Needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user.
set -eu
export LC_ALL=C

repository=$1
cd -P "$(dirname -- "$0")/../../.."
probes=$PWD/src/test/c
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git() { command git --git-dir="$repository" "$@"; }

# headers TAG FOLDER: the release's public headers, and the header that its build would configure
headers() {
  mkdir -p "$2"
  for file in $(git ls-tree --name-only "$1" include/ | grep '\.h$'); do
    git show "$1:$file" > "$2/${file#include/}"
  done
  : > "$2/fuse_config.h" # 3.13.1 includes its build's private header by mistake
  version=${1#fuse-}
  minor=${version#3.}
  {
    echo "#define FUSE_MAJOR_VERSION 3"
    echo "#define FUSE_MINOR_VERSION ${minor%.*}"
    echo "#define FUSE_HOTFIX_VERSION ${version##*.}"
    echo "#define LIBFUSE_BUILT_WITH_VERSIONED_SYMBOLS 1"
  } > "$2/libfuse_config.h"
  # Before 3.17 the version is in fuse_common.h itself.
  if grep -q 'define FUSE_MINOR_VERSION' "$2/fuse_common.h"; then
    echo "#define LIBFUSE_BUILT_WITH_VERSIONED_SYMBOLS 1" > "$2/libfuse_config.h"
  fi
}

# probe MACHINE SOURCE OPTIONS...: compiles and runs
probe() {
  machine=$1 source=$2
  shift 2
  case $machine in
    x86_64) cc -Wall "$@" -o "$work/probe" "$probes/$source" && "$work/probe" ;;
    aarch64) aarch64-linux-gnu-gcc -Wall -static "$@" -o "$work/probe" "$probes/$source" &&
      qemu-aarch64 "$work/probe" ;;
  esac
}

# linux/fuse.h is the same for every machine: take this one's for both.
mkdir -p "$work/kernel/linux"
cp /usr/include/linux/fuse.h "$work/kernel/linux/"

rm -rf src/test/resources/abi
mkdir -p src/test/resources/abi
for machine in x86_64 aarch64; do
  rm -rf "$work/printed"
  mkdir "$work/printed"
  for tag in $(git tag --list 'fuse-3.1[0-9].*' --sort=version:refname | grep -v rc); do
    headers "$tag" "$work/$tag"
    options=
    case $tag in fuse-3.14.0) ;; fuse-3.14.*) options=-DPROBE_3_14_1 ;; esac
    probe $machine abi-probe.c -I "$work/$tag" $options > "$work/now"
    group=
    for file in "$work"/printed/*; do
      if cmp -s "$file" "$work/now"; then group=$file; fi
    done
    if [ -z "$group" ]; then
      group=$work/printed/$tag
      cp "$work/now" "$group"
    fi
    echo "# release ${tag#fuse-} commit $(git rev-parse --short=10 "$tag^{commit}")" \
      >> "$work/sources-$machine-${group##*/fuse-}"
  done
  for file in "$work"/printed/*; do
    first=${file##*/fuse-}
    {
      echo "# Printed by src/test/c/abi-probe.c on $machine (record-abi.sh), the same for all of"
      cat "$work/sources-$machine-$first" "$file"
    } > "src/test/resources/abi/$machine-libfuse-$first.txt"
  done
  {
    echo "# Printed by src/test/c/abi-probe-kernel.c on $machine (record-abi.sh); headers of protocol" \
      "7.$(sed -n 's/^#define FUSE_KERNEL_MINOR_VERSION //p' /usr/include/linux/fuse.h) (linux-libc-dev)"
    probe $machine abi-probe-kernel.c -I "$work/kernel"
  } > "src/test/resources/abi/$machine-kernel.txt"
done
ls src/test/resources/abi
