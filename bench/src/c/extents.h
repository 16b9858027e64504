/*
 * The content of files of memfs: extents out of a pool that lies in big pages where the kernel has them.
 *
 * A file of up to SMALL_BYTES lies in one small extent, a longer one in extents of EXTENT_BYTES; what was never written
 * has none. Extents go back to the pool and are cleared when they leave it again. The pool has a lock of its own; a
 * content is its owner's to lock.
 */
#ifndef SLABMOUNT_BENCH_EXTENTS_H
#define SLABMOUNT_BENCH_EXTENTS_H

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SMALL_BYTES ((size_t)4096)
#define EXTENT_BYTES ((size_t)128 << 10)
#define CHUNK_BYTES ((size_t)64 << 20)

struct pool {
	pthread_mutex_t lock;
	size_t piece_bytes;
	char *fresh; /* what was never handed out of the newest chunk */
	char *fresh_end;
	void *free; /* pieces that came back, each begins with the address of the next */
};

static struct pool small_pool = {PTHREAD_MUTEX_INITIALIZER, SMALL_BYTES, NULL, NULL, NULL};
static struct pool extent_pool = {PTHREAD_MUTEX_INITIALIZER, EXTENT_BYTES, NULL, NULL, NULL};

struct content {
	uint64_t size;
	char *small;    /* all of it, while it is short; else NULL */
	char **extents; /* NULL where there is a hole */
	size_t count;
};

/* A piece of zeros, or NULL when there is no memory. */
static char *pool_take(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	char *piece = pool->free;
	if (piece != NULL) {
		pool->free = *(void **)piece;
		pthread_mutex_unlock(&pool->lock);
		memset(piece, 0, pool->piece_bytes);
		return piece;
	}
	if (pool->fresh == pool->fresh_end) {
		char *chunk = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				   -1, 0);
		if (chunk == MAP_FAILED) {
			pthread_mutex_unlock(&pool->lock);
			return NULL;
		}
		madvise(chunk, CHUNK_BYTES, MADV_HUGEPAGE);
		pool->fresh = chunk;
		pool->fresh_end = chunk + CHUNK_BYTES;
	}
	piece = pool->fresh;
	pool->fresh += pool->piece_bytes;
	pthread_mutex_unlock(&pool->lock);
	return piece;
}

static void pool_give(struct pool *pool, char *piece)
{
	if (piece == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	*(void **)piece = pool->free;
	pool->free = piece;
	pthread_mutex_unlock(&pool->lock);
}

/*
 * The bytes from an offset on and, in *length, how many of the wanted ones lie there one after the other; NULL where
 * there is a hole so long. The offset lies within the size.
 */
static char *content_run(const struct content *content, uint64_t offset, size_t *length)
{
	if (content->small != NULL)
		return content->small + offset;
	size_t at = (size_t)(offset / EXTENT_BYTES), inside = (size_t)(offset % EXTENT_BYTES);
	if (*length > EXTENT_BYTES - inside)
		*length = EXTENT_BYTES - inside;
	return at < content->count && content->extents[at] != NULL ? content->extents[at] + inside : NULL;
}

/* Makes room for bytes up to an end; -1 when there is no memory. */
static int content_room(struct content *content, uint64_t begin, uint64_t end)
{
	if (content->count == 0 && end <= SMALL_BYTES) {
		if (content->small == NULL)
			content->small = pool_take(&small_pool);
		return content->small == NULL ? -1 : 0;
	}
	size_t count = (size_t)((end + EXTENT_BYTES - 1) / EXTENT_BYTES);
	if (count > content->count) {
		size_t room = content->count == 0 ? count : count + count / 4;
		char **extents = realloc(content->extents, room * sizeof(*extents));
		if (extents == NULL)
			return -1;
		memset(extents + content->count, 0, (room - content->count) * sizeof(*extents));
		content->extents = extents;
		content->count = room;
	}
	if (content->small != NULL) {
		if ((content->extents[0] = pool_take(&extent_pool)) == NULL)
			return -1;
		memcpy(content->extents[0], content->small, SMALL_BYTES);
		pool_give(&small_pool, content->small);
		content->small = NULL;
	}
	for (size_t at = (size_t)(begin / EXTENT_BYTES); at < count; at++) {
		if (content->extents[at] == NULL && (content->extents[at] = pool_take(&extent_pool)) == NULL)
			return -1;
	}
	return 0;
}

static int content_write(struct content *content, const char *bytes, size_t length, uint64_t offset)
{
	if (content_room(content, offset, offset + length) != 0)
		return -1;
	if (offset + length > content->size)
		content->size = offset + length;
	while (length > 0) {
		size_t run = length;
		char *to = content_run(content, offset, &run);
		memcpy(to, bytes, run);
		bytes += run;
		offset += run;
		length -= run;
	}
	return 0;
}

/* Makes a range zeros; whole extents become holes. */
static void content_clear(struct content *content, uint64_t offset, uint64_t end)
{
	if (content->small != NULL) {
		if (offset < SMALL_BYTES)
			memset(content->small + offset, 0, (size_t)((end < SMALL_BYTES ? end : SMALL_BYTES) - offset));
		return;
	}
	while (offset < end && offset / EXTENT_BYTES < content->count) {
		size_t at = (size_t)(offset / EXTENT_BYTES), run = (size_t)(EXTENT_BYTES - offset % EXTENT_BYTES);
		if (run > end - offset)
			run = (size_t)(end - offset);
		if (run == EXTENT_BYTES) {
			pool_give(&extent_pool, content->extents[at]);
			content->extents[at] = NULL;
		} else if (content->extents[at] != NULL) {
			memset(content->extents[at] + offset % EXTENT_BYTES, 0, run);
		}
		offset += run;
	}
}

/* Cuts off, or appends a hole; -1 when there is no memory. */
static int content_resize(struct content *content, uint64_t size)
{
	if (size < content->size) {
		uint64_t end = content->small != NULL ? SMALL_BYTES : (uint64_t)content->count * EXTENT_BYTES;
		if (size < end)
			content_clear(content, size, end);
	} else if (content->small != NULL && size > SMALL_BYTES && content_room(content, 0, SMALL_BYTES + 1) != 0) {
		return -1;
	}
	content->size = size;
	return 0;
}

static void content_free(struct content *content)
{
	pool_give(&small_pool, content->small);
	for (size_t at = 0; at < content->count; at++)
		pool_give(&extent_pool, content->extents[at]);
	free(content->extents);
}

#endif
