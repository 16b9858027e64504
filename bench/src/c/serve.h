/*
 * What the C filesystems of the benchmarks share: mount, say so, serve, unmount.
 * From the public interface of libfuse3 (fuse_lowlevel.h), as every release from 3.10 on has it; how many threads serve
 * can be said from 3.12 on.
 */
#ifndef SLABMOUNT_BENCH_SERVE_H
#define SLABMOUNT_BENCH_SERVE_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <string.h>

/* How the requests are taken from the kernel. */
struct serving {
	int single;   /* one thread, libfuse's plain loop */
	int clone_fd; /* with several threads: a descriptor for each */
	int threads;  /* at most so many of them, all kept; 0: as libfuse likes */
	int writable; /* without it mounted read-only */
};

/* Threads that libfuse keeps when they have nothing to do; its own default. */
#define IDLE_THREADS 10

static int loop_with_threads(struct fuse_session *session, struct serving how)
{
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 12)
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	if (config == NULL)
		return -1;
	fuse_loop_cfg_set_clone_fd(config, (unsigned)how.clone_fd);
	fuse_loop_cfg_set_idle_threads(config, how.threads == 0 ? IDLE_THREADS : (unsigned)how.threads);
	if (how.threads != 0)
		fuse_loop_cfg_set_max_threads(config, (unsigned)how.threads);
	int failed = fuse_session_loop_mt(session, config);
	fuse_loop_cfg_destroy(config);
	return failed;
#else
	struct fuse_loop_config config = {.clone_fd = how.clone_fd,
					  .max_idle_threads = how.threads == 0 ? IDLE_THREADS : (unsigned)how.threads};
	return fuse_session_loop_mt(session, &config);
#endif
}

/*
 * Mounts on a folder, prints "mounted NAME on FOLDER" once requests are answered, and serves until SIGINT, SIGTERM,
 * SIGHUP or an unmount. Returns the exit code of the program.
 */
static int serve(const char *name, const char *folder, const struct fuse_lowlevel_ops *operations,
		 size_t operations_size, struct serving how)
{
	char source[64];
	snprintf(source, sizeof(source), "fsname=%s,subtype=%s%s", name, name, how.writable ? "" : ",ro");
	char program[] = "bench", option[] = "-o";
	char *argv[] = {program, option, source, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);
	int failed = 1;

	struct fuse_session *session = fuse_session_new(&args, operations, operations_size, NULL);
	if (session == NULL)
		return 1;
	if (fuse_set_signal_handlers(session) != 0)
		goto destroy;
	if (fuse_session_mount(session, folder) != 0)
		goto signals;
	printf("mounted %s on %s\n", name, folder);
	fflush(stdout);
	failed = how.single ? fuse_session_loop(session) : loop_with_threads(session, how);
	/* Positive: ended by a signal, which is how the benchmarks end it. */
	failed = failed < 0;
	fuse_session_unmount(session);
signals:
	fuse_remove_signal_handlers(session);
destroy:
	fuse_session_destroy(session);
	return failed;
}

#endif
