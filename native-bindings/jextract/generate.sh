#!/bin/sh
# Makes src/generated/java anew with jextract, and CHECKSUMS with it. Works from any folder.
#
#   JEXTRACT=/path/to/jextract [HEADERS=/path/to/include] native-bindings/jextract/generate.sh
#
# The layouts are those of libfuse 3.14 and protocol 7.38 on x86-64 (Debian 12), against which
# LibfuseAbi and Platform state what is different elsewhere; other headers are refused, and HEADERS
# names a folder that has the right ones if /usr/include has not. The committed output was made by
# jextract f9866df (August 2026) with libclang 14; another may word it differently.
set -eu
export LC_ALL=C

fail() {
  echo "bindings: $*" >&2
  exit 1
}

cd -P "$(dirname -- "$0")/.."
jextract=${JEXTRACT:-jextract}
command -v "$jextract" > /dev/null 2>&1 || fail "jextract not found (looked for '$jextract'): get it from" \
  "https://jdk.java.net/jextract/ or build https://github.com/openjdk/jextract, then put it on PATH or set JEXTRACT"

[ "$(uname -m)" = x86_64 ] || fail "the bindings are generated on x86-64, this is $(uname -m)"
headers=${HEADERS:-/usr/include}
fuse=$headers/fuse3/fuse_common.h
kernel=$headers/linux/fuse.h
[ -r "$fuse" ] || fail "$fuse is missing: apt install libfuse3-dev, or set HEADERS"
[ -r "$kernel" ] || fail "$kernel is missing: apt install linux-libc-dev, or set HEADERS"
grep -Eq '^#define FUSE_MINOR_VERSION[[:space:]]+14$' "$fuse" ||
  fail "$fuse is not that of libfuse 3.14: set HEADERS to the headers of Debian 12"
grep -Eq '^#define FUSE_KERNEL_MINOR_VERSION[[:space:]]+38$' "$kernel" ||
  fail "$kernel is not that of protocol 7.38: set HEADERS to the headers of Debian 12"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
package=dev.slabmount.nativebindings
"$jextract" --output "$out" --target-package $package.libfuse3 --header-class-name LibfuseH \
  ${HEADERS:+--include-dir "$HEADERS"} @jextract/libfuse3.includes jextract/libfuse3.h
"$jextract" --output "$out" --target-package $package.kernel --header-class-name KernelH \
  ${HEADERS:+--include-dir "$HEADERS"} @jextract/kernel.includes jextract/kernel.h

# jextract says nothing about a listed symbol that no header has.
for list in libfuse3 kernel; do
  folder=$out/dev/slabmount/nativebindings/$list
  while read -r option symbol; do
    case $option in
      --include-*) grep -rqw -- "$symbol" "$folder" || fail "$list.includes: no header has $symbol" ;;
    esac
  done < "jextract/$list.includes"
done

rm -rf src/generated/java
mkdir -p src/generated
cp -R "$out" src/generated/java
find src/generated/java -type d -exec chmod 755 {} +
{
  echo "# sha256 of what jextract is given and of what it makes. Written by generate.sh, checked by GeneratedCodeTest."
  find jextract/*.h jextract/*.includes src/generated/java -type f | sort | xargs -d '\n' sha256sum
} > jextract/CHECKSUMS
echo "bindings: $(find src/generated/java -name '*.java' | wc -l) files in native-bindings/src/generated/java"
