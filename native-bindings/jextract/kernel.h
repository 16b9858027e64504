/*
 * What jextract reads for the package ...nativebindings.kernel: the FUSE wire protocol. The symbols
 * it keeps are listed in kernel.includes. Generated from protocol 7.38 (Debian 12).
 *
 * linux/ioctl.h is what FUSE_DEV_IOC_CLONE is made of.
 */
#include <linux/fuse.h>
#include <linux/ioctl.h>
