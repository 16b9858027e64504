/*
 * memfs: a writable filesystem in memory on libfuse's low-level interface, the C side of benchmarks of fuse-ffm.
 *
 *   memfs [-T THREADS] [-s] [-a SECONDS] [-e SECONDS] [-n SECONDS] [-k] [-x] [-K] MOUNTPOINT
 *
 *   -T  at most so many threads; without it as many as CPUs that it may run on. One: libfuse's plain loop
 *   -s  the threads share one descriptor; without it each has its own (clone_fd)
 *   -a  how long the kernel may keep attributes (a day)
 *   -e  how long it may keep names (a day)
 *   -n  how long it may keep that there is no such name (a day)
 *   -k  let it keep pages when a file is opened again
 *   -x  answer questions for extended attributes: there are none. Without it they are not implemented, which the kernel
 *       remembers, and asks no more before each write
 *   -K  ask for HANDLE_KILLPRIV_V2, with which the kernel does not ask before writes either. libfuse knows it since 3.17;
 *       with an older one this ends with code 3
 *
 * Content is answered straight from where it lies, with one vector for each extent. What the kernel may do is what
 * fuse-ffm's MemFs asks for; AUTO_INVAL_DATA is not, since nobody else changes the files. Flush, fsync and access are not
 * implemented, which the kernel remembers and takes for a success.
 */
#define _GNU_SOURCE
#include "serve.h"
#include "folders.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/statvfs.h>

#define MAX_BACKGROUND 256
#define NAME_BYTES 255
#define DAY_SECONDS 86400

static double attr_timeout = DAY_SECONDS, entry_timeout = DAY_SECONDS, negative_timeout = DAY_SECONDS;
static int keep, killpriv_v2;
static const char zeros[EXTENT_BYTES];

static void fill(const struct inode *inode, struct stat *stat)
{
	*stat = (struct stat){
		.st_ino = ino_of(inode),
		.st_mode = inode->mode,
		.st_nlink = inode->links,
		.st_uid = inode->uid,
		.st_gid = inode->gid,
		.st_rdev = inode->device,
		.st_size = (off_t)inode->content.size,
		.st_blksize = 4096,
		.st_blocks = (blkcnt_t)((inode->content.size + 511) / 512),
		.st_atim = inode->atime,
		.st_mtim = inode->mtime,
		.st_ctim = inode->ctime,
	};
}

/* With the locks of the folder and not of the inode held. The kernel has looked it up then. */
static void fill_entry(struct inode *inode, int locked, struct fuse_entry_param *entry)
{
	*entry = (struct fuse_entry_param){
		.ino = ino_of(inode), .attr_timeout = attr_timeout, .entry_timeout = entry_timeout};
	if (!locked)
		pthread_rwlock_rdlock(&inode->lock);
	fill(inode, &entry->attr);
	if (!locked)
		pthread_rwlock_unlock(&inode->lock);
	atomic_fetch_add(&inode->references, 1);
}

static int is_later(struct timespec one, struct timespec other)
{
	return one.tv_sec > other.tv_sec || (one.tv_sec == other.tv_sec && one.tv_nsec > other.tv_nsec);
}

/* With the inode's lock held to read, which is let go when a read has to be noted: the rule of relatime, in mount(8). */
static void note_access(struct inode *inode)
{
	struct timespec time = now();
	if (is_later(inode->atime, inode->mtime) && is_later(inode->atime, inode->ctime) &&
	    time.tv_sec - inode->atime.tv_sec < DAY_SECONDS)
		return;
	pthread_rwlock_unlock(&inode->lock);
	pthread_rwlock_wrlock(&inode->lock);
	inode->atime = time;
	pthread_rwlock_unlock(&inode->lock);
	pthread_rwlock_rdlock(&inode->lock);
}

static void memfs_init(void *unused, struct fuse_conn_info *connection)
{
	(void)unused;
	connection->want &= ~(unsigned)FUSE_CAP_AUTO_INVAL_DATA;
	connection->want |= connection->capable & FUSE_CAP_CACHE_SYMLINKS;
	connection->max_background = MAX_BACKGROUND;
#ifdef FUSE_CAP_HANDLE_KILLPRIV_V2
	connection->want &= ~(unsigned)FUSE_CAP_HANDLE_KILLPRIV_V2;
	if (killpriv_v2)
		connection->want |= connection->capable & FUSE_CAP_HANDLE_KILLPRIV_V2;
#endif
}

static void memfs_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct inode *folder = inode_of(parent);
	struct fuse_entry_param param;
	pthread_rwlock_rdlock(&folder->lock);
	struct entry *entry = folder_find(folder, name);
	if (entry != NULL)
		fill_entry(entry->inode, 0, &param);
	pthread_rwlock_unlock(&folder->lock);
	if (entry == NULL)
		param = (struct fuse_entry_param){.entry_timeout = negative_timeout};
	if (entry == NULL && negative_timeout == 0)
		fuse_reply_err(request, ENOENT);
	else
		fuse_reply_entry(request, &param);
}

static void memfs_forget(fuse_req_t request, fuse_ino_t ino, uint64_t count)
{
	inode_put(inode_of(ino), count);
	fuse_reply_none(request);
}

static void memfs_forget_multi(fuse_req_t request, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		inode_put(inode_of(forgets[i].ino), forgets[i].nlookup);
	fuse_reply_none(request);
}

static void memfs_getattr(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	(void)file;
	struct inode *inode = inode_of(ino);
	struct stat stat;
	pthread_rwlock_rdlock(&inode->lock);
	fill(inode, &stat);
	pthread_rwlock_unlock(&inode->lock);
	fuse_reply_attr(request, &stat, attr_timeout);
}

static void memfs_setattr(fuse_req_t request, fuse_ino_t ino, struct stat *wanted, int what, struct fuse_file_info *file)
{
	(void)file;
	struct inode *inode = inode_of(ino);
	struct stat stat;
	struct timespec time = now();
	int failed = 0;
	pthread_rwlock_wrlock(&inode->lock);
	if (what & FUSE_SET_ATTR_MODE)
		inode->mode = (inode->mode & S_IFMT) | (wanted->st_mode & ~(mode_t)S_IFMT);
	if (what & FUSE_SET_ATTR_UID)
		inode->uid = wanted->st_uid;
	if (what & FUSE_SET_ATTR_GID)
		inode->gid = wanted->st_gid;
	if (what & FUSE_SET_ATTR_SIZE) {
		failed = content_resize(&inode->content, (uint64_t)wanted->st_size);
		inode->mtime = time;
	}
	if (what & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW))
		inode->atime = what & FUSE_SET_ATTR_ATIME_NOW ? time : wanted->st_atim;
	if (what & (FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW))
		inode->mtime = what & FUSE_SET_ATTR_MTIME_NOW ? time : wanted->st_mtim;
	inode->ctime = what & FUSE_SET_ATTR_CTIME ? wanted->st_ctim : time;
	fill(inode, &stat);
	pthread_rwlock_unlock(&inode->lock);
	if (failed)
		fuse_reply_err(request, ENOSPC);
	else
		fuse_reply_attr(request, &stat, attr_timeout);
}

static void memfs_readlink(fuse_req_t request, fuse_ino_t ino)
{
	fuse_reply_readlink(request, inode_of(ino)->target);
}

/* Makes an inode and its name; the errno, or 0. */
static int make(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, dev_t device, const char *target,
		struct fuse_entry_param *param)
{
	struct inode *folder = inode_of(parent), *inode = calloc(1, sizeof(*inode));
	const struct fuse_ctx *caller = fuse_req_ctx(request);
	int error = 0;
	if (strlen(name) > NAME_BYTES) {
		free(inode);
		return ENAMETOOLONG;
	}
	if (inode == NULL || (target != NULL && (inode->target = strdup(target)) == NULL)) {
		free(inode);
		return ENOMEM;
	}
	inode_init(inode, mode, caller->uid, caller->gid);
	inode->device = device;
	inode->content.size = target == NULL ? 0 : strlen(target);
	inode->references = 1;
	pthread_rwlock_wrlock(&folder->lock);
	if (folder->links == 0)
		error = ENOENT;
	else if (folder_find(folder, name) != NULL)
		error = EEXIST;
	else if (folder_add(folder, name, inode) != 0)
		error = ENOSPC;
	else
		fill_entry(inode, 1, param);
	pthread_rwlock_unlock(&folder->lock);
	if (error != 0)
		inode_put(inode, 1);
	return error;
}

static void reply_made(fuse_req_t request, int error, const struct fuse_entry_param *param)
{
	if (error != 0)
		fuse_reply_err(request, error);
	else
		fuse_reply_entry(request, param);
}

static void memfs_mknod(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	struct fuse_entry_param param;
	reply_made(request, make(request, parent, name, mode, device, NULL, &param), &param);
}

static void memfs_mkdir(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode)
{
	struct fuse_entry_param param;
	reply_made(request, make(request, parent, name, mode | S_IFDIR, 0, NULL, &param), &param);
}

static void memfs_symlink(fuse_req_t request, const char *target, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param param;
	reply_made(request, make(request, parent, name, S_IFLNK | 0777, 0, target, &param), &param);
}

static void memfs_create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode,
			 struct fuse_file_info *file)
{
	struct fuse_entry_param param;
	int error = make(request, parent, name, mode, 0, NULL, &param);
	file->keep_cache = (unsigned)keep;
	if (error != 0)
		fuse_reply_err(request, error);
	else
		fuse_reply_create(request, &param, file);
}

/* With the folder's lock held: what is lost with a name. */
static void lose_link(struct inode *inode)
{
	pthread_rwlock_wrlock(&inode->lock);
	inode->links -= S_ISDIR(inode->mode) ? 2 : 1;
	inode->ctime = now();
	pthread_rwlock_unlock(&inode->lock);
}

static int is_empty(struct inode *folder)
{
	pthread_rwlock_rdlock(&folder->lock);
	int empty = folder->entries == 0;
	pthread_rwlock_unlock(&folder->lock);
	return empty;
}

static void take_away(fuse_req_t request, fuse_ino_t parent, const char *name, int is_folder)
{
	struct inode *folder = inode_of(parent), *gone = NULL;
	int error = 0;
	pthread_rwlock_wrlock(&folder->lock);
	struct entry *entry = folder_find(folder, name);
	if (entry == NULL)
		error = ENOENT;
	else if (!S_ISDIR(entry->inode->mode) != !is_folder)
		error = is_folder ? ENOTDIR : EISDIR;
	else if (is_folder && !is_empty(entry->inode))
		error = ENOTEMPTY;
	else {
		gone = entry->inode;
		folder_remove(folder, entry);
		lose_link(gone);
	}
	pthread_rwlock_unlock(&folder->lock);
	if (gone != NULL)
		inode_put(gone, 1);
	fuse_reply_err(request, error);
}

static void memfs_unlink(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	take_away(request, parent, name, 0);
}

static void memfs_rmdir(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	take_away(request, parent, name, 1);
}

static void memfs_link(fuse_req_t request, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	struct inode *inode = inode_of(ino), *folder = inode_of(parent);
	struct fuse_entry_param param;
	int error = 0;
	pthread_rwlock_wrlock(&folder->lock);
	if (folder_find(folder, name) != NULL)
		error = EEXIST;
	else if (folder_add(folder, name, inode) != 0)
		error = ENOSPC;
	else {
		pthread_rwlock_wrlock(&inode->lock);
		inode->links++;
		inode->ctime = now();
		atomic_fetch_add(&inode->references, 1);
		pthread_rwlock_unlock(&inode->lock);
		fill_entry(inode, 0, &param);
	}
	pthread_rwlock_unlock(&folder->lock);
	reply_made(request, error, &param);
}

/* With both folders' locks held: moves a name, over another if there is one, whose inode is returned in *gone. */
static int move(struct inode *folder, struct entry *entry, struct inode *new_folder, const char *new_name,
		struct inode **gone)
{
	struct entry *target = folder_find(new_folder, new_name);
	struct inode *inode = entry->inode;
	if (target != NULL) {
		if (target->inode == inode)
			return 0;
		if (S_ISDIR(target->inode->mode) && !S_ISDIR(inode->mode))
			return EISDIR;
		if (!S_ISDIR(target->inode->mode) && S_ISDIR(inode->mode))
			return ENOTDIR;
		if (S_ISDIR(target->inode->mode) && !is_empty(target->inode))
			return ENOTEMPTY;
		*gone = target->inode;
		folder_remove(new_folder, target);
		lose_link(*gone);
	}
	if (folder_add(new_folder, new_name, inode) != 0)
		return ENOSPC;
	folder_remove(folder, entry);
	return 0;
}

static int exchange(struct inode *folder, struct entry *entry, struct inode *other_folder, struct entry *other)
{
	struct inode *inode = entry->inode;
	folder->links += (nlink_t)S_ISDIR(other->inode->mode) - (nlink_t)S_ISDIR(inode->mode);
	other_folder->links += (nlink_t)S_ISDIR(inode->mode) - (nlink_t)S_ISDIR(other->inode->mode);
	if (S_ISDIR(inode->mode))
		inode->parent = other_folder;
	if (S_ISDIR(other->inode->mode))
		other->inode->parent = folder;
	entry->inode = other->inode;
	other->inode = inode;
	return 0;
}

static void memfs_rename(fuse_req_t request, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
			 const char *new_name, unsigned flags)
{
	struct inode *folder = inode_of(parent), *new_folder = inode_of(new_parent), *gone = NULL;
	int error;
	lock_both(folder, new_folder);
	struct entry *entry = folder_find(folder, name), *other = folder_find(new_folder, new_name);
	if (entry == NULL)
		error = ENOENT;
	else if (flags == RENAME_EXCHANGE)
		error = other == NULL ? ENOENT : exchange(folder, entry, new_folder, other);
	else if (flags == RENAME_NOREPLACE && other != NULL)
		error = EEXIST;
	else if ((flags & ~(unsigned)RENAME_NOREPLACE) != 0)
		error = EINVAL;
	else
		error = move(folder, entry, new_folder, new_name, &gone);
	unlock_both(folder, new_folder);
	if (gone != NULL)
		inode_put(gone, 1);
	fuse_reply_err(request, error);
}

static void memfs_open(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	struct inode *inode = inode_of(ino);
	if (file->flags & O_TRUNC) {
		pthread_rwlock_wrlock(&inode->lock);
		content_resize(&inode->content, 0);
		inode->mtime = inode->ctime = now();
		pthread_rwlock_unlock(&inode->lock);
	}
	file->keep_cache = (unsigned)keep;
	fuse_reply_open(request, file);
}

static void memfs_read(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *file)
{
	(void)file;
	struct inode *inode = inode_of(ino);
	pthread_rwlock_rdlock(&inode->lock);
	note_access(inode);
	uint64_t at = (uint64_t)offset, left = at < inode->content.size ? inode->content.size - at : 0;
	size_t wanted = size < left ? size : (size_t)left, run = wanted;
	char *bytes = wanted == 0 ? NULL : content_run(&inode->content, at, &run);
	if (run == wanted) {
		fuse_reply_buf(request, bytes == NULL ? zeros : bytes, wanted);
	} else {
		struct iovec vectors[wanted / EXTENT_BYTES + 2];
		int count = 0;
		while (wanted > 0) {
			run = wanted;
			bytes = content_run(&inode->content, at, &run);
			vectors[count++] =
				(struct iovec){.iov_base = bytes == NULL ? (void *)(uintptr_t)zeros : bytes, .iov_len = run};
			at += run;
			wanted -= run;
		}
		fuse_reply_iov(request, vectors, count);
	}
	pthread_rwlock_unlock(&inode->lock);
}

static void memfs_write(fuse_req_t request, fuse_ino_t ino, const char *bytes, size_t size, off_t offset,
			struct fuse_file_info *file)
{
	(void)file;
	struct inode *inode = inode_of(ino);
	pthread_rwlock_wrlock(&inode->lock);
	int failed = content_write(&inode->content, bytes, size, (uint64_t)offset);
	inode->mtime = inode->ctime = now();
	pthread_rwlock_unlock(&inode->lock);
	if (failed)
		fuse_reply_err(request, ENOSPC);
	else
		fuse_reply_write(request, size);
}

static void memfs_fallocate(fuse_req_t request, fuse_ino_t ino, int mode, off_t offset, off_t length,
			    struct fuse_file_info *file)
{
	(void)file;
	struct inode *inode = inode_of(ino);
	uint64_t begin = (uint64_t)offset, end = begin + (uint64_t)length;
	int error = 0;
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) {
		fuse_reply_err(request, EOPNOTSUPP);
		return;
	}
	pthread_rwlock_wrlock(&inode->lock);
	if (mode & FALLOC_FL_PUNCH_HOLE)
		content_clear(&inode->content, begin, end);
	else if (content_room(&inode->content, begin, end) != 0)
		error = ENOSPC;
	else if (!(mode & FALLOC_FL_KEEP_SIZE) && end > inode->content.size)
		inode->content.size = end;
	inode->mtime = inode->ctime = now();
	pthread_rwlock_unlock(&inode->lock);
	fuse_reply_err(request, error);
}

static void memfs_opendir(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	struct inode *folder = inode_of(ino);
	pthread_rwlock_wrlock(&folder->lock);
	folder->readers++;
	pthread_rwlock_unlock(&folder->lock);
	fuse_reply_open(request, file);
}

static void memfs_releasedir(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	(void)file;
	struct inode *folder = inode_of(ino);
	pthread_rwlock_wrlock(&folder->lock);
	folder->readers--;
	pthread_rwlock_unlock(&folder->lock);
	fuse_reply_err(request, 0);
}

/* Adds one name to a listing; the bytes that it needs, more than there are when it does not fit. */
static size_t list_one(fuse_req_t request, char *to, size_t left, const char *name, struct inode *inode, int counted,
		       off_t next, int plus)
{
	struct fuse_entry_param param;
	if (!plus) {
		struct stat stat = {.st_ino = ino_of(inode), .st_mode = inode->mode};
		return fuse_add_direntry(request, to, left, name, &stat, next);
	}
	if (!counted) {
		param = (struct fuse_entry_param){.attr = {.st_ino = ino_of(inode), .st_mode = inode->mode}};
		return fuse_add_direntry_plus(request, to, left, name, &param, next);
	}
	fill_entry(inode, 0, &param);
	size_t needed = fuse_add_direntry_plus(request, to, left, name, &param, next);
	if (needed > left)
		atomic_fetch_sub(&inode->references, 1); /* never the last: the name has one */
	return needed;
}

/* Offsets: 1 and 2 follow . and .., then 3 more than the place in the folder's order. */
static void list(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset, int plus)
{
	struct inode *folder = inode_of(ino);
	char *buffer = malloc(size);
	size_t used = 0, needed;
	if (buffer == NULL) {
		fuse_reply_err(request, ENOMEM);
		return;
	}
	pthread_rwlock_rdlock(&folder->lock);
	note_access(folder);
	for (uint64_t at = (uint64_t)offset; at < 2 + (uint64_t)folder->order_used; at++, used += needed) {
		struct entry *entry = at < 2 ? NULL : folder->order[at - 2];
		needed = 0;
		if (at < 2)
			needed = list_one(request, buffer + used, size - used, at == 0 ? "." : "..",
					  at == 0 || folder->parent == NULL ? folder : folder->parent, 0, (off_t)at + 1, plus);
		else if (entry != NULL)
			needed = list_one(request, buffer + used, size - used, entry->name, entry->inode, 1, (off_t)at + 1,
					  plus);
		if (needed > size - used)
			break;
	}
	pthread_rwlock_unlock(&folder->lock);
	fuse_reply_buf(request, buffer, used);
	free(buffer);
}

static void memfs_readdir(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *file)
{
	(void)file;
	list(request, ino, size, offset, 0);
}

static void memfs_readdirplus(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset,
			      struct fuse_file_info *file)
{
	(void)file;
	list(request, ino, size, offset, 1);
}

static void memfs_statfs(fuse_req_t request, fuse_ino_t ino)
{
	(void)ino;
	uint64_t blocks = (uint64_t)sysconf(_SC_PHYS_PAGES);
	struct statvfs figures = {.f_bsize = 4096, .f_frsize = 4096, .f_blocks = blocks, .f_bfree = blocks,
				  .f_bavail = blocks, .f_namemax = NAME_BYTES};
	fuse_reply_statfs(request, &figures);
}

static void memfs_getxattr(fuse_req_t request, fuse_ino_t ino, const char *name, size_t size)
{
	(void)ino;
	(void)name;
	(void)size;
	fuse_reply_err(request, ENODATA);
}

static struct fuse_lowlevel_ops operations = {
	.init = memfs_init,
	.lookup = memfs_lookup,
	.forget = memfs_forget,
	.forget_multi = memfs_forget_multi,
	.getattr = memfs_getattr,
	.setattr = memfs_setattr,
	.readlink = memfs_readlink,
	.mknod = memfs_mknod,
	.mkdir = memfs_mkdir,
	.symlink = memfs_symlink,
	.create = memfs_create,
	.unlink = memfs_unlink,
	.rmdir = memfs_rmdir,
	.link = memfs_link,
	.rename = memfs_rename,
	.open = memfs_open,
	.read = memfs_read,
	.write = memfs_write,
	.fallocate = memfs_fallocate,
	.opendir = memfs_opendir,
	.releasedir = memfs_releasedir,
	.readdir = memfs_readdir,
	.readdirplus = memfs_readdirplus,
	.statfs = memfs_statfs,
};

static int processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

int main(int argc, char **argv)
{
	struct serving how = {.clone_fd = 1, .threads = processors(), .writable = 1};
	for (int option; (option = getopt(argc, argv, "T:sa:e:n:kxK")) != -1;) {
		switch (option) {
		case 'T':
			how.threads = atoi(optarg);
			break;
		case 's':
			how.clone_fd = 0;
			break;
		case 'a':
			attr_timeout = atof(optarg);
			break;
		case 'e':
			entry_timeout = atof(optarg);
			break;
		case 'n':
			negative_timeout = atof(optarg);
			break;
		case 'k':
			keep = 1;
			break;
		case 'x':
			operations.getxattr = memfs_getxattr;
			break;
		case 'K':
			killpriv_v2 = 1;
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 1 || how.threads < 1) {
		fprintf(stderr, "memfs: unknown arguments; see the head of memfs.c\n");
		return 2;
	}
#ifndef FUSE_CAP_HANDLE_KILLPRIV_V2
	if (killpriv_v2) {
		fprintf(stderr, "memfs: libfuse %s does not know HANDLE_KILLPRIV_V2\n", fuse_pkgversion());
		return 3;
	}
#endif
	how.single = how.threads == 1;
	inode_init(&root_inode, S_IFDIR | 0755, getuid(), getgid());
	return serve("memfs", argv[optind], &operations, sizeof(operations), how);
}
