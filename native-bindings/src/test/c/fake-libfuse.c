/*
 * A library that claims to be libfuse of some release: -DNUMBER=390 -DTEXT='"3.90.0"'. Its sessions
 * are made of the arguments they were asked for with, one decimal digit each. With -DCALLS it also
 * has the functions of requests, which only note that they were called.
 */
struct version {
	unsigned major, minor, hotfix, padding;
};

int fuse_version(void);
const char *fuse_pkgversion(void);
long fuse_session_new(long args, long operations, long bytes, long user_data);
long fuse_session_new_versioned(long args, long operations, long bytes, struct version *version,
				long user_data);

int fuse_version(void)
{
	return NUMBER;
}

const char *fuse_pkgversion(void)
{
	return TEXT;
}

long fuse_session_new(long args, long operations, long bytes, long user_data)
{
	return args * 1000 + operations * 100 + bytes * 10 + user_data;
}

long fuse_session_new_versioned(long args, long operations, long bytes, struct version *version,
				long user_data)
{
	return ((version->major * 100L + version->minor) * 10 + version->hotfix) * 10000 +
	       fuse_session_new(args, operations, bytes, user_data);
}

#ifdef CALLS
static const char *called = "none";

const char *last_called(void);
const char *last_called(void)
{
	return called;
}

#define CALL(name)               \
	long name(void);         \
	long name(void)          \
	{                        \
		called = #name;  \
		return 0;        \
	}

CALL(fuse_reply_err)
CALL(fuse_reply_none)
CALL(fuse_reply_entry)
CALL(fuse_reply_create)
CALL(fuse_reply_attr)
CALL(fuse_reply_readlink)
CALL(fuse_reply_open)
CALL(fuse_reply_write)
CALL(fuse_reply_buf)
CALL(fuse_reply_iov)
CALL(fuse_reply_statfs)
CALL(fuse_reply_xattr)
CALL(fuse_reply_lock)
CALL(fuse_reply_ioctl)
CALL(fuse_reply_poll)
CALL(fuse_reply_lseek)
CALL(fuse_req_ctx)
CALL(fuse_req_interrupted)
CALL(fuse_session_receive_buf)
CALL(fuse_session_process_buf)
#endif
