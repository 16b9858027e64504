/*
 * client: the program that uses a mount in benchmarks, the same for every filesystem. Prints one number, or three for
 * latencies, on one line.
 *
 *   client random FILE SECONDS        O_DIRECT reads of 4 KiB at random places: reads per second
 *   client sequential FILE            reads of 128 KiB from begin to end, page cache used: seconds
 *   client small FOLDER COUNT PASSES  open, read, close of f0 .. f(COUNT-1), all PASSES times: seconds
 *   client latency KIND FOLDER FIRST COUNT
 *                                     one call for each of the files fFIRST .. f(FIRST+COUNT-1), one after the other:
 *                                     median, 99th percentile and maximum, microseconds. KIND:
 *                                       lookup   stat of a name that the kernel has not seen before
 *                                       getattr  statx of the open file, not to be answered by the kernel's cache
 *                                       read     O_DIRECT pread of 4 KiB of the open file
 *   client touch MEGABYTES            takes so much memory, writes to each page and gives it back. A virtual machine's
 *                                     memory may have to be fetched from its host first, which is slow: now, not later
 *   client stuck FOLDER COUNT         a thread for each of f0 .. f(COUNT-1) that reads it and is not expected to come
 *                                     back; every second with O_DIRECT, the others with read-ahead. Prints "reading"
 *                                     when all have begun, ends when all have ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SMALL_BYTES 4096
#define BIG_BYTES (128 << 10)

static char buffer[BIG_BYTES] __attribute__((aligned(SMALL_BYTES)));

static void die(const char *what, const char *on)
{
	fprintf(stderr, "client: %s %s: %s\n", what, on, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int open_or_die(const char *file, int flags)
{
	int fd = open(file, O_RDONLY | flags);
	if (fd < 0)
		die("cannot open", file);
	return fd;
}

static int numbered(char *path, size_t size, const char *folder, long number)
{
	return snprintf(path, size, "%s/f%ld", folder, number) < (int)size;
}

static void random_reads(const char *file, double seconds)
{
	int fd = open_or_die(file, O_DIRECT);
	struct stat stat;
	if (fstat(fd, &stat) != 0 || stat.st_size < SMALL_BYTES)
		die("too short:", file);
	uint64_t places = (uint64_t)stat.st_size / SMALL_BYTES, state = 88172645463325252u ^ (uint64_t)getpid(), count = 0;
	double begin = now(), passed;
	do {
		for (int i = 0; i < 64; i++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			if (pread(fd, buffer, SMALL_BYTES, (off_t)(state % places) * SMALL_BYTES) != SMALL_BYTES)
				die("cannot read", file);
		}
		count += 64;
		passed = now() - begin;
	} while (passed < seconds);
	printf("%.1f\n", (double)count / passed);
}

static void sequential_reads(const char *file)
{
	int fd = open_or_die(file, 0);
	double begin = now();
	ssize_t count;
	while ((count = read(fd, buffer, BIG_BYTES)) > 0)
		;
	if (count < 0)
		die("cannot read", file);
	printf("%.6f\n", now() - begin);
}

static void small_files(const char *folder, long count, long passes)
{
	char path[4096];
	/* So that what is measured is the file and not the walk to its folder. */
	if (chdir(folder) != 0)
		die("cannot enter", folder);
	double begin = now();
	for (long pass = 0; pass < passes; pass++) {
		for (long i = 0; i < count; i++) {
			numbered(path, sizeof(path), ".", i);
			int fd = open_or_die(path, 0);
			if (read(fd, buffer, BIG_BYTES) < 0)
				die("cannot read", path);
			close(fd);
		}
	}
	printf("%.6f\n", now() - begin);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double time_of(const char *kind, const char *path)
{
	struct statx attributes;
	struct stat stat_result;
	double begin;
	if (strcmp(kind, "lookup") == 0) {
		begin = now();
		if (stat(path, &stat_result) != 0)
			die("cannot look up", path);
		return now() - begin;
	}
	int fd = open_or_die(path, O_DIRECT);
	begin = now();
	if (strcmp(kind, "getattr") == 0) {
		if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &attributes) != 0)
			die("cannot get attributes of", path);
	} else if (pread(fd, buffer, SMALL_BYTES, 0) != SMALL_BYTES) {
		die("cannot read", path);
	}
	double seconds = now() - begin;
	close(fd);
	return seconds;
}

static void latencies(const char *kind, const char *folder, long first, long count)
{
	char path[4096];
	double *seconds = calloc((size_t)count, sizeof(*seconds));
	if (seconds == NULL)
		die("no memory for", kind);
	for (long i = 0; i < count; i++) {
		numbered(path, sizeof(path), folder, first + i);
		seconds[i] = time_of(kind, path);
	}
	qsort(seconds, (size_t)count, sizeof(*seconds), by_value);
	printf("%.1f %.1f %.1f\n", seconds[count / 2] * 1e6, seconds[count * 99 / 100] * 1e6, seconds[count - 1] * 1e6);
}

static void touch(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		die("no memory", "to touch");
	madvise(memory, bytes, MADV_HUGEPAGE);
	for (size_t at = 0; at < bytes; at += SMALL_BYTES)
		memory[at] = 1;
}

struct reader {
	pthread_t thread;
	char path[4096];
	int flags;
};

static pthread_barrier_t all_begun;

static void *read_and_wait(void *argument)
{
	struct reader *reader = argument;
	char *own = aligned_alloc(SMALL_BYTES, BIG_BYTES);
	int fd = own == NULL ? -1 : open(reader->path, O_RDONLY | reader->flags);
	if (fd < 0)
		die("cannot open", reader->path);
	pthread_barrier_wait(&all_begun);
	/* An error is a fine end: the mount was taken away, or the store answered at last. */
	ssize_t count = pread(fd, own, BIG_BYTES, 0);
	(void)count;
	close(fd);
	free(own);
	return NULL;
}

static void stuck_reads(const char *folder, long count)
{
	struct reader *readers = calloc((size_t)count, sizeof(*readers));
	if (readers == NULL)
		die("no memory for", folder);
	pthread_barrier_init(&all_begun, NULL, (unsigned)count + 1);
	for (long i = 0; i < count; i++) {
		numbered(readers[i].path, sizeof(readers[i].path), folder, i);
		readers[i].flags = i % 2 == 0 ? O_DIRECT : 0;
		if (pthread_create(&readers[i].thread, NULL, read_and_wait, &readers[i]) != 0)
			die("no thread for", readers[i].path);
	}
	pthread_barrier_wait(&all_begun);
	printf("reading\n");
	fflush(stdout);
	for (long i = 0; i < count; i++)
		pthread_join(readers[i].thread, NULL);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	if (argc == 4 && strcmp(what, "random") == 0)
		random_reads(argv[2], atof(argv[3]));
	else if (argc == 3 && strcmp(what, "sequential") == 0)
		sequential_reads(argv[2]);
	else if (argc == 5 && strcmp(what, "small") == 0)
		small_files(argv[2], atol(argv[3]), atol(argv[4]));
	else if (argc == 6 && strcmp(what, "latency") == 0)
		latencies(argv[2], argv[3], atol(argv[4]), atol(argv[5]));
	else if (argc == 3 && strcmp(what, "touch") == 0)
		touch((size_t)atol(argv[2]) << 20);
	else if (argc == 4 && strcmp(what, "stuck") == 0)
		stuck_reads(argv[2], atol(argv[3]));
	else {
		fprintf(stderr, "client: unknown arguments; see the head of client.c\n");
		return 2;
	}
	return 0;
}
