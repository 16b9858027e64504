/*
 * Files and folders of memfs. An inode number is the address of its struct, so that no request looks anything up.
 *
 * References are the names of an inode and what the kernel has looked up of it; an inode goes with the last. The names of
 * a folder are the folder's to lock: its lock is taken by whoever reads or changes them. A folder's lock comes before the
 * lock of what is in it; two folders are locked by address.
 */
#ifndef SLABMOUNT_BENCH_FOLDERS_H
#define SLABMOUNT_BENCH_FOLDERS_H

#include "extents.h"
#include <fuse_lowlevel.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct inode {
	pthread_rwlock_t lock;
	_Atomic uint64_t references;
	mode_t mode;
	nlink_t links;
	uid_t uid;
	gid_t gid;
	dev_t device;
	struct timespec atime, mtime, ctime;
	struct content content; /* a file's */
	char *target;           /* a symbolic link's */
	struct inode *parent;   /* a folder's, and all below */
	struct entry **buckets; /* as many as a power of two */
	uint32_t bucket_count;
	uint32_t entries;
	struct entry **order; /* as they came; NULL where one went */
	uint32_t order_used, order_room;
	uint32_t readers; /* open listings, whose offsets are places in the order */
};

struct entry {
	struct entry *next;
	struct inode *inode;
	uint32_t hash;
	uint32_t place;
	char name[];
};

static struct inode root_inode;

static struct inode *inode_of(fuse_ino_t ino)
{
	return ino == FUSE_ROOT_ID ? &root_inode : (struct inode *)(uintptr_t)ino;
}

static fuse_ino_t ino_of(const struct inode *inode)
{
	return inode == &root_inode ? FUSE_ROOT_ID : (fuse_ino_t)(uintptr_t)inode;
}

static struct timespec now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_REALTIME_COARSE, &time);
	return time;
}

static void inode_init(struct inode *inode, mode_t mode, uid_t uid, gid_t gid)
{
	pthread_rwlock_init(&inode->lock, NULL);
	inode->mode = mode;
	inode->links = S_ISDIR(mode) ? 2 : 1;
	inode->uid = uid;
	inode->gid = gid;
	inode->atime = inode->mtime = inode->ctime = now();
}

/* Gives references up. */
static void inode_put(struct inode *inode, uint64_t count)
{
	if (inode == &root_inode || atomic_fetch_sub(&inode->references, count) != count)
		return;
	content_free(&inode->content);
	free(inode->target);
	free(inode->buckets);
	free(inode->order);
	pthread_rwlock_destroy(&inode->lock);
	free(inode);
}

static uint32_t hash_of(const char *name)
{
	uint32_t hash = 2166136261u;
	for (; *name != 0; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash ^ hash >> 15;
}

static struct entry *folder_find(const struct inode *folder, const char *name)
{
	if (folder->bucket_count == 0)
		return NULL;
	uint32_t hash = hash_of(name);
	struct entry *entry = folder->buckets[hash & (folder->bucket_count - 1)];
	while (entry != NULL && (entry->hash != hash || strcmp(entry->name, name) != 0))
		entry = entry->next;
	return entry;
}

static int folder_more_buckets(struct inode *folder)
{
	uint32_t count = folder->bucket_count == 0 ? 16 : folder->bucket_count * 2;
	struct entry **buckets = calloc(count, sizeof(*buckets));
	if (buckets == NULL)
		return -1;
	for (uint32_t place = 0; place < folder->order_used; place++) {
		struct entry *entry = folder->order[place];
		if (entry != NULL) {
			entry->next = buckets[entry->hash & (count - 1)];
			buckets[entry->hash & (count - 1)] = entry;
		}
	}
	free(folder->buckets);
	folder->buckets = buckets;
	folder->bucket_count = count;
	return 0;
}

static int folder_more_order(struct inode *folder)
{
	if (folder->readers == 0 && folder->entries < folder->order_used / 2) {
		uint32_t used = 0;
		for (uint32_t place = 0; place < folder->order_used; place++) {
			struct entry *entry = folder->order[place];
			if (entry != NULL) {
				entry->place = used;
				folder->order[used++] = entry;
			}
		}
		folder->order_used = used;
		return 0;
	}
	uint32_t room = folder->order_room == 0 ? 16 : folder->order_room * 2;
	struct entry **order = realloc(folder->order, room * sizeof(*order));
	if (order == NULL)
		return -1;
	folder->order = order;
	folder->order_room = room;
	return 0;
}

/* Adds a name, which takes over one reference of the inode; -1 when there is no memory. */
static int folder_add(struct inode *folder, const char *name, struct inode *inode)
{
	size_t length = strlen(name) + 1;
	struct entry *entry = malloc(sizeof(*entry) + length);
	if (entry == NULL || (folder->order_used == folder->order_room && folder_more_order(folder) != 0) ||
	    (folder->entries >= folder->bucket_count && folder_more_buckets(folder) != 0)) {
		free(entry);
		return -1;
	}
	memcpy(entry->name, name, length);
	entry->hash = hash_of(name);
	entry->inode = inode;
	entry->place = folder->order_used++;
	folder->order[entry->place] = entry;
	struct entry **bucket = &folder->buckets[entry->hash & (folder->bucket_count - 1)];
	entry->next = *bucket;
	*bucket = entry;
	folder->entries++;
	folder->mtime = folder->ctime = now();
	if (S_ISDIR(inode->mode)) {
		folder->links++;
		inode->parent = folder;
	}
	return 0;
}

/* Takes a name away; its reference is the caller's then. */
static void folder_remove(struct inode *folder, struct entry *entry)
{
	struct entry **at = &folder->buckets[entry->hash & (folder->bucket_count - 1)];
	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	folder->order[entry->place] = NULL;
	while (folder->order_used > 0 && folder->readers == 0 && folder->order[folder->order_used - 1] == NULL)
		folder->order_used--;
	folder->entries--;
	folder->links -= S_ISDIR(entry->inode->mode);
	folder->mtime = folder->ctime = now();
	free(entry);
}

static void lock_both(struct inode *one, struct inode *other)
{
	if (one == other) {
		pthread_rwlock_wrlock(&one->lock);
		return;
	}
	pthread_rwlock_wrlock(one < other ? &one->lock : &other->lock);
	pthread_rwlock_wrlock(one < other ? &other->lock : &one->lock);
}

static void unlock_both(struct inode *one, struct inode *other)
{
	pthread_rwlock_unlock(&one->lock);
	if (one != other)
		pthread_rwlock_unlock(&other->lock);
}

#endif
