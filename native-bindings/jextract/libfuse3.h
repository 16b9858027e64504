/*
 * What jextract reads for the package ...nativebindings.libfuse3; the symbols it keeps of it are
 * listed in libfuse3.includes.
 *
 * 314 asks for the interface of libfuse 3.14 (Debian 12), the release whose headers the generated
 * code was made from. What other releases do differently is in the class LibfuseAbi.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#define FUSE_USE_VERSION 314
#include <fuse3/fuse_lowlevel.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>
