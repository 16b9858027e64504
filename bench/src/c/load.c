/*
 * load: what make bench-fuse does with a mounted filesystem in memory, the same for every one. Prints
 *
 *   OPERATIONS SECONDS MEDIAN P90 P99 LONGEST
 *
 * on one line, the last four being microseconds of one operation, within 2 %. Wrong bytes, a missing name or an errno end
 * it with code 1.
 *
 *   load [-c CPU] fill FOLDER JOBS MEGABYTES  makes f0 .. f(JOBS-1) of so many megabytes, and for each job 100 small files
 *   load [-c CPU] read FOLDER JOBS SECONDS    a thread for each job reads 4 KiB of its file at random places, O_DIRECT
 *   load [-c CPU] write FOLDER JOBS SECONDS   the same, writing
 *   load [-c CPU] stat FOLDER JOBS SECONDS    a thread for each job asks for the attributes of its small files
 *   load [-c CPU] read-through FOLDER SECONDS   reads f0 from begin to end in pieces of 1 MiB, O_DIRECT, again and again
 *   load [-c CPU] write-through FOLDER SECONDS  the same, writing
 *   load [-c CPU] create FOLDER COUNT         creates n0 .. n(COUNT-1) with 1 KiB of content
 *   load [-c CPU] names FOLDER COUNT          creates n0 .. n(COUNT-1), empty
 *   load [-c CPU] list FOLDER COUNT           reads the listing and asks for the attributes of each entry as it comes
 *   load [-c CPU] small FOLDER COUNT          open, read, close of n0 .. n(COUNT-1): one operation
 *   load [-c CPU] unlink FOLDER COUNT         takes n0 .. n(COUNT-1) away
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SMALL_BYTES 4096
#define BIG_BYTES (1 << 20)
#define CONTENT_BYTES 1024
#define SMALL_FILES 100
#define JOBS_MAX 64

/* Durations in nanoseconds, counted in buckets: 64 to each power of two. */
#define SUB_BITS 6
#define BUCKETS ((64 - SUB_BITS) << SUB_BITS)

struct job {
	pthread_t thread;
	const char *kind;
	int number;
	int folder;
	double seconds; /* for how long, where that is given */
	long count;     /* how often, where that is given */
	uint64_t operations;
	double took;
	uint64_t longest;
	uint32_t buckets[BUCKETS];
};

static pthread_barrier_t all_begin;

static void die(const char *what, const char *on)
{
	fprintf(stderr, "load: %s %s: %s\n", what, on, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint32_t bucket_of(uint64_t nanos)
{
	if (nanos < 2 << SUB_BITS)
		return (uint32_t)nanos;
	uint32_t shift = (uint32_t)(63 - __builtin_clzll(nanos)) - SUB_BITS;
	return (shift << SUB_BITS) + (uint32_t)(nanos >> shift);
}

/* The middle of a bucket. */
static double nanos_of(uint32_t bucket)
{
	if (bucket < 2 << SUB_BITS)
		return bucket;
	uint32_t shift = (bucket >> SUB_BITS) - 1;
	return ((double)((1 << SUB_BITS) + (bucket & ((1 << SUB_BITS) - 1))) + 0.5) * (double)(1ull << shift);
}

/* Counts one operation, which ends now and began with the end of the one before. */
static uint64_t count(struct job *job, uint64_t began)
{
	uint64_t ended = now(), nanos = ended - began;
	job->operations++;
	job->buckets[bucket_of(nanos)]++;
	if (nanos > job->longest)
		job->longest = nanos;
	return ended;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static char *new_buffer(size_t bytes)
{
	char *buffer = aligned_alloc(SMALL_BYTES, bytes);
	if (buffer == NULL)
		die("no memory for", "a buffer");
	memset(buffer, 'x', bytes);
	return buffer;
}

/* Each 4 KiB of a file begin with their own offset. */
static void mark(char *buffer, size_t bytes, off_t offset)
{
	for (size_t at = 0; at < bytes; at += SMALL_BYTES)
		*(int64_t *)(buffer + at) = offset + (off_t)at;
}

static void check(const char *buffer, size_t bytes, off_t offset, const char *file)
{
	for (size_t at = 0; at < bytes; at += SMALL_BYTES) {
		errno = EBADMSG;
		if (*(const int64_t *)(buffer + at) != offset + (off_t)at)
			die("other bytes than were written in", file);
	}
}

static int open_own(const struct job *job, int flags, off_t *size)
{
	char name[32];
	struct stat stat;
	snprintf(name, sizeof(name), "f%d", job->number);
	int fd = openat(job->folder, name, flags | O_DIRECT);
	if (fd < 0 || fstat(fd, &stat) != 0 || stat.st_size < SMALL_BYTES)
		die("cannot open", name);
	*size = stat.st_size;
	return fd;
}

/* Reads or writes pieces of one file, at random places or one after the other. */
static void transfer(struct job *job, int writes, size_t bytes, int random)
{
	off_t size, offset = 0;
	int fd = open_own(job, writes ? O_WRONLY : O_RDONLY, &size);
	char *buffer = new_buffer(bytes);
	uint64_t places = (uint64_t)size / bytes, state = 88172645463325252u ^ ((uint64_t)job->number + 1) << 32;
	pthread_barrier_wait(&all_begin);
	uint64_t began = now(), end = began + (uint64_t)(job->seconds * 1e9), at = began;
	while (at < end) {
		if (random)
			offset = (off_t)(next_random(&state) % places * bytes);
		if (writes)
			mark(buffer, bytes, offset);
		ssize_t done = writes ? pwrite(fd, buffer, bytes, offset) : pread(fd, buffer, bytes, offset);
		if (done != (ssize_t)bytes)
			die("cannot transfer", job->kind);
		if (!writes)
			check(buffer, bytes, offset, "a file");
		if (!random)
			offset = offset + 2 * (off_t)bytes > size ? 0 : offset + (off_t)bytes;
		at = count(job, at);
	}
	job->took = (double)(at - began) / 1e9;
	close(fd);
	free(buffer);
}

static void stats(struct job *job)
{
	char names[SMALL_FILES][32];
	struct stat stat;
	for (int i = 0; i < SMALL_FILES; i++)
		snprintf(names[i], sizeof(names[i]), "s%d-%d", job->number, i);
	pthread_barrier_wait(&all_begin);
	uint64_t began = now(), end = began + (uint64_t)(job->seconds * 1e9), at = began;
	for (int i = 0; at < end; i = (i + 1) % SMALL_FILES) {
		if (fstatat(job->folder, names[i], &stat, 0) != 0 || stat.st_size != CONTENT_BYTES)
			die("cannot get attributes of", names[i]);
		at = count(job, at);
	}
	job->took = (double)(at - began) / 1e9;
}

static void write_new(int folder, const char *name, const char *bytes, size_t length)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0 || (length != 0 && write(fd, bytes, length) != (ssize_t)length) || close(fd) != 0)
		die("cannot make", name);
}

static void one_file(const struct job *job, const char *name, char *buffer)
{
	if (strcmp(job->kind, "create") == 0) {
		write_new(job->folder, name, buffer, CONTENT_BYTES);
	} else if (strcmp(job->kind, "names") == 0) {
		write_new(job->folder, name, buffer, 0);
	} else if (strcmp(job->kind, "unlink") == 0) {
		if (unlinkat(job->folder, name, 0) != 0)
			die("cannot take away", name);
	} else {
		int fd = openat(job->folder, name, O_RDONLY);
		if (fd < 0 || read(fd, buffer, SMALL_BYTES) != CONTENT_BYTES || close(fd) != 0)
			die("cannot read", name);
	}
}

static void files(struct job *job)
{
	char name[32], *buffer = new_buffer(SMALL_BYTES);
	uint64_t began = now(), at = began;
	for (long i = 0; i < job->count; i++) {
		snprintf(name, sizeof(name), "n%ld", i);
		one_file(job, name, buffer);
		at = count(job, at);
	}
	job->took = (double)(at - began) / 1e9;
	free(buffer);
}

static void list(struct job *job)
{
	uint64_t began = now(), at = began;
	int fd = openat(job->folder, ".", O_RDONLY | O_DIRECTORY);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	if (listing == NULL)
		die("cannot list", "the folder");
	struct stat stat;
	errno = 0;
	for (struct dirent *entry; (entry = readdir(listing)) != NULL; errno = 0) {
		if (entry->d_name[0] == '.')
			continue;
		if (fstatat(job->folder, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
			die("cannot get attributes of", entry->d_name);
		at = count(job, at);
	}
	if (errno != 0 || job->operations != (uint64_t)job->count)
		die("not all entries in", "the listing");
	closedir(listing);
	job->took = (double)(now() - began) / 1e9;
}

static void fill(int folder, int jobs, long megabytes)
{
	char name[32], *buffer = new_buffer(BIG_BYTES);
	for (int job = 0; job < jobs; job++) {
		snprintf(name, sizeof(name), "f%d", job);
		int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_DIRECT, 0644);
		if (fd < 0)
			die("cannot make", name);
		for (off_t offset = 0; offset < megabytes << 20; offset += BIG_BYTES) {
			mark(buffer, BIG_BYTES, offset);
			if (write(fd, buffer, BIG_BYTES) != BIG_BYTES)
				die("cannot write", name);
		}
		close(fd);
		for (int i = 0; i < SMALL_FILES; i++) {
			snprintf(name, sizeof(name), "s%d-%d", job, i);
			write_new(folder, name, buffer, CONTENT_BYTES);
		}
	}
	free(buffer);
}

static void *work(void *argument)
{
	struct job *job = argument;
	if (strcmp(job->kind, "stat") == 0)
		stats(job);
	else
		transfer(job, strncmp(job->kind, "write", 5) == 0, strstr(job->kind, "-through") != NULL ? BIG_BYTES : SMALL_BYTES,
			 strstr(job->kind, "-through") == NULL);
	return NULL;
}

static double quantile(const struct job *all, double fraction)
{
	uint64_t rank = (uint64_t)((double)(all->operations - 1) * fraction), seen = 0;
	uint32_t bucket = 0;
	while ((seen += all->buckets[bucket]) <= rank)
		bucket++;
	return nanos_of(bucket) / 1e3;
}

/* Adds the jobs up in the first one. */
static void report(struct job *jobs, int count)
{
	for (int i = 1; i < count; i++) {
		jobs->operations += jobs[i].operations;
		if (jobs[i].took > jobs->took)
			jobs->took = jobs[i].took;
		if (jobs[i].longest > jobs->longest)
			jobs->longest = jobs[i].longest;
		for (uint32_t bucket = 0; bucket < BUCKETS; bucket++)
			jobs->buckets[bucket] += jobs[i].buckets[bucket];
	}
	if (jobs->operations == 0)
		die("nothing to do for", jobs->kind);
	printf("%llu %.6f %.2f %.2f %.2f %.2f\n", (unsigned long long)jobs->operations, jobs->took, quantile(jobs, 0.5),
	       quantile(jobs, 0.9), quantile(jobs, 0.99), (double)jobs->longest / 1e3);
}

static int is_one_of(const char *kind, const char *const *kinds)
{
	while (*kinds != NULL && strcmp(kind, *kinds) != 0)
		kinds++;
	return *kinds != NULL;
}

static void run_jobs(struct job *jobs, int count)
{
	pthread_barrier_init(&all_begin, NULL, (unsigned)count);
	for (int i = 0; i < count; i++) {
		if (pthread_create(&jobs[i].thread, NULL, work, &jobs[i]) != 0)
			die("no thread for", jobs[i].kind);
	}
	for (int i = 0; i < count; i++)
		pthread_join(jobs[i].thread, NULL);
}

static void pin(int cpu)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		die("cannot run on", "that CPU alone");
}

int main(int argc, char **argv)
{
	static const char *const with_jobs[] = {"read", "write", "stat", NULL};
	static const char *const through[] = {"read-through", "write-through", NULL};
	static const char *const counted[] = {"create", "names", "small", "unlink", "list", NULL};
	if (argc > 2 && strcmp(argv[1], "-c") == 0) {
		pin(atoi(argv[2]));
		argc -= 2;
		argv += 2;
	}
	const char *kind = argc > 3 ? argv[1] : "";
	int filling = argc == 5 && strcmp(kind, "fill") == 0, wanted = argc == 5 ? atoi(argv[3]) : 1;
	if (!filling && !(argc == 5 && is_one_of(kind, with_jobs)) && !(argc == 4 && is_one_of(kind, through)) &&
	    !(argc == 4 && is_one_of(kind, counted))) {
		fprintf(stderr, "load: unknown arguments; see the head of load.c\n");
		return 2;
	}
	int folder = open(argv[2], O_RDONLY | O_DIRECTORY);
	if (folder < 0)
		die("cannot open", argv[2]);
	if (wanted < 1 || wanted > JOBS_MAX)
		wanted = JOBS_MAX;
	if (filling) {
		fill(folder, wanted, atol(argv[4]));
		return 0;
	}
	struct job *jobs = calloc((size_t)wanted, sizeof(*jobs));
	if (jobs == NULL)
		die("no memory for", kind);
	for (int i = 0; i < wanted; i++) {
		jobs[i].kind = kind;
		jobs[i].number = i;
		jobs[i].folder = folder;
		jobs[i].seconds = atof(argv[argc - 1]);
		jobs[i].count = atol(argv[argc - 1]);
	}
	if (strcmp(kind, "list") == 0)
		list(jobs);
	else if (is_one_of(kind, counted))
		files(jobs);
	else
		run_jobs(jobs, wanted);
	report(jobs, wanted);
	return 0;
}
