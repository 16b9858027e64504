#!/bin/sh
# Sees to what slabmount needs from the system, and installs only what is missing.
#
#   setup.sh runtime   to mount: libfuse3, fusermount3, /dev/fuse
#   setup.sh tests     also what the tests need: a C compiler and the headers of libfuse3
#   setup.sh peers     the library of another binding that make bench-fuse compares with: libfuse2
#   setup.sh profile   to profile and to count system calls, with or without a mount: perf, strace
#
# As root it installs with the system's package manager, as another user through sudo when that asks for no password.
# Otherwise it prints the line to run and exits 1. When all is there it changes nothing and needs no network.
set -u
cd "$(dirname "$0")/.." || exit 1

purpose=${1:-runtime}
case $purpose in
    runtime | tests | peers | profile) ;;
    *) echo "usage: setup.sh runtime|tests|peers|profile" >&2; exit 2 ;;
esac

have_libfuse3() {
    for ldconfig in ldconfig /sbin/ldconfig /usr/sbin/ldconfig; do
        if "$ldconfig" -p 2>/dev/null | grep -q 'libfuse3\.so\.[34]'; then return 0; fi
    done
    for library in /lib/libfuse3.so.[34] /lib/*/libfuse3.so.[34] /lib64/libfuse3.so.[34] /usr/lib/libfuse3.so.[34] \
        /usr/lib/*/libfuse3.so.[34] /usr/lib64/libfuse3.so.[34] /usr/local/lib/libfuse3.so.[34] /usr/local/lib/*/libfuse3.so.[34]; do
        if [ -e "$library" ]; then return 0; fi
    done
    return 1
}

have_libfuse2() {
    for ldconfig in ldconfig /sbin/ldconfig /usr/sbin/ldconfig; do
        if "$ldconfig" -p 2>/dev/null | grep -q 'libfuse\.so\.2'; then return 0; fi
    done
    for library in /lib/libfuse.so.2 /lib/*/libfuse.so.2 /lib64/libfuse.so.2 /usr/lib/libfuse.so.2 /usr/lib/*/libfuse.so.2; do
        if [ -e "$library" ]; then return 0; fi
    done
    return 1
}

have_c_compiler() {
    command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || command -v clang >/dev/null 2>&1
}

# have_headers: can a program that includes libfuse3's header and libc's be compiled?
have_headers() {
    compiler=$(command -v cc || command -v gcc || command -v clang) || return 1
    printf '#define FUSE_USE_VERSION 312\n#include <stdio.h>\n#include <fuse_lowlevel.h>\n' |
        "$compiler" -x c -fsyntax-only -D_FILE_OFFSET_BITS=64 -I/usr/include/fuse3 -I/usr/local/include/fuse3 - 2>/dev/null
}

# look: sets missing to the names of what is not there, each after a blank.
look() {
    missing=
    if [ "$purpose" = profile ]; then
        # A wrapper named perf that finds no perf for this kernel (Ubuntu has one) is not enough: it has to start.
        perf version >/dev/null 2>&1 || missing="$missing perf"
        command -v strace >/dev/null 2>&1 || missing="$missing strace"
        return
    fi
    if [ "$purpose" = peers ]; then
        have_libfuse2 || missing="$missing libfuse2"
        return
    fi
    command -v fusermount3 >/dev/null 2>&1 || missing="$missing fusermount3"
    have_libfuse3 || missing="$missing libfuse3"
    if [ "$purpose" = tests ]; then
        have_c_compiler || missing="$missing c-compiler"
        have_headers || missing="$missing libfuse3-headers"
    fi
}

# package_line: sets install to the command that installs what is missing here; empty when the system is unknown.
package_line() {
    install=
    if command -v apt-get >/dev/null 2>&1; then
        case $purpose in
            runtime) packages=fuse3 ;;
            tests) packages="fuse3 libfuse3-dev gcc libc6-dev" ;;
            peers) packages=libfuse2 ;;
            profile)
                packages="strace linux-perf"
                if grep -q '^ID=ubuntu' /etc/os-release; then packages="strace linux-tools-common linux-tools-$(uname -r)"; fi
                ;;
        esac
        install="apt-get install -y --no-install-recommends $packages"
    elif command -v dnf >/dev/null 2>&1; then
        case $purpose in
            runtime) packages="fuse3 fuse3-libs" ;;
            tests) packages="fuse3 fuse3-libs fuse3-devel gcc glibc-devel" ;;
            peers) packages=fuse-libs ;;
            profile) packages="perf strace" ;;
        esac
        install="dnf install -y $packages"
    elif command -v zypper >/dev/null 2>&1; then
        case $purpose in
            runtime) packages=fuse3 ;;
            tests) packages="fuse3 fuse3-devel gcc glibc-devel" ;;
            peers) packages=libfuse2 ;;
            profile) packages="perf strace" ;;
        esac
        install="zypper --non-interactive install $packages"
    elif command -v pacman >/dev/null 2>&1; then
        case $purpose in
            runtime) packages=fuse3 ;;
            tests) packages="fuse3 gcc" ;;
            peers) packages=fuse2 ;;
            profile) packages="perf strace" ;;
        esac
        install="pacman -S --noconfirm --needed $packages"
    elif command -v apk >/dev/null 2>&1; then
        case $purpose in
            runtime) packages="fuse3 fuse3-libs" ;;
            tests) packages="fuse3 fuse3-libs fuse3-dev gcc musl-dev linux-headers" ;;
            peers) packages=fuse ;;
            profile) packages="perf strace" ;;
        esac
        install="apk add $packages"
    fi
}

# run_install: runs $install as root; an apt whose package lists are empty or old gets new ones and a second try.
run_install() {
    elevate=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null || return 1
        elevate="sudo -n"
    fi
    echo "setup: missing:$missing; running: $install"
    # $elevate and $install are lists of words on purpose.
    case $install in
        apt-get*)
            export DEBIAN_FRONTEND=noninteractive
            $elevate $install >"$log" 2>&1 || { $elevate apt-get update >>"$log" 2>&1 && $elevate $install >>"$log" 2>&1; }
            ;;
        *) $elevate $install >"$log" 2>&1 ;;
    esac
}

look
if [ -n "$missing" ]; then
    package_line
    if [ -z "$install" ]; then
        echo "slabmount: missing:$missing; no known package manager here, install them by hand (libfuse 3.10 or newer)" >&2
        exit 1
    fi
    log=$(mktemp) || exit 1
    trap 'rm -f "$log"' EXIT
    trap 'exit 130' INT TERM
    run_install && look
    if [ -n "$missing" ]; then
        tail -n 15 "$log" >&2
        echo "slabmount: missing:$missing; install with: sudo $install" >&2
        exit 1
    fi
fi

case $purpose in peers | profile) exit 0 ;; esac
if [ ! -c /dev/fuse ]; then
    echo "slabmount: there is no /dev/fuse; load the module with 'sudo modprobe fuse', or start the container with '--device /dev/fuse --cap-add SYS_ADMIN'" >&2
    exit 1
fi
if [ ! -r /dev/fuse ] || [ ! -w /dev/fuse ]; then
    echo "slabmount: no permission to read and write /dev/fuse; run 'sudo chmod 666 /dev/fuse', or mount as root" >&2
    exit 1
fi
