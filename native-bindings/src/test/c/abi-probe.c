/*
 * Prints how this machine's C compiler lays out what slabmount touches of libfuse3 and libc: one
 * "name value" per line, sizes and offsets in bytes. AbiLayoutTest compares them with the generated
 * layouts and with the tables LibfuseAbi and Platform. The files in src/test/resources/abi hold what
 * it printed for every release of libfuse and for aarch64 (record-abi.sh).
 *
 * 3.14.0 and 3.14.1 cannot be told apart by their headers' macros: -DPROBE_3_14_1 says that it is
 * the latter.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>

#define VALUE(name, value) printf("%s %llu\n", name, (unsigned long long)(value))
#define STRUCT(type) VALUE(#type, sizeof(struct type))
#define FIELD(type, field) VALUE(#type "." #field, offsetof(struct type, field))
#define WIDTH(type, field) VALUE(#type "." #field ".width", sizeof(((struct type *)0)->field))

/* A bit-field has no offset: set it alone and print the word of flags, then where that word is not 0. */
#define BIT(field)                                                                             \
	do {                                                                                   \
		struct fuse_file_info info;                                                    \
		unsigned word[sizeof(info) / sizeof(unsigned)];                                \
		memset(&info, 0, sizeof(info));                                                \
		info.field = 1;                                                                \
		memcpy(word, &info, sizeof(info));                                             \
		for (unsigned i = 0; i < sizeof(word) / sizeof(word[0]); i++) {                \
			if (word[i] != 0) {                                                    \
				VALUE("fuse_file_info." #field ".bit", word[i]);               \
				VALUE("fuse_file_info." #field ".word", i * sizeof(word[0])); \
			}                                                                      \
		}                                                                              \
	} while (0)

static void libc_layouts(void)
{
	STRUCT(flock);
	FIELD(flock, l_type);
	FIELD(flock, l_whence);
	FIELD(flock, l_start);
	FIELD(flock, l_len);
	FIELD(flock, l_pid);
	STRUCT(iovec);
	FIELD(iovec, iov_base);
	FIELD(iovec, iov_len);
	STRUCT(stat);
	FIELD(stat, st_dev);
	FIELD(stat, st_ino);
	FIELD(stat, st_nlink);
	FIELD(stat, st_mode);
	FIELD(stat, st_uid);
	FIELD(stat, st_gid);
	FIELD(stat, st_rdev);
	FIELD(stat, st_size);
	FIELD(stat, st_blksize);
	FIELD(stat, st_blocks);
	FIELD(stat, st_atim);
	FIELD(stat, st_mtim);
	FIELD(stat, st_ctim);
	STRUCT(statvfs);
	FIELD(statvfs, f_bsize);
	FIELD(statvfs, f_frsize);
	FIELD(statvfs, f_blocks);
	FIELD(statvfs, f_bfree);
	FIELD(statvfs, f_bavail);
	FIELD(statvfs, f_files);
	FIELD(statvfs, f_ffree);
	FIELD(statvfs, f_favail);
	FIELD(statvfs, f_fsid);
	FIELD(statvfs, f_flag);
	FIELD(statvfs, f_namemax);
	STRUCT(timespec);
	FIELD(timespec, tv_sec);
	FIELD(timespec, tv_nsec);
	WIDTH(stat, st_dev);
	WIDTH(stat, st_ino);
	WIDTH(stat, st_nlink);
	WIDTH(stat, st_mode);
	WIDTH(stat, st_uid);
	WIDTH(stat, st_gid);
	WIDTH(stat, st_rdev);
	WIDTH(stat, st_size);
	WIDTH(stat, st_blksize);
	WIDTH(stat, st_blocks);
	VALUE("O_DIRECT", O_DIRECT);
	VALUE("O_DIRECTORY", O_DIRECTORY);
	VALUE("O_NOFOLLOW", O_NOFOLLOW);
}

static void libfuse_layouts(void)
{
	STRUCT(fuse_args);
	FIELD(fuse_args, argc);
	FIELD(fuse_args, argv);
	FIELD(fuse_args, allocated);
	STRUCT(fuse_buf);
	FIELD(fuse_buf, size);
	FIELD(fuse_buf, flags);
	FIELD(fuse_buf, mem);
	FIELD(fuse_buf, fd);
	FIELD(fuse_buf, pos);
	STRUCT(fuse_bufvec);
	FIELD(fuse_bufvec, count);
	FIELD(fuse_bufvec, idx);
	FIELD(fuse_bufvec, off);
	FIELD(fuse_bufvec, buf);
	STRUCT(fuse_conn_info);
	FIELD(fuse_conn_info, proto_major);
	FIELD(fuse_conn_info, proto_minor);
	FIELD(fuse_conn_info, max_write);
	FIELD(fuse_conn_info, max_read);
	FIELD(fuse_conn_info, max_readahead);
	FIELD(fuse_conn_info, capable);
	FIELD(fuse_conn_info, want);
	FIELD(fuse_conn_info, max_background);
	FIELD(fuse_conn_info, congestion_threshold);
	FIELD(fuse_conn_info, time_gran);
	STRUCT(fuse_ctx);
	FIELD(fuse_ctx, uid);
	FIELD(fuse_ctx, gid);
	FIELD(fuse_ctx, pid);
	FIELD(fuse_ctx, umask);
	STRUCT(fuse_entry_param);
	FIELD(fuse_entry_param, ino);
	FIELD(fuse_entry_param, generation);
	FIELD(fuse_entry_param, attr);
	FIELD(fuse_entry_param, attr_timeout);
	FIELD(fuse_entry_param, entry_timeout);
	STRUCT(fuse_file_info);
	FIELD(fuse_file_info, flags);
	FIELD(fuse_file_info, fh);
	FIELD(fuse_file_info, lock_owner);
	FIELD(fuse_file_info, poll_events);
	STRUCT(fuse_forget_data);
	FIELD(fuse_forget_data, ino);
	FIELD(fuse_forget_data, nlookup);
	STRUCT(fuse_lowlevel_ops);
	FIELD(fuse_lowlevel_ops, init);
	FIELD(fuse_lowlevel_ops, destroy);
	FIELD(fuse_lowlevel_ops, lookup);
	FIELD(fuse_lowlevel_ops, forget);
	FIELD(fuse_lowlevel_ops, getattr);
	FIELD(fuse_lowlevel_ops, setattr);
	FIELD(fuse_lowlevel_ops, readlink);
	FIELD(fuse_lowlevel_ops, mknod);
	FIELD(fuse_lowlevel_ops, mkdir);
	FIELD(fuse_lowlevel_ops, unlink);
	FIELD(fuse_lowlevel_ops, rmdir);
	FIELD(fuse_lowlevel_ops, symlink);
	FIELD(fuse_lowlevel_ops, rename);
	FIELD(fuse_lowlevel_ops, link);
	FIELD(fuse_lowlevel_ops, open);
	FIELD(fuse_lowlevel_ops, read);
	FIELD(fuse_lowlevel_ops, write);
	FIELD(fuse_lowlevel_ops, flush);
	FIELD(fuse_lowlevel_ops, release);
	FIELD(fuse_lowlevel_ops, fsync);
	FIELD(fuse_lowlevel_ops, opendir);
	FIELD(fuse_lowlevel_ops, readdir);
	FIELD(fuse_lowlevel_ops, releasedir);
	FIELD(fuse_lowlevel_ops, fsyncdir);
	FIELD(fuse_lowlevel_ops, statfs);
	FIELD(fuse_lowlevel_ops, setxattr);
	FIELD(fuse_lowlevel_ops, getxattr);
	FIELD(fuse_lowlevel_ops, listxattr);
	FIELD(fuse_lowlevel_ops, removexattr);
	FIELD(fuse_lowlevel_ops, access);
	FIELD(fuse_lowlevel_ops, create);
	FIELD(fuse_lowlevel_ops, getlk);
	FIELD(fuse_lowlevel_ops, setlk);
	FIELD(fuse_lowlevel_ops, bmap);
	FIELD(fuse_lowlevel_ops, ioctl);
	FIELD(fuse_lowlevel_ops, poll);
	FIELD(fuse_lowlevel_ops, write_buf);
	FIELD(fuse_lowlevel_ops, retrieve_reply);
	FIELD(fuse_lowlevel_ops, forget_multi);
	FIELD(fuse_lowlevel_ops, flock);
	FIELD(fuse_lowlevel_ops, fallocate);
	FIELD(fuse_lowlevel_ops, readdirplus);
	FIELD(fuse_lowlevel_ops, copy_file_range);
	FIELD(fuse_lowlevel_ops, lseek);
#if FUSE_VERSION >= 317
	FIELD(fuse_lowlevel_ops, tmpfile);
	STRUCT(libfuse_version);
	FIELD(libfuse_version, major);
	FIELD(libfuse_version, minor);
	FIELD(libfuse_version, hotfix);
#endif
#if FUSE_VERSION >= 318
	FIELD(fuse_lowlevel_ops, statx);
#endif
	BIT(writepage);
	BIT(direct_io);
	BIT(keep_cache);
	BIT(flush);
	BIT(nonseekable);
	BIT(flock_release);
	BIT(cache_readdir);
#if FUSE_VERSION >= 311
	BIT(noflush);
#endif
#if FUSE_VERSION >= 315 || defined(PROBE_3_14_1)
	BIT(parallel_direct_writes);
#endif
}

int main(void)
{
	libc_layouts();
	libfuse_layouts();
	return 0;
}
