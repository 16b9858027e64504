/*
 * passthrough: shows objects of a store, one after the other, as one read-only file named "data"; the C side of the
 * benchmark of sequential reads.
 *
 *   passthrough [-s] [-c] [-p] MOUNTPOINT OBJECT...
 *
 *   -s  one thread (libfuse's plain loop) instead of libfuse's default of several
 *   -c  with several threads: a descriptor for each (clone_fd)
 *   -p  splice from the objects to the kernel (fuse_reply_data) instead of a pread into the thread's buffer, which is
 *       the answer (fuse_reply_buf)
 *
 * All objects but the last must have the same length. The kernel may keep names, attributes and pages for a day.
 */
#define _GNU_SOURCE
#include "serve.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_INO 2
#define TIMEOUT_SECONDS 86400.0

/* The largest request of a kernel whose fs.fuse.max_pages_limit is not raised. */
#define READ_BYTES_MAX (1 << 20)

static int *objects;
static int object_count;
static off_t object_bytes;
static off_t file_bytes;
static int splice_wanted;

static void fill(fuse_ino_t ino, struct stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->st_ino = ino;
	stat->st_uid = getuid();
	stat->st_gid = getgid();
	stat->st_mode = ino == FILE_INO ? S_IFREG | 0644 : S_IFDIR | 0755;
	stat->st_nlink = ino == FILE_INO ? 1 : 2;
	stat->st_size = ino == FILE_INO ? file_bytes : 0;
}

static void passthrough_init(void *unused, struct fuse_conn_info *connection)
{
	(void)unused;
	connection->want &= ~(unsigned)FUSE_CAP_AUTO_INVAL_DATA;
	if (splice_wanted)
		connection->want |= connection->capable & (FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
	connection->max_background = 256;
}

static void passthrough_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	if (parent != FUSE_ROOT_ID || strcmp(name, "data") != 0) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	struct fuse_entry_param entry = {.ino = FILE_INO, .attr_timeout = TIMEOUT_SECONDS,
					 .entry_timeout = TIMEOUT_SECONDS};
	fill(FILE_INO, &entry.attr);
	fuse_reply_entry(request, &entry);
}

static void passthrough_getattr(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	(void)file;
	struct stat stat;
	fill(ino, &stat);
	fuse_reply_attr(request, &stat, TIMEOUT_SECONDS);
}

static void passthrough_open(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	if (ino != FILE_INO) {
		fuse_reply_err(request, EISDIR);
		return;
	}
	file->keep_cache = 1;
	fuse_reply_open(request, file);
}

/* At most two objects: a request is never longer than one. Returns where the next byte after this piece lies. */
static off_t piece_of(off_t offset, size_t size, struct fuse_buf *piece)
{
	off_t within = offset % object_bytes;
	size_t count = (off_t)size < object_bytes - within ? size : (size_t)(object_bytes - within);
	*piece = (struct fuse_buf){
		.size = count,
		.flags = FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK,
		.fd = objects[offset / object_bytes],
		.pos = within,
	};
	return offset + (off_t)count;
}

static void answer_by_splice(fuse_req_t request, size_t size, off_t offset)
{
	char room[sizeof(struct fuse_bufvec) + sizeof(struct fuse_buf)] __attribute__((aligned(8)));
	struct fuse_bufvec *pieces = (struct fuse_bufvec *)room;
	memset(room, 0, sizeof(room));
	for (off_t end = offset + (off_t)size; offset < end; pieces->count++)
		offset = piece_of(offset, (size_t)(end - offset), &pieces->buf[pieces->count]);
	fuse_reply_data(request, pieces, FUSE_BUF_SPLICE_MOVE);
}

static void answer_by_copy(fuse_req_t request, size_t size, off_t offset)
{
	static __thread char buffer[READ_BYTES_MAX] __attribute__((aligned(4096)));
	size_t done = 0;
	while (done < size) {
		struct fuse_buf piece;
		piece_of(offset + (off_t)done, size - done, &piece);
		ssize_t count = pread(piece.fd, buffer + done, piece.size, piece.pos);
		if (count <= 0) {
			fuse_reply_err(request, EIO);
			return;
		}
		done += (size_t)count;
	}
	fuse_reply_buf(request, buffer, size);
}

static void passthrough_read(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset,
			     struct fuse_file_info *file)
{
	(void)ino;
	(void)file;
	if (offset >= file_bytes)
		size = 0;
	else if ((off_t)size > file_bytes - offset)
		size = (size_t)(file_bytes - offset);
	if (size == 0)
		fuse_reply_buf(request, NULL, 0);
	else if (splice_wanted)
		answer_by_splice(request, size, offset);
	else
		answer_by_copy(request, size < READ_BYTES_MAX ? size : READ_BYTES_MAX, offset);
}

static const struct fuse_lowlevel_ops operations = {
	.init = passthrough_init,
	.lookup = passthrough_lookup,
	.getattr = passthrough_getattr,
	.open = passthrough_open,
	.read = passthrough_read,
};

static int usage(void)
{
	fprintf(stderr, "passthrough: usage: passthrough [-s] [-c] [-p] MOUNTPOINT OBJECT...\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct serving how = {0};
	for (int option; (option = getopt(argc, argv, "scp")) != -1;) {
		switch (option) {
		case 's':
			how.single = 1;
			break;
		case 'c':
			how.clone_fd = 1;
			break;
		case 'p':
			splice_wanted = 1;
			break;
		default:
			return usage();
		}
	}
	object_count = argc - optind - 1;
	if (object_count < 1)
		return usage();
	objects = calloc((size_t)object_count, sizeof(*objects));
	for (int i = 0; i < object_count; i++) {
		struct stat stat;
		const char *name = argv[optind + 1 + i];
		objects[i] = open(name, O_RDONLY);
		if (objects[i] < 0 || fstat(objects[i], &stat) != 0) {
			fprintf(stderr, "passthrough: cannot open %s: %s\n", name, strerror(errno));
			return 1;
		}
		if (i == 0)
			object_bytes = stat.st_size;
		if (stat.st_size == 0 || stat.st_size > object_bytes ||
		    (stat.st_size < object_bytes && i != object_count - 1)) {
			fprintf(stderr, "passthrough: %s has another length than the first object\n", name);
			return 1;
		}
		file_bytes += stat.st_size;
	}
	return serve("passthrough", argv[optind], &operations, sizeof(operations), how);
}
