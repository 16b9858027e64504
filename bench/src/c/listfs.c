/*
 * listfs: a small read-only filesystem in memory on libfuse's low-level interface, the C side of benchmarks.
 *
 *   listfs [-s] [-c] [-t SECONDS] [-k] LISTING MOUNTPOINT
 *
 *   -s  one thread (libfuse's plain loop) instead of libfuse's default of several
 *   -c  with several threads: a descriptor for each (clone_fd)
 *   -t  how long the kernel may keep names and attributes; without it 0, what the low-level interface has unless told
 *   -k  let the kernel keep pages and listings between opens, and read sizes and times only once
 *
 * LISTING has a line for each entry, fields separated by one tab, with the entries of one folder one after the other and
 * every folder before what is in it; times are seconds since 1970, modes are octal permissions:
 *
 *   d MODE MTIME PATH
 *   f MODE MTIME PATH SIZE SOURCE     SOURCE: the file to load the content from; - for zeros
 *   l MTIME PATH TARGET
 *
 * Attributes beyond those are made up as slabmount does: the caller's own ids, a link count of 1 (folders: 2 and one
 * more for each folder in them), blocks of 512 bytes.
 */
#define _GNU_SOURCE
#include "serve.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct node {
	const char *name;
	const char *content; /* a file's bytes, a link's target; NULL: zeros */
	uint64_t size;
	int64_t mtime;
	uint32_t mode;
	uint32_t parent;
	uint32_t first; /* children are the nodes first .. first + children - 1 */
	uint32_t children;
	uint32_t folders;
};

/* Nodes by inode number; 0 is not used, 1 is the root. */
static struct node *nodes;
static uint32_t node_count = 1;

/* Open addressing: inode numbers by parent and name, 0 where free. */
static uint32_t *table;
static uint32_t table_mask;

static double timeout_seconds;
static int keep;

/* What reads of files without content get. */
static char zeros[1 << 20];

static void die(const char *what, const char *on)
{
	fprintf(stderr, "listfs: %s %s\n", what, on);
	exit(1);
}

static uint32_t slot_of(uint32_t parent, const char *name, size_t length)
{
	uint64_t hash = 14695981039346656037u ^ parent;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * 1099511628211u;
	return (uint32_t)(hash ^ (hash >> 32)) & table_mask;
}

/* The inode number of a name in a folder, or 0. */
static uint32_t find(uint32_t parent, const char *name, size_t length)
{
	for (uint32_t slot = slot_of(parent, name, length); table[slot] != 0; slot = (slot + 1) & table_mask) {
		const struct node *node = &nodes[table[slot]];
		if (node->parent == parent && strncmp(node->name, name, length) == 0 && node->name[length] == 0)
			return table[slot];
	}
	return 0;
}

static const char *load(const char *source, uint64_t size)
{
	if (size == 0 || strcmp(source, "-") == 0)
		return NULL;
	int fd = open(source, O_RDONLY);
	if (fd < 0)
		die("cannot open", source);
	/* As slabmount's pool does: big pages where the kernel has them. */
	char *bytes = aligned_alloc(2 << 20, (size + (2 << 20) - 1) & ~(uint64_t)((2 << 20) - 1));
	if (size < (2 << 20) || bytes == NULL) {
		free(bytes);
		bytes = malloc(size);
	} else {
		madvise(bytes, size, MADV_HUGEPAGE);
	}
	if (bytes == NULL)
		die("no memory for", source);
	for (uint64_t done = 0; done < size;) {
		ssize_t count = read(fd, bytes + done, size - done);
		if (count <= 0)
			die("cannot read", source);
		done += (uint64_t)count;
	}
	close(fd);
	return bytes;
}

/* Takes the next field off a line. */
static char *field(char **rest)
{
	char *begin = strsep(rest, "\t");
	if (begin == NULL)
		die("a line lacks a field;", "see the head of listfs.c");
	return begin;
}

static void add(char *line)
{
	struct node *node = &nodes[node_count];
	char kind = field(&line)[0];
	node->mode = kind == 'l' ? S_IFLNK | 0777 : (uint32_t)strtoul(field(&line), NULL, 8);
	node->mtime = strtoll(field(&line), NULL, 10);
	char *path = field(&line);
	if (kind == 'd') {
		node->mode |= S_IFDIR;
	} else if (kind == 'f') {
		node->mode |= S_IFREG;
		node->size = strtoull(field(&line), NULL, 10);
		node->content = load(field(&line), node->size);
	} else if (kind == 'l') {
		node->content = field(&line);
		node->size = strlen(node->content);
	} else {
		die("unknown kind of line for", path);
	}
	uint32_t parent = FUSE_ROOT_ID;
	char *name = path;
	for (char *slash; (slash = strchr(name, '/')) != NULL; name = slash + 1) {
		parent = find(parent, name, (size_t)(slash - name));
		if (parent == 0)
			die("comes before its folder:", path);
	}
	node->name = name;
	node->parent = parent;
	struct node *folder = &nodes[parent];
	if (folder->children++ == 0)
		folder->first = node_count;
	else if (folder->first + folder->children - 1 != node_count)
		die("is apart from the others of its folder:", path);
	folder->folders += kind == 'd';
	uint32_t slot = slot_of(parent, name, strlen(name));
	while (table[slot] != 0)
		slot = (slot + 1) & table_mask;
	table[slot] = node_count++;
}

/* Reads the listing, which stays in memory because names point into it. */
static void read_listing(const char *file)
{
	int fd = open(file, O_RDONLY);
	struct stat stat;
	if (fd < 0 || fstat(fd, &stat) != 0)
		die("cannot open", file);
	char *text = malloc((size_t)stat.st_size + 1);
	if (text == NULL || read(fd, text, (size_t)stat.st_size) != stat.st_size)
		die("cannot read", file);
	text[stat.st_size] = 0;
	close(fd);
	size_t lines = 0;
	for (char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	uint32_t slots = 16;
	while (slots < 2 * lines)
		slots *= 2;
	table_mask = slots - 1;
	table = calloc(slots, sizeof(*table));
	nodes = calloc(lines + 3, sizeof(*nodes));
	if (table == NULL || nodes == NULL)
		die("no memory for", file);
	nodes[FUSE_ROOT_ID] = (struct node){.name = "", .mode = S_IFDIR | 0755, .parent = FUSE_ROOT_ID};
	node_count = FUSE_ROOT_ID + 1;
	for (char *line; (line = strsep(&text, "\n")) != NULL && *line != 0;)
		add(line);
}

static const struct node *node_of(fuse_ino_t ino)
{
	return ino != 0 && ino < node_count ? &nodes[ino] : NULL;
}

static void fill(fuse_ino_t ino, struct stat *stat)
{
	const struct node *node = &nodes[ino];
	memset(stat, 0, sizeof(*stat));
	stat->st_ino = ino;
	stat->st_mode = node->mode;
	stat->st_nlink = S_ISDIR(node->mode) ? 2 + node->folders : 1;
	stat->st_uid = getuid();
	stat->st_gid = getgid();
	stat->st_size = (off_t)node->size;
	stat->st_blksize = 4096;
	stat->st_blocks = (blkcnt_t)((node->size + 511) / 512);
	stat->st_atim.tv_sec = stat->st_mtim.tv_sec = stat->st_ctim.tv_sec = node->mtime;
}

static void fill_entry(uint32_t ino, struct fuse_entry_param *entry)
{
	memset(entry, 0, sizeof(*entry));
	entry->ino = ino;
	fill(ino, &entry->attr);
	entry->attr_timeout = entry->entry_timeout = timeout_seconds;
}

static void listfs_init(void *unused, struct fuse_conn_info *connection)
{
	(void)unused;
	if (keep)
		connection->want &= ~(unsigned)FUSE_CAP_AUTO_INVAL_DATA;
}

static void listfs_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	uint32_t ino = node_of(parent) == NULL ? 0 : find((uint32_t)parent, name, strlen(name));
	if (ino == 0) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	struct fuse_entry_param entry;
	fill_entry(ino, &entry);
	fuse_reply_entry(request, &entry);
}

static void listfs_getattr(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	(void)file;
	if (node_of(ino) == NULL) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	struct stat stat;
	fill(ino, &stat);
	fuse_reply_attr(request, &stat, timeout_seconds);
}

static void listfs_readlink(fuse_req_t request, fuse_ino_t ino)
{
	const struct node *node = node_of(ino);
	if (node == NULL || !S_ISLNK(node->mode))
		fuse_reply_err(request, EINVAL);
	else
		fuse_reply_readlink(request, node->content);
}

static void listfs_open(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	const struct node *node = node_of(ino);
	if (node == NULL || !S_ISREG(node->mode)) {
		fuse_reply_err(request, ENOENT);
		return;
	}
	file->keep_cache = (unsigned)keep;
	fuse_reply_open(request, file);
}

static void listfs_read(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *file)
{
	(void)file;
	const struct node *node = node_of(ino);
	if (node == NULL || offset < 0) {
		fuse_reply_err(request, EINVAL);
		return;
	}
	uint64_t left = (uint64_t)offset < node->size ? node->size - (uint64_t)offset : 0;
	size_t count = size < left ? size : left;
	if (node->content != NULL)
		fuse_reply_buf(request, node->content + offset, count);
	else
		fuse_reply_buf(request, zeros, count < sizeof(zeros) ? count : sizeof(zeros));
}

static void listfs_opendir(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	const struct node *node = node_of(ino);
	if (node == NULL || !S_ISDIR(node->mode)) {
		fuse_reply_err(request, ENOTDIR);
		return;
	}
	file->keep_cache = file->cache_readdir = (unsigned)keep;
	fuse_reply_open(request, file);
}

/* Offsets: 1 and 2 follow . and .., then 3 more than the place among the children. */
static void list(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset, int plus)
{
	const struct node *folder = node_of(ino);
	char *buffer = folder == NULL || offset < 0 ? NULL : malloc(size);
	if (buffer == NULL) {
		fuse_reply_err(request, EINVAL);
		return;
	}
	size_t used = 0;
	for (uint64_t at = (uint64_t)offset; at < 2 + (uint64_t)folder->children; at++) {
		uint32_t child = at == 0 ? (uint32_t)ino : at == 1 ? folder->parent : folder->first + (uint32_t)(at - 2);
		const char *name = at == 0 ? "." : at == 1 ? ".." : nodes[child].name;
		struct fuse_entry_param entry;
		size_t needed;
		fill_entry(child, &entry);
		if (plus) {
			if (at < 2)
				entry.ino = 0; /* not looked up: the kernel counts no reference */
			needed = fuse_add_direntry_plus(request, buffer + used, size - used, name, &entry,
							(off_t)at + 1);
		} else {
			needed = fuse_add_direntry(request, buffer + used, size - used, name, &entry.attr,
						   (off_t)at + 1);
		}
		if (needed > size - used)
			break;
		used += needed;
	}
	fuse_reply_buf(request, buffer, used);
	free(buffer);
}

static void listfs_readdir(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *file)
{
	(void)file;
	list(request, ino, size, offset, 0);
}

static void listfs_readdirplus(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset,
			      struct fuse_file_info *file)
{
	(void)file;
	list(request, ino, size, offset, 1);
}

static const struct fuse_lowlevel_ops operations = {
	.init = listfs_init,
	.lookup = listfs_lookup,
	.getattr = listfs_getattr,
	.readlink = listfs_readlink,
	.open = listfs_open,
	.read = listfs_read,
	.opendir = listfs_opendir,
	.readdir = listfs_readdir,
	.readdirplus = listfs_readdirplus,
};

int main(int argc, char **argv)
{
	struct serving how = {0};
	for (int option; (option = getopt(argc, argv, "sct:k")) != -1;) {
		switch (option) {
		case 's':
			how.single = 1;
			break;
		case 'c':
			how.clone_fd = 1;
			break;
		case 't':
			timeout_seconds = atof(optarg);
			break;
		case 'k':
			keep = 1;
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 2)
		die("usage:", "listfs [-s] [-c] [-t SECONDS] [-k] LISTING MOUNTPOINT");
	read_listing(argv[optind]);
	return serve("listfs", argv[optind + 1], &operations, sizeof(operations), how);
}
