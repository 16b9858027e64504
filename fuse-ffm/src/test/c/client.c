/*
 * Makes one system call that no shell tool makes, or not with arguments of our choice, and prints what came of it:
 * the result, or the number of the error. The server under test is another process, so nothing here can
 * deadlock with it.
 *
 *   client COMMAND PATH [ARGUMENT...]
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static char **args;

static long num(int index)
{
    return strtol(args[index], NULL, 0);
}

static int failed(void)
{
    printf("errno %d\n", errno);
    return 0;
}

static int result(long value)
{
    if (value < 0)
        return failed();
    printf("%ld\n", value);
    return 0;
}

static int opened(const char *path, int flags)
{
    int fd = open(path, flags, 0644);
    if (fd < 0) {
        failed();
        exit(0);
    }
    return fd;
}

static int text(ssize_t length, const char *bytes)
{
    if (length < 0)
        return failed();
    printf("%zd ", length);
    for (ssize_t i = 0; i < length; i++)
        putchar(bytes[i] == 0 ? '|' : bytes[i]);
    putchar('\n');
    return 0;
}

static struct timespec when(const char *word)
{
    struct timespec t = {0, 0};
    if (strcmp(word, "now") == 0)
        t.tv_nsec = UTIME_NOW;
    else if (strcmp(word, "omit") == 0)
        t.tv_nsec = UTIME_OMIT;
    else
        sscanf(word, "%ld.%ld", &t.tv_sec, &t.tv_nsec);
    return t;
}

static int locking(const char *path, int command)
{
    struct flock lock = {.l_type = num(3), .l_whence = SEEK_SET, .l_start = num(4), .l_len = num(5)};
    int fd = opened(path, O_RDWR);
    if (fcntl(fd, command, &lock) < 0)
        return failed();
    printf("%d %ld %ld %d\n", lock.l_type, (long)lock.l_start, (long)lock.l_len, lock.l_pid);
    if (command != F_GETLK) {
        lock.l_type = F_UNLCK;
        fcntl(fd, F_SETLK, &lock);
    }
    close(fd);
    return 0;
}

static int listing_with_seek(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    long places[64];
    char names[64][256];
    int count = 0;
    if (dir == NULL)
        return failed();
    while (count < 64) {
        places[count] = telldir(dir);
        entry = readdir(dir);
        if (entry == NULL)
            break;
        strcpy(names[count++], entry->d_name);
    }
    for (int i = count - 1; i >= 0; i--) {
        seekdir(dir, places[i]);
        entry = readdir(dir);
        printf("%s%s", entry && strcmp(entry->d_name, names[i]) == 0 ? "" : "not ", names[i]);
        putchar(i == 0 ? '\n' : ' ');
    }
    closedir(dir);
    return 0;
}

/* Looks at a file and reads from it, again and again. */
static int storm(const char *path, long times)
{
    static char bytes[4096];
    struct stat seen;
    int fd = opened(path, O_RDONLY);
    for (long i = 0; i < times; i++)
        if (stat(path, &seen) < 0 || fstat(fd, &seen) < 0 || pread(fd, bytes, sizeof bytes, i % 100 * sizeof bytes) != sizeof bytes)
            return failed();
    return result(times);
}

int main(int argc, char **argv)
{
    static char bytes[1 << 16];
    const char *command = argv[1];
    const char *path = argv[2];
    args = argv;
    if (argc < 3)
        return 2;
#define IS(name, count) (strcmp(command, name) == 0 && argc == (count) + 3)
    if (IS("setxattr", 3))
        return result(lsetxattr(path, argv[3], argv[4], strlen(argv[4]), num(5)));
    if (IS("getxattr", 2))
        return text(lgetxattr(path, argv[3], num(4) ? bytes : NULL, num(4)), num(4) ? bytes : "????????????????");
    if (IS("listxattr", 1))
        return text(llistxattr(path, num(3) ? bytes : NULL, num(3)), num(3) ? bytes : "????????????????");
    if (IS("removexattr", 1))
        return result(lremovexattr(path, argv[3]));
    if (IS("seek", 2))
        return result(lseek(opened(path, O_RDONLY), num(4), num(3)));
    if (IS("copyrange", 4)) {
        off_t from = num(3), to = num(5);
        return result(copy_file_range(opened(path, O_RDONLY), &from, opened(argv[4], O_WRONLY), &to, num(6), 0));
    }
    if (IS("rename", 2))
        return result(syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, argv[3], num(4)));
    if (IS("access", 1))
        return result(access(path, num(3)));
    if (IS("utimens", 2)) {
        struct timespec times[2] = {when(argv[3]), when(argv[4])};
        return result(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
    }
    if (IS("ftruncate", 1))
        return result(ftruncate(opened(path, O_RDWR), num(3)));
    if (IS("fchmod", 1))
        return result(fchmod(opened(path, O_RDONLY), num(3)));
    if (IS("fsync", 0))
        return result(fsync(opened(path, O_RDONLY)));
    if (IS("fdatasync", 0))
        return result(fdatasync(opened(path, O_RDONLY)));
    if (IS("fallocate", 3))
        return result(fallocate(opened(path, O_RDWR), num(3), num(4), num(5)));
    if (IS("open", 1))
        return result(opened(path, num(3)) >= 0);
    if (IS("opendir", 0))
        return result(opened(path, O_RDONLY | O_DIRECTORY) >= 0);
    if (IS("pwrite", 3))
        return result(pwrite(opened(path, num(3)), argv[5], strlen(argv[5]), num(4)));
    if (IS("pread", 3))
        return text(pread(opened(path, num(3)), bytes, num(5), num(4)), bytes);
    if (IS("getlk", 3))
        return locking(path, F_GETLK);
    if (IS("setlk", 3))
        return locking(path, F_SETLK);
    if (IS("setlkw", 3))
        return locking(path, F_SETLKW);
    if (IS("flock", 1))
        return result(flock(opened(path, O_RDONLY), num(3)));
    if (IS("ioctl", 1)) {
        /* Eight bytes in, eight bytes out. */
        strncpy(bytes, argv[3], 8);
        int value = ioctl(opened(path, O_RDONLY), _IOWR('s', 7, char[8]), bytes);
        return value < 0 ? failed() : (printf("%d %.8s\n", value, bytes), 0);
    }
    if (IS("poll", 2)) {
        struct pollfd waiting = {.fd = opened(path, O_RDONLY), .events = num(3)};
        int ready = poll(&waiting, 1, num(4));
        printf("%d %d\n", ready, waiting.revents);
        return 0;
    }
    if (IS("tmpfile", 2)) {
        /* Makes a file without a name, writes to it, gives it a name. */
        char name[64];
        int fd = open(path, O_TMPFILE | O_RDWR, 0640);
        if (fd < 0 || write(fd, argv[3], strlen(argv[3])) < 0)
            return failed();
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        return result(linkat(AT_FDCWD, name, AT_FDCWD, argv[4], AT_SYMLINK_FOLLOW));
    }
    if (IS("statx", 1)) {
        struct statx seen;
        if (statx(AT_FDCWD, path, 0, num(3), &seen) < 0)
            return failed();
        printf("%x %o %lld %lld.%u %lld.%u %u,%u\n", seen.stx_mask & 0xfff, seen.stx_mode, (long long)seen.stx_size, (long long)seen.stx_btime.tv_sec,
               seen.stx_btime.tv_nsec, (long long)seen.stx_mtime.tv_sec, seen.stx_mtime.tv_nsec, seen.stx_rdev_major, seen.stx_rdev_minor);
        return 0;
    }
    if (IS("seekable", 0))
        return result(lseek(opened(path, O_RDONLY), 1, SEEK_SET));
    if (IS("mapwrite", 2)) {
        /* Changes a byte through a shared mapping of the first page. */
        int fd = opened(path, O_RDWR);
        char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (page == MAP_FAILED)
            return failed();
        page[num(3)] = argv[4][0];
        return result(msync(page, 4096, MS_SYNC));
    }
    if (IS("handle", 0)) {
        /* Names a file as NFS servers do; "byhandle" opens it by that name, below a folder of the same mount. */
        struct { struct file_handle h; unsigned char more[MAX_HANDLE_SZ]; } named = {.h.handle_bytes = MAX_HANDLE_SZ};
        int mount;
        if (name_to_handle_at(AT_FDCWD, path, &named.h, &mount, 0) < 0)
            return failed();
        printf("%d ", named.h.handle_type);
        for (unsigned i = 0; i < named.h.handle_bytes; i++)
            printf("%02x", named.h.f_handle[i]);
        putchar('\n');
        return 0;
    }
    if (IS("byhandle", 2)) {
        struct { struct file_handle h; unsigned char more[MAX_HANDLE_SZ]; } named = {.h.handle_type = num(3)};
        named.h.handle_bytes = strlen(argv[4]) / 2;
        for (unsigned i = 0; i < named.h.handle_bytes; i++)
            sscanf(argv[4] + 2 * i, "%2hhx", &named.h.f_handle[i]);
        return result(open_by_handle_at(opened(path, O_RDONLY), &named.h, O_RDONLY) >= 0 ? 0 : -1);
    }
    if (IS("setacl", 0)) {
        /* An access control list that says rwx for owner, group and others: version, then tag, permissions, id of each. */
        static const unsigned list[] = {2, 1 | 7 << 16, -1, 4 | 7 << 16, -1, 32 | 7 << 16, -1};
        return result(lsetxattr(path, "system.posix_acl_access", list, sizeof list, 0));
    }
    if (IS("locktwice", 1)) {
        /* Whether a second open file, of a child, gets the BSD lock (0) or the POSIX lock (1) that the first holds. */
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = opened(path, O_RDWR), posix = num(3), status;
        if ((posix ? fcntl(fd, F_SETLK, &lock) : flock(fd, LOCK_EX | LOCK_NB)) < 0)
            return failed();
        if (fork() == 0) {
            int other = opened(path, O_RDWR);
            result(posix ? fcntl(other, F_SETLK, &lock) : flock(other, LOCK_EX | LOCK_NB));
            fflush(stdout);
            _exit(0);
        }
        return wait(&status) < 0;
    }
    if (IS("stream", 0)) {
        /* Reads, and writes while it does, by the same open file. */
        int fd = opened(path, O_RDWR), status;
        if (fork() == 0)
            _exit(sleep(1) == 0 && write(fd, "x", 1) == 1 ? 0 : 1);
        long count = read(fd, bytes, 1);
        return wait(&status) < 0 ? 1 : result(status == 0 ? count : -1);
    }
    if (IS("pair", 2)) {
        /* Two direct writes at the same time, by two processes that share an open file. */
        int fd = opened(path, O_RDWR), status;
        if (fork() == 0)
            _exit(pwrite(fd, argv[3], strlen(argv[3]), 0) < 0);
        long written = pwrite(fd, argv[4], strlen(argv[4]), 4096);
        return wait(&status) < 0 ? 1 : result(status == 0 ? written : -1);
    }
    if (IS("seekdir", 0))
        return listing_with_seek(path);
    if (IS("storm", 1))
        return storm(path, num(3));
    fprintf(stderr, "client: no such command with %d arguments: %s\n", argc - 3, command);
    return 2;
}
