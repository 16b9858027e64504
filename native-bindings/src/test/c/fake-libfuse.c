/*
 * A library that claims to be libfuse of some release: -DNUMBER=390 -DTEXT='"3.90.0"'. Its sessions
 * are made of the arguments they were asked for with, one decimal digit each.
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
